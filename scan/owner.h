/*
 * owner.h - whose a process is, whether it is asked for, and what would renew it.
 */
#ifndef SCAN_OWNER_H
#define SCAN_OWNER_H

#include "cgroup.h"
#include "pidstat.h"

/* A control group may lie deep, and a process be in a dozen hierarchies. */
#define OWNER_CGROUP_MAX 16384

struct owner {
	struct cgroup_owner cgroup; /* borrowed from buf */
	int error;  /* -errno: why the groups are not known; 0: they are */
	size_t len; /* bytes in buf */
	char buf[OWNER_CGROUP_MAX];
};

/*
 * Reads /proc/PID/cgroup, which everybody may.  What cannot be parsed, or is not there,
 * is left empty.  Returns 0, or -errno when the process is gone or the scan must end.
 */
int owner_read(int dirfd, struct owner *ret);

/*
 * Whose say it is what reading a process costs: how many files there are, how long their
 * look-ups take, and whether they ever end.
 */
enum owner_rank {
	OWNER_ROOT,
	OWNER_SYSTEM, /* a system unit's, where users of the host may have jobs, too */
	OWNER_USER,   /* and whatever runs in containers */
};
#define OWNER_RANKS 3

/* uid: effective. */
enum owner_rank owner_rank(uid_t uid, const struct cgroup_owner *owner);

/* Does the selection name this process? */
bool owner_is_selected(const struct stale_selection *select, const struct pidstat *stat,
		       uid_t uid, const struct cgroup_owner *owner);

/* Is anything excluded at all? */
bool owner_selects(const struct stale_selection *select);

/* What renews the process. */
enum stale_advice owner_advise(const struct cgroup_owner *owner,
			       const struct pidstat *stat, bool is_leftover);

/* fnmatch(3) of a unit, with or without its ".service". */
bool owner_unit_matches(const char *glob, const char *unit);

/* The same of the id of a container; of a long one its first 12 digits do, too. */
bool owner_container_matches(const char *glob, const char *id);

#endif
