/*
 * helper_renames.c - files that change their names as fast as they can.
 *
 *	helper_renames DIR
 *
 * In DIR are "lib.so", "spare.so", "one.so", "two.so", "libz.so.1" and "libz.so.1.old".  Again
 * and again
 *
 *	lib.so is replaced by spare.so and comes back, as when dpkg rolls an upgrade back
 *	lib.so is removed and comes back, its other name kept
 *	one.so and two.so are exchanged, and so are libz.so.1 and libz.so.1.old
 *
 * so that every file has a name all the time.  Says "ready PID" after the first round, or
 * "fail WHAT: ERRNO", and goes on until it is killed; it dies with its parent.  What is
 * mapped from "rounds" begins with a counter of 64 bits.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

static int fail(const char *what)
{
	printf("fail %s: %d\n", what, errno);
	fflush(stdout);
	return 1;
}

static int exchange(const char *a, const char *b)
{
	return renameat2(AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE);
}

/* What dpkg does: the old file keeps a name until all is well. */
static int roll_back(void)
{
	if (link("lib.so", "lib.so.dpkg-tmp") < 0 ||
	    link("spare.so", "lib.so.dpkg-new") < 0 ||
	    rename("lib.so.dpkg-new", "lib.so") < 0)
		return -1;
	return rename("lib.so.dpkg-tmp", "lib.so");
}

static int remove_and_restore(void)
{
	if (link("lib.so", "lib.so.dpkg-tmp") < 0 || unlink("lib.so") < 0)
		return -1;
	return rename("lib.so.dpkg-tmp", "lib.so");
}

int main(int argc, char **argv)
{
	_Atomic uint64_t *rounds;
	int fd;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (argc != 2 || chdir(argv[1]) < 0)
		return fail("cd");
	fd = open("rounds", O_RDWR | O_CLOEXEC);
	rounds = mmap(NULL, sizeof(*rounds), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (rounds == MAP_FAILED)
		return fail("map");
	for (;;) {
		if (roll_back() < 0 || remove_and_restore() < 0)
			return fail("rename");
		if (exchange("one.so", "two.so") < 0 ||
		    exchange("libz.so.1", "libz.so.1.old") < 0)
			return fail("exchange");
		if (atomic_fetch_add(rounds, 1) == 0) {
			printf("ready %d\n", getpid());
			fflush(stdout);
		}
	}
}
