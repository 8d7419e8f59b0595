/*
 * helper_hostile.c - processes as large as a user may make them, or with a root as odd.
 *
 *	helper_hostile argv FILE DEAD      arguments and an environment of 2 MiB each,
 *	                                   of every byte; FILE is mapped executable, and
 *	                                   DEAD, if not "", over the first whole page of
 *	                                   the arguments
 *	helper_hostile maps DIR STALE N    N mappings, or as many as there may be, that
 *	                                   are executable and not by turns: of STALE
 *	                                   files in DIR that are removed, then of "live"
 *	helper_hostile fds DIR STALE       all descriptors that there may be: "live" in
 *	                                   DIR, and on the last STALE of them files that
 *	                                   are removed
 *	helper_hostile own-root PROGRAM [WORD]...
 *	                                   goes on as PROGRAM, in a mount namespace of its
 *	                                   own and with the root that it had before
 *
 * Says "ready PID" or "fail WHAT: ERRNO"; ends with its standard input or its parent.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

/* linux/binfmts.h: MAX_ARG_STRLEN, the NUL included. */
#define STRING_SIZE  (128U << 10)
#define STRINGS      16 /* 2 MiB */
#define STACK_WANTED ((rlim_t)32 << 20)
/* Who may have a million of them is content with fewer. */
#define FDS_MAX 65536

static int say(const char *word, const char *what, long number)
{
	char line[128];
	int n = snprintf(line, sizeof(line), "%s %s%ld\n", word, what, number);

	return write(STDOUT_FILENO, line, (size_t)n) != n;
}

static int fail(const char *what)
{
	say("fail", what, errno);
	return 1;
}

static int wait_for_end(void)
{
	char c;

	say("ready", "", getpid());
	while (read(STDIN_FILENO, &c, 1) > 0)
		;
	return 0;
}

static bool map_file(const char *path, int prot)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	const void *at = mmap(NULL, 4096, prot, MAP_PRIVATE, fd, 0);
	int err = errno;

	close(fd);
	errno = err;
	return at != MAP_FAILED;
}

/* Every byte but NUL, again and again. */
static char *hostile_string(size_t seed)
{
	char *string = malloc(STRING_SIZE);

	for (size_t i = 0; string && i < STRING_SIZE - 1; i++)
		string[i] = (char)(1 + (i + 16 * seed) % 255);
	if (string)
		string[STRING_SIZE - 1] = '\0';
	return string;
}

static int exec_with_strings(char *file, char *dead)
{
	struct rlimit limit;
	char self[] = "/proc/self/exe", word[] = "hold";
	char *argv[STRINGS + 4] = {hostile_string(0), word, file, dead};
	char *env[STRINGS + 1] = {NULL};

	/* A quarter of the stack is what all strings together may take. */
	getrlimit(RLIMIT_STACK, &limit);
	limit.rlim_cur = STACK_WANTED;
	if (limit.rlim_max < STACK_WANTED || setrlimit(RLIMIT_STACK, &limit) < 0) {
		errno = EPERM;
		return fail("stack: ");
	}
	/* The name of the program is the first of its strings. */
	for (size_t i = 0; i < STRINGS; i++) {
		if (i > 0)
			argv[3 + i] = hostile_string(i);
		env[i] = hostile_string(i + 1);
	}
	execve(self, argv, env);
	return fail("exec: ");
}

/* Who asks for the arguments has to wait for the file system of DEAD. */
static bool cover_arguments(char *start, const char *dead)
{
	char *page = start + (-(uintptr_t)start & 4095);
	int fd = open(dead, O_RDONLY | O_CLOEXEC);
	const void *at = mmap(page, 4096, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd, 0);

	close(fd);
	return at == page;
}

static int hold(char **argv)
{
	if (!map_file(argv[2], PROT_READ | PROT_EXEC))
		return fail("map: ");
	if (*argv[3] && !cover_arguments(argv[0], argv[3]))
		return fail("cover: ");
	return wait_for_end();
}

/* Makes a file of one page and opens it; removed at once. */
static int open_removed(unsigned nr)
{
	char name[16];
	int fd;

	snprintf(name, sizeof(name), "s%u", nr);
	fd = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
	if (fd >= 0 && (ftruncate(fd, 4096) < 0 || unlink(name) < 0))
		return -1;
	return fd;
}

static int maps(const char *dir, long stale, long n)
{
	static const int prots[] = {PROT_READ | PROT_EXEC, PROT_READ};
	int live;

	if (chdir(dir) < 0)
		return fail("cd: ");
	for (long i = 0; i < stale; i++) {
		int fd = open_removed((unsigned)i);

		for (int k = 0; k < 2; k++)
			if (mmap(NULL, 4096, prots[k], MAP_PRIVATE, fd, 0) == MAP_FAILED)
				return fail("map: ");
		close(fd);
	}
	live = open("live", O_RDONLY | O_CLOEXEC);
	for (long i = 2 * stale; i < n; i++)
		if (mmap(NULL, 4096, prots[i % 2], MAP_PRIVATE, live, 0) == MAP_FAILED) {
			if (errno != ENOMEM || i == 2 * stale)
				return fail("map: ");
			break;
		}
	close(live);
	return wait_for_end();
}

static int fds(const char *dir, int stale)
{
	struct rlimit limit;
	int last, fd;

	if (chdir(dir) < 0 || getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return fail("fds: ");
	limit.rlim_cur = limit.rlim_max < FDS_MAX ? limit.rlim_max : FDS_MAX;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		return fail("limit: ");
	last = open("live", O_RDONLY | O_CLOEXEC);
	while ((fd = open("live", O_RDONLY | O_CLOEXEC)) >= 0)
		last = fd;
	if (errno != EMFILE || last <= stale)
		return fail("open: ");
	for (fd = last; fd > last - stale; fd--)
		close(fd);
	for (fd = last - stale + 1; fd <= last; fd++)
		if (open_removed((unsigned)fd) != fd)
			return fail("open: ");
	return wait_for_end();
}

/* The namespace is left by a descriptor of its old root. */
static int own_root(char **argv)
{
	int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (unshare(CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 || fchdir(root) < 0 ||
	    chroot(".") < 0)
		return fail("own-root: ");
	execv(argv[0], argv);
	return fail("exec: ");
}

static bool is_mode(const char *mode, int argc, int want_argc, char **argv)
{
	return argc == want_argc && strcmp(argv[1], mode) == 0;
}

int main(int argc, char **argv)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (is_mode("argv", argc, 4, argv))
		return exec_with_strings(argv[2], argv[3]);
	if (is_mode("hold", argc, STRINGS + 3, argv))
		return hold(argv);
	if (is_mode("maps", argc, 5, argv))
		return maps(argv[2], strtol(argv[3], NULL, 10),
			    strtol(argv[4], NULL, 10));
	if (is_mode("fds", argc, 4, argv))
		return fds(argv[2], (int)strtol(argv[3], NULL, 10));
	if (argc > 2 && is_mode("own-root", argc, argc, argv))
		return own_root(argv + 2);
	return 2;
}
