/*
 * livechild.c - see livechild.h.
 */
#include "livechild.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/test.h"

/* Exit codes of the child: differences up to here, errno values above. */
#define MAX_DIFFERENCES 100

static int keep_capability(unsigned nr)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {0};

	data[0].permitted = data[0].effective = data[0].inheritable = 1U << nr;
	if (syscall(SYS_capset, &head, data) < 0)
		return -errno;
	return prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, nr, 0, 0) < 0 ? -errno : 0;
}

static int become(enum livechild_user user, size_t ngroups, const gid_t *groups)
{
	const uid_t id = LIVECHILD_NOBODY;
	int r = 0;

	if (user == LIVECHILD_SAME)
		return 0;
	if (prctl(PR_SET_KEEPCAPS, user == LIVECHILD_PTRACE) < 0 ||
	    setgroups(ngroups, groups) < 0 || setresgid(id, id, id) < 0 ||
	    setresuid(id, id, id) < 0)
		return -errno;
	if (user == LIVECHILD_PTRACE)
		r = keep_capability(CAP_SYS_PTRACE);
	/* Or our own /proc would be root's. */
	if (r == 0 && prctl(PR_SET_DUMPABLE, 1) < 0)
		r = -errno;
	return r;
}

int livechild_become(enum livechild_user user)
{
	return become(user, 0, NULL);
}

int livechild_join(enum livechild_user user, gid_t group)
{
	return become(user, 1, &group);
}

int livechild_own_mounts(void)
{
	if (unshare(CLONE_NEWNS) < 0)
		return -errno;
	return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ? -errno : 0;
}

static int run(struct live *live, enum livechild_user user, int (*f)(struct live *live))
{
	int r = livechild_become(user);

	if (r == 0)
		r = f(live);
	fflush(stdout);
	if (r < 0)
		return MAX_DIFFERENCES - r;
	return r < MAX_DIFFERENCES ? r : MAX_DIFFERENCES;
}

void livechild_assert(struct live *live, enum livechild_user user,
		      int (*f)(struct live *live))
{
	int status;
	pid_t pid;

	live_need_root(live);
	fflush(stdout);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(run(live, user, f));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) > MAX_DIFFERENCES)
		live_skip(live, strerror(WEXITSTATUS(status) - MAX_DIFFERENCES));
	assert_int_equal(WEXITSTATUS(status), 0);
}
