/*
 * herd.c - many processes that do nothing, for benchmarks.
 *
 *	herd KIND COUNT [MORE]
 *
 *	clean COUNT          map real libraries, fork COUNT times
 *	stale COUNT STALE    the same; the first STALE also run a library that is replaced
 *	own COUNT            the same, each also runs a library of the working folder:
 *	                     libherd-0.so.1 to libherd-99.so.1
 *	roots COUNT          the same, each in a root of its own; needs root
 *	mappings COUNT       one process with COUNT mappings
 *	fds COUNT FDS        the same as clean, each with FDS open files
 *	churn                one process that maps and unmaps for ever, and says how often
 *	                     it did each 100 ms when it gets a byte
 *
 * Says "ready COUNT FILES" (FILES: distinct files of code in one of them), then waits for the
 * end of its input, and ends them all.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Of what a server commonly has loaded; those that are not here are left out. */
static const char *const libraries[] = {
	"libssl.so.3",       "libcrypto.so.3",      "libz.so.1",
	"liblzma.so.5",      "libzstd.so.1",        "libbz2.so.1.0",
	"libpcre2-8.so.0",   "libselinux.so.1",     "libcap.so.2",
	"libjansson.so.4",   "libgcrypt.so.20",     "libgpg-error.so.0",
	"liblz4.so.1",       "libsystemd.so.0",     "libudev.so.1",
	"libmount.so.1",     "libblkid.so.1",       "libuuid.so.1",
	"libexpat.so.1",     "libgnutls.so.30",     "libnettle.so.8",
	"libidn2.so.0",      "libcurl.so.4",        "libldap-2.5.so.0",
	"libkrb5.so.3",      "libstdc++.so.6",      "libxml2.so.2",
	"libsqlite3.so.0",   "libpam.so.0",         "libaudit.so.1",
	"libdbus-1.so.3",    "libseccomp.so.2",     "libreadline.so.8",
	"libncursesw.so.6",  "libpcap.so.0.8",      "libnetsnmp.so.40",
	"libglib-2.0.so.0",  "libgobject-2.0.so.0", "libgio-2.0.so.0",
	"libapt-pkg.so.6.0", "libdb-5.3.so",        "libelf.so.1",
	"libdw.so.1",        "libbpf.so.1",         "libboost_context.so.1.74.0",
	"libyajl.so.2",      "libprotobuf.so.32",   "libedit.so.2",
};
#define LIBRARIES (sizeof(libraries) / sizeof(libraries[0]))

/* Distinct libraries of such a herd. */
#define STALE_FILES 100

static void fail(const char *what)
{
	fprintf(stderr, "herd: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void load_libraries(void)
{
	for (size_t i = 0; i < LIBRARIES; i++)
		dlopen(libraries[i], RTLD_LAZY | RTLD_GLOBAL);
}

static long count_files(void)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[8192], last[8192] = "";
	long n = 0;

	if (!maps)
		fail("/proc/self/maps");
	while (fgets(line, sizeof(line), maps)) {
		const char *path = strchr(line, '/');

		if (path && strcmp(path, last) != 0) {
			snprintf(last, sizeof(last), "%s", path);
			n++;
		}
	}
	fclose(maps);
	return n;
}

/* A file of our own, mapped as code. */
static void map_code(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0 || ftruncate(fd, 4096) < 0 ||
	    mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0) == MAP_FAILED)
		fail(path);
	close(fd);
}

static void own_root(long nr)
{
	char dir[64];

	snprintf(dir, sizeof(dir), "root.%ld", nr);
	if ((mkdir(dir, 0700) < 0 && errno != EEXIST) || chroot(dir) < 0)
		fail("chroot");
}

static void open_files(long n)
{
	for (long i = 0; i < n; i++)
		if (open("/dev/null", O_RDONLY) < 0)
			fail("descriptors");
}

static long number(const char *s)
{
	char *end;
	long n = strtol(s, &end, 10);

	if (*s == '\0' || *end || n < 0) {
		errno = EINVAL;
		fail(s);
	}
	return n;
}

static _Noreturn void be_one(const char *kind, long nr, long more, pid_t parent)
{
	char name[64];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	if (strcmp(kind, "own") == 0 || (strcmp(kind, "stale") == 0 && nr < more)) {
		snprintf(name, sizeof(name), "libherd-%ld.so.1", nr % STALE_FILES);
		map_code(name);
	}
	if (strcmp(kind, "roots") == 0)
		own_root(nr);
	if (strcmp(kind, "fds") == 0)
		open_files(more);
	kill(getpid(), SIGSTOP); /* the parent waits for it */
	for (;;)
		pause();
}

static pid_t start_one(const char *kind, long nr, long more)
{
	pid_t parent = getpid(), pid = fork();
	int status;

	if (pid < 0)
		fail("fork");
	if (pid == 0)
		be_one(kind, nr, more, parent);
	if (waitpid(pid, &status, WUNTRACED) < 0 || !WIFSTOPPED(status))
		fail("a process of the herd");
	kill(pid, SIGCONT);
	return pid;
}

/* What comes next is not to be measured beside the last of them. */
static void end_all(const pid_t *pids, long n)
{
	for (long i = 0; i < n; i++)
		kill(pids[i], SIGKILL);
	while (wait(NULL) > 0 || errno == EINTR)
		;
}

static void map_many(long n)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	/* Every other page, so that neighbours are not made one. */
	for (long i = 0; i < n; i++)
		if (mmap(NULL, 4096, i % 2 ? PROT_READ : PROT_READ | PROT_EXEC,
			 MAP_PRIVATE, fd, 0) == MAP_FAILED)
			fail("mappings");
}

static double seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* What a scan costs who is scanned: turns done while a byte is awaited. */
static int churn(void)
{
	char byte;

	map_many(20000);
	printf("ready 1 0\n");
	fflush(stdout);
	while (read(0, &byte, 1) == 1) {
		double end = seconds() + 0.5;
		long turns = 0;

		while (seconds() < end) {
			for (int i = 0; i < 16; i++, turns++) {
				void *at = mmap(NULL, 65536, PROT_READ | PROT_WRITE,
						MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

				*(volatile char *)at = 1;
				munmap(at, 65536);
			}
		}
		printf("%ld\n", turns * 2);
		fflush(stdout);
	}
	return 0;
}

/* As a package manager does it; what is only deleted below /tmp is taken for scratch. */
static void replace_files(long n)
{
	char name[64];

	for (long i = 0; i < n && i < STALE_FILES; i++) {
		int fd = open("new", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

		snprintf(name, sizeof(name), "libherd-%ld.so.1", i);
		if (fd < 0 || close(fd) < 0 || rename("new", name) < 0)
			fail(name);
	}
}

int main(int argc, char **argv)
{
	const char *kind = argc > 1 ? argv[1] : "";
	long count = argc > 2 ? number(argv[2]) : 0;
	long more = argc > 3 ? number(argv[3]) : 0;
	pid_t *pids;
	long npids = 0;
	char byte;

	if (strcmp(kind, "churn") == 0)
		return churn();
	pids = calloc((size_t)count + 1, sizeof(*pids));
	if (!pids)
		fail("memory");
	load_libraries();
	if (strcmp(kind, "mappings") == 0)
		map_many(count);
	else
		while (npids < count) {
			pids[npids] = start_one(kind, npids, more);
			npids++;
		}
	if (strcmp(kind, "stale") == 0)
		replace_files(more);
	printf("ready %ld %ld\n", count, count_files());
	fflush(stdout);
	while (read(0, &byte, 1) > 0)
		;
	end_all(pids, npids);
	free(pids);
	return 0;
}
