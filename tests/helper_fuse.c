/*
 * helper_fuse.c - a file system that goes dead: a real FUSE server that stops answering.
 *
 *	helper_fuse DIR [FILE [NUMBER-FILE]]
 *
 * Mounts a file system with one file, "lib.so", of zeroes or of what is in FILE, says
 * "ready PID", and answers until that file has been removed.  From then on it takes
 * requests and answers none, so that who looks a name up waits in the kernel, where not
 * even SIGKILL ends it; or fails each with the errno that NUMBER-FILE has just then.  When
 * the helper ends, the kernel fails all that wait; the mount stays, for who started it to
 * undo.
 *
 * With $FUSE_USER it is mounted as fusermount(1) mounts for that user: all others, root
 * as well, are refused.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define FILE_NAME    "lib.so"
#define FILE_NODE    2
#define LINK_NODE    3
#define FILE_SIZE    8192
#define OPEN_NOFLUSH (1 << 5) /* linux/fuse.h since Linux 5.16: FOPEN_NOFLUSH */
/* The kernel demands room for a whole write request. */
#define REQUEST_MAX (1 << 17)

static int device;
static int file = -1; /* what is served; -1: zeroes */
static uint64_t file_size = FILE_SIZE;
static bool is_silent;
static int number_file = -1; /* what it fails with; -1: silence */

static void say(const char *text, long number)
{
	char line[64];
	int n = snprintf(line, sizeof(line), "%s%ld\n", text, number);

	if (write(STDOUT_FILENO, line, (size_t)n) != n)
		_exit(1);
}

static void answer(const struct fuse_in_header *in, int error, void *body, size_t len)
{
	struct fuse_out_header out = {
		.len = (uint32_t)(sizeof(out) + (error ? 0 : len)),
		.error = -error,
		.unique = in->unique,
	};
	struct iovec parts[] = {{&out, sizeof(out)}, {body, error ? 0 : len}};

	if (writev(device, parts, 2) < 0 && errno != ENOENT) /* interrupted meanwhile */
		_exit(1);
}

static struct fuse_attr attributes(uint64_t node)
{
	static const uint32_t modes[] = {0, S_IFDIR | 0755, S_IFREG | 0755,
					 S_IFLNK | 0777};
	struct fuse_attr attr = {
		.ino = node,
		.mode = modes[node <= LINK_NODE ? node : 0],
		.nlink = 1,
		.size = node == FILE_NODE ? file_size : 0,
		.blksize = 4096,
	};

	return attr;
}

static void answer_init(const struct fuse_in_header *in)
{
	struct fuse_init_out out = {
		.major = FUSE_KERNEL_VERSION,
		.minor = FUSE_KERNEL_MINOR_VERSION,
		.max_write = 4096,
	};

	answer(in, 0, &out, sizeof(out));
	say("ready ", getpid());
}

static void answer_lookup(const struct fuse_in_header *in, const char *name)
{
	struct fuse_entry_out out = {.nodeid = FILE_NODE, .attr = attributes(FILE_NODE)};

	answer(in, strcmp(name, FILE_NAME) == 0 ? 0 : ENOENT, &out, sizeof(out));
}

static void answer_getattr(const struct fuse_in_header *in)
{
	struct fuse_attr_out out = {.attr = attributes(in->nodeid)};

	answer(in, 0, &out, sizeof(out));
}

static void answer_open(const struct fuse_in_header *in)
{
	/* Who is killed must not have to wait while he closes it. */
	struct fuse_open_out out = {.open_flags = OPEN_NOFLUSH};

	answer(in, 0, &out, sizeof(out));
}

static void answer_read(const struct fuse_in_header *in,
			const struct fuse_read_in *read_in)
{
	static char bytes[REQUEST_MAX];
	size_t len = read_in->size < sizeof(bytes) ? read_in->size : sizeof(bytes);
	ssize_t n = 0;

	if (file >= 0)
		n = pread(file, bytes, len, (off_t)read_in->offset);
	else if (read_in->offset < FILE_SIZE)
		n = (ssize_t)(FILE_SIZE - read_in->offset);
	answer(in, n < 0 ? EIO : 0, bytes, (size_t)n < len ? (size_t)n : len);
}

