/*
 * owner.c - from a control group to words that an operator can act on.
 *
 * Knows systemd by the names of its control groups alone: it asks no bus and restarts
 * nothing.
 */
#include "owner.h"

#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "procfs.h"
#include "util.h"

/* Main processes of one unit that start together are no left-overs of each other. */
#define YOUNGER_TICKS 500 /* of 1/100 s: USER_HZ is 100 on every platform of today */

/* Processes of a unit that are looked at, bytes of their list. */
#define MEMBERS_MAX 65536

static const struct stale_reboot_unit reboot_units[] = {
	{"init.scope", "the system manager: renewed by re-execution or a reboot"},
	{"dbus.service", "every service that is on the bus loses it"},
	{"dbus-broker.service", "every service that is on the bus loses it"},
	{"systemd-logind.service", "running sessions lose their seat and devices"},
	{"elogind.service", "running sessions lose their seat and devices"},
};

const struct stale_reboot_unit *stale_reboot_units(size_t *ret_n)
{
	*ret_n = sizeof(reboot_units) / sizeof(reboot_units[0]);
	return reboot_units;
}

int owner_read(int dirfd, struct owner *ret)
{
	ssize_t n = procfs_read(dirfd, "cgroup", ret->buf, sizeof(ret->buf));

	ret->cgroup = (struct cgroup_owner){.uid = (uid_t)-1};
	ret->len = n > 0 ? (size_t)n : 0;
	if (n == -ESRCH || (n < 0 && procfs_error_class((int)n) == PROCFS_FATAL))
		return (int)n;
	/* Without control groups, or in a captured tree, there is none to tell. */
	if (n > 0 && cgroup_parse(ret->buf, ret->len, &ret->cgroup) < 0)
		ret->cgroup = (struct cgroup_owner){.uid = (uid_t)-1};
	return 0;
}

bool owner_unit_matches(const char *glob, const char *unit)
{
	static const char service[] = ".service";
	const size_t len = strlen(unit);
	const size_t tail = strlen(service);
	char plain[NAME_MAX + 1];

	if (fnmatch(glob, unit, 0) == 0)
		return true;
	if (len < tail || len - tail >= sizeof(plain) ||
	    strcmp(unit + len - tail, service) != 0)
		return false;
	memcpy(plain, unit, len - tail);
	plain[len - tail] = '\0';
	return fnmatch(glob, plain, 0) == 0;
}

/* Every tool for containers shows and takes the short form. */
bool owner_container_matches(const char *glob, const char *id)
{
	enum { SHORT = 12, LONG = 64 };
	char brief[SHORT + 1];

	if (fnmatch(glob, id, 0) == 0)
		return true;
	if (strlen(id) != LONG || strspn(id, "0123456789abcdef") != LONG)
		return false;
	memcpy(brief, id, SHORT);
	brief[SHORT] = '\0';
	return fnmatch(glob, brief, 0) == 0;
}

/* One component of a path, which ends with a NUL here. */
struct word {
	char s[NAME_MAX + 1];
};

static struct word word_of(struct name name)
{
	const size_t len = name.len < NAME_MAX ? name.len : NAME_MAX;
	struct word word;

	if (len)
		memcpy(word.s, name.s, len);
	word.s[len] = '\0';
	return word;
}

static bool is_fnmatch(const char *glob, const char *s)
{
	return fnmatch(glob, s, 0) == 0;
}

/* No list excludes nothing; a name that is not there matches no pattern. */
static bool is_listed(const char *const *globs, struct name name,
		      bool (*matches)(const char *glob, const char *s))
{
	const struct word word = word_of(name);

	if (!globs)
		return true;
	for (; name.len && *globs; globs++)
		if (matches(*globs, word.s))
			return true;
	return false;
}

static bool is_uid_listed(const struct stale_selection *select, uid_t uid)
{
	for (size_t i = 0; i < select->nuids; i++)
		if (select->uids[i] == uid)
			return true;
	return select->nuids == 0;
}

bool owner_is_selected(const struct stale_selection *select, const struct pidstat *stat,
		       uid_t uid, const struct cgroup_owner *owner)
{
	const struct name comm = {stat->comm, stat->comm_len};

	if (select->scopes && !(select->scopes & STALE_SCOPE_BIT(owner->scope)))
		return false;
	return is_uid_listed(select, uid) &&
	       is_listed(select->processes, comm, is_fnmatch) &&
	       is_listed(select->units, owner->unit, owner_unit_matches) &&
	       is_listed(select->containers, owner->id, owner_container_matches);
}

