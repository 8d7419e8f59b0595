/*
 * leftover.c - list a control group once, and remember when the youngest main process of
 * each user in it started.
 *
 * A main process is a child of PID 1: nothing is asked of systemd.
 */
#include "leftover.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "util.h"

/* Main processes of one unit that start together are no left-overs of each other. */
#define YOUNGER_TICKS 500 /* of 1/100 s: USER_HZ is 100 on every platform of today */

/* Processes of a unit that are looked at, bytes of their list. */
#define MEMBERS_MAX 65536

/* In a key in place of a user: what that group has is known. */
#define LISTED UINT64_MAX

void leftovers_init(struct leftovers *leftovers, const struct procfs *fs, uint64_t seed)
{
	*leftovers = (struct leftovers){.fs = fs};
	table_init(&leftovers->mains, seed);
}

void leftovers_release(struct leftovers *leftovers)
{
	table_release(&leftovers->mains);
	free(leftovers->starts);
	leftovers->starts = NULL;
	leftovers->nstarts = leftovers->room = 0;
}

static int remember(struct leftovers *leftovers, const struct table_key *key,
		    uint64_t start_ticks)
{
	struct table_slot *slot = table_find(&leftovers->mains, key);
	void *starts = leftovers->starts;
	uint64_t *known;
	int rc;

	if (slot) {
		known = &leftovers->starts[slot->stamp];
		*known = start_ticks > *known ? start_ticks : *known;
		return 0;
	}
	rc = util_grow(&starts, &leftovers->room, leftovers->nstarts, sizeof(*known));
	if (rc < 0)
		return rc;
	leftovers->starts = starts;
	rc = table_add(&leftovers->mains, key, leftovers, &slot);
	if (rc < 0)
		return rc;
	slot->stamp = (uint32_t)leftovers->nstarts;
	leftovers->starts[leftovers->nstarts++] = start_ticks;
	return 0;
}

/* Remembers the process if it is a main process.  Returns 0 or a fatal error. */
static int take_member(struct leftovers *leftovers, struct table_key key, pid_t pid)
{
	cleanup_close int dirfd = procfs_open_pid(leftovers->fs, pid);
	char buf[PROCFS_STAT_MAX];
	struct pidstatus status;
	struct pidstat stat;
	int rc = dirfd < 0 ? dirfd : procfs_read_stat(dirfd, buf, &stat);

	if (rc == 0 && stat.ppid != 1)
		return 0;
	if (rc == 0)
		rc = procfs_read_status(dirfd, &status);
	if (rc != 0)
		return procfs_is_fatal(rc) ? rc : 0;
	key.c = status.euid;
	return remember(leftovers, &key, stat.start_ticks);
}

/* "812\n977\n": cgroup.procs in Documentation/admin-guide/cgroup-v2.rst. */
static int take_members(struct leftovers *leftovers, const struct table_key *key,
			const char *list)
{
	char *end;

	for (const char *at = list; *at; at = end) {
		const long pid = strtol(at, &end, 10);
		int rc = pid > 0 ? take_member(leftovers, *key, (pid_t)pid) : 0;

		if (rc < 0 || end == at)
			return rc;
		end += *end == '\n';
	}
	return 0;
}

/*
 * The list of processes of the group at path, in any of the places where the hierarchy of
 * systemd is mounted.  Returns 0 and a text that the caller owns, -ENOENT, or the -errno
 * of a fatal error.
 */
static int read_members(struct name path, char **ret_list)
{
	static const char *const mounts[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/unified",
					     "/sys/fs/cgroup/systemd"};
	cleanup_free char *list = malloc(MEMBERS_MAX);
	int n = -ENOENT;

	if (!list)
		return -ENOMEM;
	for (size_t i = 0; n < 0 && i < sizeof(mounts) / sizeof(mounts[0]); i++) {
		char name[PATH_MAX];
		const int len = snprintf(name, sizeof(name), "%s%.*s/cgroup.procs",
					 mounts[i], (int)path.len, path.s);

		if (len < 0 || (size_t)len >= sizeof(name))
			return -ENOENT;
		n = (int)procfs_read(-1, name, list, MEMBERS_MAX - 1);
		if (n < 0 && procfs_is_fatal(n))
			return n;
	}
	if (n < 0)
		return -ENOENT;
	/* A number that was cut is another process. */
	while (n > 0 && list[n - 1] != '\n')
		n--;
	list[n] = '\0';
	*ret_list = take_ptr(&list);
	return 0;
}

/* "0::/system.slice/ssh.service\n": the path in the line that told the unit. */
static struct name group_path(const struct owner *owner)
{
	const char *const unit = owner->cgroup.unit.s;
	const char *const end =
		memchr(unit, '\n', (size_t)(owner->buf + owner->len - unit));
	const char *at = unit;

	/* No component of a path holds a colon before the first slash: ":/" begins it. */
	while (at > owner->buf && !(at[-1] == ':' && at[0] == '/'))
		at--;
	if (!end || *at != '/')
		return (struct name){NULL, 0};
	return (struct name){at, (size_t)(end - at)};
}

/* With LISTED in the key, and what is remembered then, the group is not asked again. */
static int list_group(struct leftovers *leftovers, struct name path,
		      const struct table_key *key)
{
	cleanup_free char *members = NULL;
	int rc = read_members(path, &members);

	if (rc == 0)
		rc = take_members(leftovers, key, members);
	return rc < 0 && rc != -ENOENT ? rc : remember(leftovers, key, 0);
}

static bool is_younger(const struct leftovers *leftovers, struct table_key key, uid_t uid,
		       uint64_t than)
{
	const struct table_slot *slot;

	key.c = uid;
	slot = table_find(&leftovers->mains, &key);
	return slot && leftovers->starts[slot->stamp] > than;
}

/* Any user can leave an orphan in a unit (cron.service), which says nothing of others. */
static int has_younger_main(struct leftovers *leftovers, struct name path, uid_t uid,
			    uint64_t start_ticks)
{
	const struct table_key key = {table_hash(leftovers->mains.seed, path.s, path.len),
				      path.len, LISTED};
	const uint64_t than = start_ticks + YOUNGER_TICKS;

	if (!table_find(&leftovers->mains, &key)) {
		int rc = list_group(leftovers, path, &key);

		if (rc < 0)
			return rc;
	}
	return is_younger(leftovers, key, uid, than) ||
	       is_younger(leftovers, key, 0, than);
}

int leftovers_has(struct leftovers *leftovers, const struct owner *owner,
		  const struct pidstat *stat, uid_t uid)
{
	struct name path;

	if (!leftovers->fs->is_proc || stat->ppid != 1 || stat->pid == 1)
		return 0;
	if (owner->cgroup.scope == STALE_SCOPE_SESSION)
		return !stat->has_tty;
	if (owner->cgroup.scope != STALE_SCOPE_SYSTEM || !owner->cgroup.unit.len)
		return 0;
	path = group_path(owner);
	return path.len ? has_younger_main(leftovers, path, uid, stat->start_ticks) : 0;
}
