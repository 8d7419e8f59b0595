/*
 * owner.c - from a control group to words that an operator can act on.
 *
 * Knows systemd by the names of its control groups alone: it asks no bus and restarts
 * nothing.
 */
#include "owner.h"

#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <string.h>

#include "procfs.h"

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
	ret->error = n < 0 && n != -ENOENT ? (int)n : 0;
	if (n == -ESRCH || (n < 0 && procfs_error_class((int)n) == PROCFS_FATAL))
		return (int)n;
	/* Without control groups, or in a captured tree, there is none to tell. */
	if (n > 0 && cgroup_parse(ret->buf, ret->len, &ret->cgroup) < 0)
		ret->cgroup = (struct cgroup_owner){.uid = (uid_t)-1};
	return 0;
}

enum owner_rank owner_rank(uid_t uid, const struct cgroup_owner *owner)
{
	if (uid == 0 && owner->scope != STALE_SCOPE_CONTAINER)
		return OWNER_ROOT;
	return owner->scope == STALE_SCOPE_SYSTEM ? OWNER_SYSTEM : OWNER_USER;
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