bool owner_selects(const struct stale_selection *select)
{
	return select->nuids || select->processes || select->units ||
	       select->containers || select->scopes;
}

static bool is_younger_main(int procfd, pid_t pid, const struct pidstat *than)
{
	char name[16];
	char buf[PROCFS_STAT_MAX];
	struct pidstat stat;
	cleanup_close int dirfd = -1;

	snprintf(name, sizeof(name), "%d", (int)pid);
	dirfd = openat(procfd, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return dirfd >= 0 && procfs_read_stat(dirfd, buf, &stat) == 0 && stat.ppid == 1 &&
	       stat.start_ticks > than->start_ticks + YOUNGER_TICKS;
}

/* "812\n977\n": cgroup.procs in Documentation/admin-guide/cgroup-v2.rst. */
static bool has_younger_main(char *list, int procfd, const struct pidstat *stat)
{
	char *end;

	for (char *at = list; *at; at = end) {
		long pid = strtol(at, &end, 10);

		if (end == at)
			return false;
		end += *end == '\n';
		if (pid > 0 && pid != stat->pid &&
		    is_younger_main(procfd, (pid_t)pid, stat))
			return true;
	}
	return false;
}

/* The list of processes of the group at path, in any of the places where the hierarchy
 * of systemd is mounted.  Returns a text that the caller owns, or NULL. */
static char *read_members(struct name path)
{
	static const char *const mounts[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/unified",
					     "/sys/fs/cgroup/systemd"};
	char *list = malloc(MEMBERS_MAX);

	for (size_t i = 0; list && path.len && i < sizeof(mounts) / sizeof(mounts[0]);
	     i++) {
		char name[PATH_MAX];
		ssize_t n;
		const int len = snprintf(name, sizeof(name), "%s%.*s/cgroup.procs",
					 mounts[i], (int)path.len, path.s);

		if (len < 0 || (size_t)len >= sizeof(name))
			break;
		n = procfs_read(-1, name, list, MEMBERS_MAX - 1);
		if (n >= 0) {
			list[n] = '\0';
			return list;
		}
	}
	free(list);
	return NULL;
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

bool owner_is_leftover(const struct owner *owner, const struct pidstat *stat, int procfd)
{
	cleanup_free char *members = NULL;

	if (stat->ppid != 1 || stat->pid == 1)
		return false;
	if (owner->cgroup.scope == STALE_SCOPE_SESSION)
		return !stat->has_tty;
	if (owner->cgroup.scope != STALE_SCOPE_SYSTEM || !owner->cgroup.unit.len)
		return false;
	members = read_members(group_path(owner));
	return members && has_younger_main(members, procfd, stat);
}

static bool ends_with(const char *s, const char *tail)
{
	const size_t len = strlen(s);
	const size_t n = strlen(tail);

	return len >= n && strcmp(s + len - n, tail) == 0;
}

static enum stale_advice advise_system(const char *unit, bool is_leftover)
{
	for (size_t i = 0; i < sizeof(reboot_units) / sizeof(reboot_units[0]); i++)
		if (fnmatch(reboot_units[i].unit, unit, 0) == 0)
			return STALE_REBOOT;
	/* A scope is only a group of processes that others started. */
	if (is_leftover || ends_with(unit, ".scope"))
		return STALE_RESTART_PROCESS;
	return STALE_RESTART_UNIT;
}

static enum stale_advice advise_user(const char *unit)
{
	if (strncmp(unit, "user@", 5) == 0)
		return STALE_RELOGIN;
	return ends_with(unit, ".scope") ? STALE_RESTART_PROCESS
					 : STALE_RESTART_USER_UNIT;
}

enum stale_advice owner_advise(const struct cgroup_owner *owner,
			       const struct pidstat *stat, bool is_leftover)
{
	const struct word unit = word_of(owner->unit);

	switch (owner->scope) {
	case STALE_SCOPE_CONTAINER:
		return STALE_RESTART_CONTAINER;
	case STALE_SCOPE_SESSION:
		return is_leftover ? STALE_RESTART_PROCESS : STALE_RELOGIN;
	case STALE_SCOPE_USER:
		return advise_user(unit.s);
	case STALE_SCOPE_SYSTEM:
		return stat->pid == 1 ? STALE_REBOOT : advise_system(unit.s, is_leftover);
	case STALE_SCOPE_NONE:
		break;
	}
	return stat->pid == 1 ? STALE_REBOOT : STALE_RESTART_PROCESS;
}
