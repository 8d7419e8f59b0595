/*
 * helper_fuse.c - a file system that goes dead: a real FUSE server that stops answering.
 *
 *	helper_fuse DIR
 *
 * Mounts a file system with one file, "lib.so", says "ready PID", and answers until that
 * file has been removed.  From then on it takes requests and answers none, so that who
 * looks a name up waits in the kernel, where not even SIGKILL ends it.  When the helper
 * ends, the kernel fails all that wait; the mount stays, for who started it to undo.
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

#define FILE_NAME "lib.so"
#define FILE_NODE 2
#define FILE_SIZE 8192
/* The kernel demands room for a whole write request. */
#define REQUEST_MAX (1 << 17)

static int device;
static bool is_silent;

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
	struct fuse_attr attr = {
		.ino = node,
		.mode = node == FILE_NODE ? S_IFREG | 0755 : S_IFDIR | 0755,
		.nlink = 1,
		.size = node == FILE_NODE ? FILE_SIZE : 0,
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
	struct fuse_open_out out = {0};

	answer(in, 0, &out, sizeof(out));
}

static void answer_read(const struct fuse_in_header *in,
			const struct fuse_read_in *read_in)
{
	static char zeroes[FILE_SIZE];
	size_t len = read_in->offset < FILE_SIZE ? FILE_SIZE - read_in->offset : 0;

	answer(in, 0, zeroes, len < read_in->size ? len : read_in->size);
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

int main(int argc, char **argv)
{
	static char request[REQUEST_MAX] __attribute__((aligned(8)));
	char options[80];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	device = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	/* Other users wait, too, rather than be refused. */
	snprintf(options, sizeof(options),
		 "fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other", device);
	if (argc != 2 || device < 0 ||
	    mount("helper", argv[1], "fuse", MS_NOSUID | MS_NODEV, options) < 0) {
		say("fail mount: ", errno);
		return 1;
	}
	for (;;) {
		ssize_t n = read(device, request, sizeof(request));

		if (n < 0 && errno != EINTR && errno != ENOENT)
			return errno != ENODEV; /* ENODEV: unmounted */
		if (n >= (ssize_t)sizeof(struct fuse_in_header) && !is_silent)
			serve((const struct fuse_in_header *)(const void *)request,
			      request + sizeof(struct fuse_in_header));
	}
}
