/*
 * mapread.c - the two readers of mappings.
 *
 * Judges no name and keeps nothing: every mapping goes to a callback at once.
 */
#include "mapread.h"

#include <limits.h>
#include <linux/types.h>
#include <string.h>
#include <sys/ioctl.h>

#include "maps.h"
#include "util.h"

/* Own copy of include/uapi/linux/fs.h of Linux 6.11: headers are older than kernels. */
struct procmap_query {
	__u64 size;
	__u64 query_flags;
	__u64 query_addr;
	__u64 vma_start;
	__u64 vma_end;
	__u64 vma_flags;
	__u64 vma_page_size;
	__u64 vma_offset;
	__u64 inode;
	__u32 dev_major;
	__u32 dev_minor;
	__u32 vma_name_size; /* in: room, out: bytes with the NUL */
	__u32 build_id_size; /* in: room, out: bytes */
	__u64 vma_name_addr;
	__u64 build_id_addr;
};
#define QUERY_PROCMAP          _IOWR('f', 17, struct procmap_query)
#define QUERY_EXECUTABLE       0x04
#define QUERY_COVERING_OR_NEXT 0x10
#define QUERY_FILE_BACKED      0x20

/* A read of maps gives no more than a page: seq_read_iter() in the kernel's
 * fs/seq_file.c.  A name of PATH_MAX has room beside it. */
#define TEXT_SIZE (16U << 10)
/* A longer line is no path that anything could have created within reason. */
#define TEXT_SIZE_MAX (4U << 20)

void mapreader_init(struct mapreader *reader, bool want_data)
{
	*reader = (struct mapreader){.want_data = want_data};
}

void mapreader_release(struct mapreader *reader)
{
	free(reader->buf);
	reader->buf = NULL;
	reader->size = 0;
}

static int reserve(struct mapreader *reader, size_t size)
{
	char *bigger;

	if (reader->size >= size)
		return 0;
	bigger = realloc(reader->buf, size);
	if (!bigger)
		return -ENOMEM;
	reader->buf = bigger;
	reader->size = size;
	return 0;
}

static int query_error(int err)
{
	switch (err) {
	case ENOTTY:       /* no such ioctl */
	case EINVAL:       /* a flag that this kernel does not know */
	case EPERM:        /* a sandbox */
	case ENAMETOOLONG: /* the name does not fit into PATH_MAX */
		return -EOPNOTSUPP;
	}
	return -err;
}

/* Asks for the mapping at or after q->query_addr.  Returns 0, or -ENOENT after the last. */
static int query_next(int mapsfd, struct procmap_query *q)
{
	q->vma_name_size = PATH_MAX;
	while (ioctl(mapsfd, QUERY_PROCMAP, q) < 0)
		if (errno != EINTR)
			return errno == ENOENT ? -ENOENT : query_error(errno);
	q->query_addr = q->vma_end;
	return 0;
}

/* "[vdso]", "[anon_shmem:x]" and nameless memory are no files. */
static int hand_on(const struct mapping *m, mapread_fn fn, void *arg)
{
	return m->name.len && m->name.s[0] != '[' ? fn(arg, m) : 0;
}

int mapread_query(struct mapreader *reader, int mapsfd, mapread_fn fn, void *arg)
{
	int rc = reserve(reader, PATH_MAX);
	struct procmap_query q = {
		.size = sizeof(q),
		.query_flags = (reader->want_data ? 0 : QUERY_EXECUTABLE) |
			       QUERY_FILE_BACKED | QUERY_COVERING_OR_NEXT,
		.vma_name_addr = (uintptr_t)reader->buf,
	};

	if (rc < 0)
		return rc;
	while ((rc = query_next(mapsfd, &q)) == 0) {
		const struct mapping m = {
			.start = q.vma_start,
			.end = q.vma_end,
			.device = (uint64_t)q.dev_major << 32 | q.dev_minor,
			.inode = q.inode,
			.name = {reader->buf, q.vma_name_size ? q.vma_name_size - 1 : 0},
			.is_executable = q.vma_flags & QUERY_EXECUTABLE,
		};

		rc = hand_on(&m, fn, arg);
		if (rc < 0)
			return rc;
	}
	return rc == -ENOENT ? 0 : rc;
}

/* Where the mappings of a text go. */
struct sink {
	mapread_fn fn;
	void *arg;
	bool want_data;
};

/* "7f2a-7f2b r--p ...": four lines of five are done with here, before any number is
 * read. */
static bool is_not_executable(const char *line, size_t len)
{
	const char *blank = memchr(line, ' ', len);

	return blank && line + len - blank > 3 && blank[3] == '-';
}

/* Hands the mapping of one line on, if it is one of a file that is wanted. */
static int text_line(const struct sink *sink, const char *line, size_t len)
{
	struct maps_line parsed;
	struct mapping m;
	int rc;

	if (!sink->want_data && is_not_executable(line, len))
		return 0;
	rc = maps_line_parse(line, len, &parsed);
	if (rc < 0)
		return rc;
	m = (struct mapping){
		.start = parsed.start,
		.end = parsed.end,
		.device = parsed.device,
		.inode = parsed.inode,
		.name = {parsed.path, parsed.path_len},
		.is_executable = parsed.executable,
		.is_escaped = true,
	};
	return hand_on(&m, sink->fn, sink->arg);
}

/* Takes all whole lines of buf.  Returns how many bytes they have, or -errno. */
static ssize_t text_lines(const struct sink *sink, const char *buf, size_t len)
{
	const char *line = buf;
	const char *end = buf + len;
	const char *newline;

	while ((newline = memchr(line, '\n', (size_t)(end - line)))) {
		int rc = text_line(sink, line, (size_t)(newline - line));

		if (rc < 0)
			return rc;
		line = newline + 1;
	}
	return line - buf;
}

/* Reads more text behind the have bytes in the buffer.  Returns bytes, or -errno. */
static ssize_t text_fill(struct mapreader *reader, int mapsfd, size_t have)
{
	ssize_t n;

	if (have == reader->size) {
		int rc = have < TEXT_SIZE_MAX ? reserve(reader, have * 2) : -E2BIG;

		if (rc < 0)
			return rc;
	}
	do
		n = read(mapsfd, reader->buf + have, reader->size - have);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

int mapread_text(struct mapreader *reader, int mapsfd, mapread_fn fn, void *arg)
{
	const struct sink sink = {fn, arg, reader->want_data};
	size_t have = 0;
	ssize_t n = reserve(reader, TEXT_SIZE);

	while (n >= 0) {
		ssize_t done;

		n = text_fill(reader, mapsfd, have);
		if (n <= 0)
			break;
		have += (size_t)n;
		done = text_lines(&sink, reader->buf, have);
		if (done < 0)
			return (int)done;
		have -= (size_t)done;
		memmove(reader->buf, reader->buf + done, have);
	}
	if (n == 0 && have)
		return -EINVAL; /* a captured file that was cut */
	return (int)n;
}

int mapread_build_id(int mapsfd, uint64_t start, uint8_t *build_id, size_t size)
{
	struct procmap_query q = {
		.size = sizeof(q),
		.query_addr = start,
		.build_id_size = (uint32_t)size,
		.build_id_addr = (uintptr_t)build_id,
	};

	while (ioctl(mapsfd, QUERY_PROCMAP, &q) < 0)
		if (errno != EINTR)
			return -errno;
	return (int)q.build_id_size;
}
