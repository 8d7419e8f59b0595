/*
 * privilege.c - what this process may do, and the end of it.
 */
#include "privilege.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#ifndef CAP_CHECKPOINT_RESTORE /* Linux 5.9 */
#define CAP_CHECKPOINT_RESTORE 40
#endif

#define PROGRAM "/proc/self/exe"
#define BOUND   16U /* a duty of ours alone: to empty the bounding set */

#define NOTHING (-1)

static const struct {
	cap_value_t cap;
	unsigned duties;
	cap_value_t better; /* where this one is permitted the other is not needed */
} table[] = {
	{CAP_SYS_PTRACE, PRIVILEGE_SCAN, NOTHING},
	{CAP_DAC_READ_SEARCH, PRIVILEGE_SCAN | PRIVILEGE_OPTIONS, NOTHING},
	{CAP_CHECKPOINT_RESTORE, PRIVILEGE_SCAN, NOTHING},
	/* What root of a container has as a rule, and old kernels as the only one. */
	{CAP_DAC_OVERRIDE, PRIVILEGE_SCAN | PRIVILEGE_OPTIONS, CAP_DAC_READ_SEARCH},
	{CAP_SYS_ADMIN, PRIVILEGE_SCAN, CAP_CHECKPOINT_RESTORE},
	{CAP_SETUID, PRIVILEGE_PACKAGES, NOTHING},
	{CAP_SETGID, PRIVILEGE_PACKAGES, NOTHING},
	{CAP_DAC_OVERRIDE, PRIVILEGE_FILE, NOTHING},
	{CAP_FOWNER, PRIVILEGE_FILE, NOTHING}, /* to replace one in a sticky folder */
	{CAP_SETPCAP, BOUND, NOTHING},
};
#define CAPS (sizeof(table) / sizeof(table[0]))

static void free_cap(cap_t *caps)
{
	cap_free(*caps);
}

#define cleanup_cap __attribute__((cleanup(free_cap)))

static bool has(cap_t caps, cap_value_t cap, cap_flag_t flag)
{
	cap_flag_value_t value = CAP_CLEAR;

	/* A capability that is none, or that libcap does not know, is none that we have. */
	return caps && cap_get_flag(caps, cap, flag, &value) == 0 && value == CAP_SET;
}

static int set_flag(cap_t caps, cap_value_t cap, cap_flag_t flag)
{
	return cap_set_flag(caps, flag, 1, &cap, CAP_SET) < 0 ? -errno : 0;
}

/* What stays of now. */
static int choose(cap_t now, unsigned permitted, unsigned effective, cap_t wanted)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < CAPS; i++) {
		const cap_value_t cap = table[i].cap;

		if (!(table[i].duties & permitted) || !has(now, cap, CAP_PERMITTED) ||
		    has(now, table[i].better, CAP_PERMITTED))
			continue;
		rc = set_flag(wanted, cap, CAP_PERMITTED);
		if (rc == 0 && table[i].duties & effective)
			rc = set_flag(wanted, cap, CAP_EFFECTIVE);
	}
	return rc;
}

/*
 * The two are duties.  Inheritable is nothing, with which the kernel takes the ambient
 * ones, too.  Who has nothing to lose does not ask: a sandbox may refuse even that.
 */
static int set(unsigned permitted, unsigned effective)
{
	cleanup_cap cap_t now = cap_get_proc();
	cleanup_cap cap_t wanted = cap_init();
	int rc = now && wanted ? 0 : -errno;

	if (rc == 0)
		rc = choose(now, permitted, effective, wanted);
	if (rc == 0 && cap_compare(now, wanted) != 0 && cap_set_proc(wanted) < 0)
		rc = -errno;
	return rc;
}

static bool is_permitted(cap_value_t cap)
{
	cleanup_cap cap_t now = cap_get_proc();

	return has(now, cap, CAP_PERMITTED);
}

bool privilege_is_elevated(void)
{
	return getauxval(AT_SECURE) != 0;
}

int privilege_start(void)
{
	const unsigned all = PRIVILEGE_SCAN | PRIVILEGE_OPTIONS | PRIVILEGE_PACKAGES |
			     PRIVILEGE_FILE | BOUND;
	const bool is_elevated = privilege_is_elevated();
	/* Who is elevated may be root all the same: by SELinux, or through a set-gid copy. */
	const bool is_root = getuid() == 0 && geteuid() == 0;
	int rc;

	if (is_elevated && clearenv() != 0)
		return -ENOMEM;
	if (is_root)
		rc = set(all, PRIVILEGE_OPTIONS);
	else
		rc = set(PRIVILEGE_SCAN, 0);
	/* So has the kernel, unless fs.suid_dumpable says otherwise. */
	if (rc == 0 && is_elevated && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		rc = -errno;
	return rc;
}

static int refuse_new(void)
{
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0;
}

int privilege_raise(unsigned duties)
{
	int rc = refuse_new();

	return rc < 0 ? rc : set(duties, duties);
}

/* What it holds is lost by the next exec, whatever file is executed. */
static int empty_bounding_set(unsigned duties)
{
	int rc = set(duties | BOUND, BOUND);

	for (cap_value_t cap = 0; rc == 0 && cap_get_bound(cap) >= 0; cap++) {
		if (cap_get_bound(cap) > 0 && cap_drop_bound(cap) < 0)
			rc = -errno;
	}
	return rc;
}

/* Which a set-uid or set-gid copy is not. */
static int become_real_user(void)
{
	const uid_t uid = getuid();
	const gid_t gid = getgid();

	if (getegid() != gid && setresgid(gid, gid, gid) < 0)
		return -errno;
	if (geteuid() != uid && setresuid(uid, uid, uid) < 0)
		return -errno;
	return 0;
}

int privilege_drop(unsigned duties)
{
	int rc = refuse_new();

	if (rc == 0 && is_permitted(CAP_SETPCAP))
		rc = empty_bounding_set(duties);
	if (rc == 0)
		rc = set(duties, 0);
	return rc < 0 ? rc : become_real_user();
}

unsigned privilege_effective(void)
{
	cleanup_cap cap_t now = cap_get_proc();
	unsigned ret = 0;

	if (has(now, CAP_SYS_PTRACE, CAP_EFFECTIVE))
		ret |= PRIVILEGE_PTRACE;
	if (has(now, CAP_DAC_READ_SEARCH, CAP_EFFECTIVE) ||
	    has(now, CAP_DAC_OVERRIDE, CAP_EFFECTIVE))
		ret |= PRIVILEGE_READ;
	if (has(now, CAP_CHECKPOINT_RESTORE, CAP_EFFECTIVE) ||
	    has(now, CAP_SYS_ADMIN, CAP_EFFECTIVE))
		ret |= PRIVILEGE_RESTORE;
	return ret;
}

struct privilege privilege_look(void)
{
	cleanup_cap cap_t granted = cap_get_file(PROGRAM);
	struct statvfs fs;

	return (struct privilege){
		.is_root = geteuid() == 0,
		.granted = has(granted, CAP_SYS_PTRACE, CAP_PERMITTED),
		.no_new_privs = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1,
		.nosuid = statvfs(PROGRAM, &fs) == 0 && fs.f_flag & ST_NOSUID,
		.bounded = cap_get_bound(CAP_SYS_PTRACE) == 0,
	};
}
