/*
 * privilege.c - the capabilities of the three kinds of process, and no more than these.
 */
#include "privilege.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/capability.h>
#include <sys/prctl.h>

#include "cleanup.h"

#define cleanup_caps __attribute__((cleanup(free_caps)))

static const cap_value_t of_scan[] = {
	CAP_SYS_PTRACE,
	CAP_DAC_READ_SEARCH,
	CAP_CHECKPOINT_RESTORE,
};
#define OF_SCAN (sizeof(of_scan) / sizeof(of_scan[0]))

static void free_caps(const cap_t *caps)
{
	if (*caps)
		cap_free(*caps);
}

static int result(int rc)
{
	return rc < 0 ? -errno : 0;
}

static bool has(cap_t caps, cap_value_t value, cap_flag_t flag)
{
	cap_flag_value_t is = CAP_CLEAR;

	return cap_get_flag(caps, value, flag, &is) == 0 && is == CAP_SET;
}

static int forbid_new_privileges(void)
{
	return result(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
}

/* The bounding set limits what a program that is run may gain.  Who has no cap_setpcap
 * cannot change it; no_new_privs says the same. */
static int clear_bounding(void)
{
	cleanup_caps cap_t caps = cap_get_proc();
	const cap_value_t setpcap = CAP_SETPCAP;

	if (!caps)
		return -errno;
	if (!has(caps, setpcap, CAP_PERMITTED))
		return 0;
	if (cap_set_flag(caps, CAP_EFFECTIVE, 1, &setpcap, CAP_SET) < 0 ||
	    cap_set_proc(caps) < 0)
		return -errno;
	for (cap_value_t cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0)
			return -errno;
	return 0;
}

/* Did it come to what we wanted? */
static int check(cap_t wanted)
{
	cleanup_caps cap_t caps = cap_get_proc();

	if (!caps)
		return -errno;
	return cap_compare(caps, wanted) == 0 ? 0 : -EPERM;
}

/* Ambient capabilities go with the inheritable ones. */
static int set(cap_t caps)
{
	int rc = clear_bounding();

	if (rc == 0)
		rc = result(cap_set_proc(caps));
	if (rc == 0)
		rc = forbid_new_privileges();
	return rc < 0 ? rc : check(caps);
}

int privilege_keep(void)
{
	cleanup_caps cap_t now = cap_get_proc();
	cleanup_caps cap_t kept = cap_init();

	if (!now || !kept)
		return -errno;
	for (size_t i = 0; i < OF_SCAN; i++)
		if (has(now, of_scan[i], CAP_PERMITTED) &&
		    cap_set_flag(kept, CAP_PERMITTED, 1, &of_scan[i], CAP_SET) < 0)
			return -errno;
	return set(kept);
}

int privilege_raise(void)
{
	cleanup_caps cap_t caps = cap_get_proc();

	if (!caps)
		return -errno;
	for (size_t i = 0; i < OF_SCAN; i++)
		if (has(caps, of_scan[i], CAP_PERMITTED) &&
		    cap_set_flag(caps, CAP_EFFECTIVE, 1, &of_scan[i], CAP_SET) < 0)
			return -errno;
	if (cap_set_proc(caps) < 0)
		return -errno;
	return result(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0));
}

int privilege_drop_all(void)
{
	cleanup_caps cap_t none = cap_init();

	return none ? set(none) : -errno;
}
