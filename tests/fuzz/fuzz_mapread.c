/*
 * fuzz_mapread.c - whole files of /proc/PID/maps through the reader, in pieces as a pipe
 * gives them: it hands on what the parser makes of each line, in order, and stops where
 * the parser does.
 *
 * Code: scan/mapread.c scan/maps.c
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "fuzztext.h"
#include "scan/mapread.h"
#include "scan/maps.h"

#define PIECES ((size_t)15) /* a pipe has room for 16 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct wanted {
	const char *at; /* the rest of the text */
	const char *end;
	bool want_data;
};

/* The next line with a mapping of a file; false: there is none, or it is bad. */
static bool next_line(struct wanted *w, struct maps_line *ret)
{
	const char *newline;

	while ((newline = memchr(w->at, '\n', (size_t)(w->end - w->at)))) {
		const char *line = w->at, *perms;
		size_t len = (size_t)(newline - line);

		perms = memchr(line, ' ', len);
		if (w->want_data || !perms || newline - perms <= 3 || perms[3] != '-') {
			if (maps_line_parse(line, len, ret) < 0)
				return false;
			w->at = newline + 1;
			if (ret->path && *ret->path != '[')
				return true;
		}
		w->at = newline + 1;
	}
	return false;
}

static int take(void *arg, const struct mapping *m)
{
	struct maps_line line;

	ensure(next_line(arg, &line));
	ensure(m->start == line.start && m->end == line.end && m->device == line.device &&
	       m->inode == line.inode && m->is_executable == line.executable &&
	       m->is_escaped);
	ensure(m->name.len == line.path_len &&
	       memcmp(m->name.s, line.path, line.path_len) == 0);
	return 0;
}

static void check(struct mapreader *reader, int fd, const char *text, size_t size)
{
	struct wanted wanted = {text, text + size, reader->want_data};
	struct maps_line line;
	int rc = mapread_text(reader, fd, take, &wanted);

	ensure(!next_line(&wanted, &line));
	ensure(rc == 0 || rc == -EINVAL || rc == -ERANGE);
	/* All of it was read, up to the last newline there is. */
	ensure((rc == 0) == (wanted.at == wanted.end));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzztext_copy(data, size);
	struct mapreader reader;
	int ends[2];

	/* What fits into a pipe; a read gives what one write was. */
	if (!text || size > PIECES * 4096 || pipe2(ends, O_DIRECT | O_CLOEXEC) < 0) {
		free(text);
		return 0;
	}
	for (size_t at = 0, len; at < size; at += len) {
		len = size / PIECES + 1;
		len = len < size - at ? len : size - at;
		ensure(write(ends[1], text + at, len) == (ssize_t)len);
	}
	close(ends[1]);
	mapreader_init(&reader, size & 1);
	check(&reader, ends[0], text, size);
	mapreader_release(&reader);
	close(ends[0]);
	free(text);
	return 0;
}
