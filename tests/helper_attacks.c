/*
 * helper_attacks.c - processes of a local user who wants to mislead a scan.
 *
 *	helper_attacks UID short DIR N  maps N files, then deletes them
 *	helper_attacks UID long DIR N   the same with the longest paths
 *	helper_attacks UID slow DIR N   maps N files that take as long to look up as any can
 *	helper_attacks UID many FILE N  maps FILE N times
 *	helper_attacks UID swap A B     maps A and its own B, one in the place of the other
 *	helper_attacks UID names OVER DIR NAME...
 *	                                maps files of DIR under the names of those of OVER,
 *	                                in mounts of its own, and deletes those whose name
 *	                                begins with "gone"; then its root is that of the host
 *
 * Becomes the user first.  Says "ready PID" or "fail WHAT: ERRNO" and goes on until it is
 * killed; it dies with its parent.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
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
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096
/* Bytes of a path that leave room for the mark. */
#define PATH_LEN 4040
#define NAME_LEN 250
/* Births of files and starts of processes are told apart after as much. */
#define TICKS_NS 50000000

static void say(const char *word, const char *what, long number)
{
	char line[128];
	int n = snprintf(line, sizeof(line), "%s %s%ld\n", word, what, number);

	if (write(STDOUT_FILENO, line, (size_t)n) != n)
		_exit(1);
}

static int fail(const char *what)
{
	say("fail", what, errno);
	return 1;
}

static void __attribute__((noreturn)) stay(void)
{
	say("ready", "", getpid());
	for (;;)
		pause();
}

static bool become(uid_t uid)
{
	if (setgroups(0, NULL) < 0 || setresgid(uid, uid, uid) < 0 ||
	    setresuid(uid, uid, uid) < 0)
		return false;
	/* Both are lost with the old user. */
	return prctl(PR_SET_DUMPABLE, 1) == 0 && prctl(PR_SET_PDEATHSIG, SIGKILL) == 0;
}

static void *map(int fd)
{
	return mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
}

/* Goes down into folders of name_len bytes each until the path is of len bytes. */
static bool go_deep(const char *dir, size_t name_len, size_t len)
{
	char name[NAME_LEN + 1];
	size_t at = strlen(dir);

	memset(name, 'd', name_len);
	name[name_len] = '\0';
	if (chdir(dir) < 0)
		return false;
	for (; at + 1 + name_len <= len; at += 1 + name_len)
		if (mkdir(name, 0755) < 0 || chdir(name) < 0)
			return false;
	return true;
}

/* In the current folder. */
static bool map_new_file(const char *name, bool is_deleted)
{
	int fd = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0755);

	if (fd < 0 || ftruncate(fd, PAGE) < 0 || map(fd) == MAP_FAILED)
		return false;
	close(fd);
	return !is_deleted || unlink(name) == 0;
}

/* In the folder it is in. */
static int hold_deleted(long n)
{
	for (long i = 0; i < n; i++) {
		char name[NAME_LEN + 1];

		snprintf(name, sizeof(name), "%0*ld.so", NAME_LEN - 3, i);
		if (!map_new_file(name, true))
			return fail("map: ");
	}
	stay();
}

static int hold_short(char **arg)
{
	return chdir(arg[0]) < 0 ? fail("chdir: ")
				 : hold_deleted(strtol(arg[1], NULL, 10));
}

static int hold_long(char **arg)
{
	if (!go_deep(arg[0], NAME_LEN, PATH_LEN - NAME_LEN))
		return fail("mkdir: ");
	return hold_deleted(strtol(arg[1], NULL, 10));
}

/* "l0.so.....": each beginning that ends before a '.' may be a SONAME, which is
 * looked up. */
static int hold_slow(char **arg)
{
	const long n = strtol(arg[1], NULL, 10);

	if (!go_deep(arg[0], 1, PATH_LEN - NAME_LEN))
		return fail("mkdir: ");
	for (long i = 0; i < n; i++) {
		char name[NAME_LEN + 1];
		int len = snprintf(name, sizeof(name), "l%ld.so", i);

		while (len < NAME_LEN)
			name[len++] = '.';
		name[len] = '\0';
		if (!map_new_file(name, false))
			return fail("map: ");
	}
	stay();
}

static int hold_many(char **arg)
{
	const int fd = open(arg[0], O_RDONLY | O_CLOEXEC);

	for (long n = strtol(arg[1], NULL, 10); n > 0; n--)
		if (fd < 0 || map(fd) == MAP_FAILED)
			return fail("map: ");
	stay();
}

static int swap(char **arg)
{
	const struct timespec ticks = {.tv_nsec = TICKS_NS};
	int a = open(arg[0], O_RDONLY | O_CLOEXEC), b;
	void *at;

	nanosleep(&ticks, NULL);
	b = open(arg[1], O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
	if (a < 0 || b < 0 || ftruncate(b, PAGE) < 0 || unlink(arg[1]) < 0)
		return fail("open: ");
	at = map(a);
	if (at == MAP_FAILED)
		return fail("map: ");
	say("ready", "", getpid());
	for (int fd = b;; fd = a + b - fd)
		if (mmap(at, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED, fd,
			 0) != at)
			return 1;
}

static bool write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : write(fd, text, strlen(text));

	if (fd >= 0)
		close(fd);
	return n > 0;
}

/* Mounts, and a root, of somebody who may not have them in ours. */
static bool own_namespaces(void)
{
	char text[64];

	snprintf(text, sizeof(text), "0 %u 1", getuid());
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0 ||
	    prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return false;
	return write_text("/proc/self/uid_map", text);
}

static int hold_names(char **arg)
{
	int host = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (host < 0 || !own_namespaces())
		return fail("unshare: ");
	if (mount(arg[1], arg[0], NULL, MS_BIND, NULL) < 0 || chdir(arg[0]) < 0)
		return fail("mount: ");
	for (char **name = arg + 2; *name; name++) {
		int fd = open(*name, O_RDONLY | O_CLOEXEC);

		if (fd < 0 || map(fd) == MAP_FAILED)
			return fail("map: ");
		if (strncmp(*name, "gone", 4) == 0 && unlink(*name) < 0)
			return fail("unlink: ");
	}
	if (fchdir(host) < 0 || chroot(".") < 0)
		return fail("chroot: ");
	stay();
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int nargs;
		int (*run)(char **arg);
	} modes[] = {{"short", 2, hold_short}, {"long", 2, hold_long},
		     {"slow", 2, hold_slow},   {"many", 2, hold_many},
		     {"swap", 2, swap},        {"names", 3, hold_names}};

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (argc < 3)
		return 2;
	if (!become((uid_t)strtoul(argv[1], NULL, 10)))
		return fail("become: ");
	for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++)
		if (strcmp(argv[2], modes[i].name) == 0 && argc >= 3 + modes[i].nargs)
			return modes[i].run(argv + 3);
	return 2;
}