static void serve(const struct fuse_in_header *in, const void *body)
{
	switch (in->opcode) {
	case FUSE_INIT:
		answer_init(in);
		break;
	case FUSE_LOOKUP:
		answer_lookup(in, body);
		break;
	case FUSE_GETATTR:
		answer_getattr(in);
		break;
	case FUSE_OPEN:
		answer_open(in);
		break;
	case FUSE_READ:
		answer_read(in, body);
		break;
	case FUSE_FLUSH:
	case FUSE_RELEASE:
	case FUSE_ACCESS:
		answer(in, 0, NULL, 0);
		break;
	case FUSE_UNLINK:
		answer(in, 0, NULL, 0);
		is_silent = true;
		break;
	case FUSE_FORGET: /* have no answer */
	case FUSE_BATCH_FORGET:
	case FUSE_INTERRUPT:
		break;
	default:
		answer(in, ENOSYS, NULL, 0);
	}
}

/* Returns whether that was the answer. */
static bool answer_with_link(const struct fuse_in_header *in, char *target)
{
	static unsigned lookups;
	struct fuse_entry_out out = {.nodeid = LINK_NODE, .attr = attributes(LINK_NODE)};

	if (in->opcode == FUSE_READLINK)
		answer(in, 0, target, strlen(target));
	else if (in->opcode == FUSE_LOOKUP && lookups++ % 2)
		answer(in, 0, &out, sizeof(out));
	else
		return false;
	return true;
}

/* FORGET and INTERRUPT want no answer. */
static void fail(const struct fuse_in_header *in)
{
	char text[512] = "", *rest;
	int error;

	if (in->opcode == FUSE_FORGET || in->opcode == FUSE_BATCH_FORGET ||
	    in->opcode == FUSE_INTERRUPT)
		return;
	if (pread(number_file, text, sizeof(text) - 1, 0) <= 0)
		_exit(1);
	error = (int)strtol(text, &rest, 10);
	rest += strspn(rest, " ");
	if (!*rest || !answer_with_link(in, rest))
		answer(in, error, NULL, 0);
}

static void take(const struct fuse_in_header *in, const void *body)
{
	if (!is_silent)
		serve(in, body);
	else if (number_file >= 0)
		fail(in);
}

static bool open_file(const char *path)
{
	struct stat st;

	file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0 || fstat(file, &st) < 0)
		return false;
	file_size = (uint64_t)st.st_size;
	return true;
}

int main(int argc, char **argv)
{
	static char request[REQUEST_MAX] __attribute__((aligned(8)));
	const char *user = getenv("FUSE_USER");
	char options[80];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	device = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	/* Other users wait, too, rather than be refused. */
	snprintf(options, sizeof(options),
		 "fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other", device);
	if (user)
		snprintf(options, sizeof(options),
			 "fd=%d,rootmode=40000,user_id=%.10s,group_id=%.10s", device,
			 user, user);
	if (argc > 3)
		number_file = open(argv[3], O_RDONLY | O_CLOEXEC);
	if (argc < 2 || argc > 4 || device < 0 || (argc > 2 && !open_file(argv[2])) ||
	    mount("helper", argv[1], "fuse", MS_NOSUID | MS_NODEV, options) < 0) {
		say("fail mount: ", errno);
		return 1;
	}
	for (;;) {
		ssize_t n = read(device, request, sizeof(request));

		if (n < 0 && errno != EINTR && errno != ENOENT)
			return errno != ENODEV; /* ENODEV: unmounted */
		if (n >= (ssize_t)sizeof(struct fuse_in_header))
			take((const struct fuse_in_header *)(const void *)request,
			     request + sizeof(struct fuse_in_header));
	}
}
