/*
 * cgroup.c - the unit, the user or the container that a process runs in, from the paths
 * of its control groups.
 *
 * What runs inside of a container is the container's, also when systemd runs in there:
 * the first container on the way down wins, and nothing below it is looked at.  What
 * watches over a container from outside (conmon, nspawn's supervisor) is the host's.
 * Container names and whatever a user's own manager makes are hostile bytes.
 */
#include "cgroup.h"

#include <string.h>

#include "cursor.h"

#define NOBODYS ((uid_t)-1)
/* Where short ids are accepted at all, and whole ones. */
#define ID_MIN   12
#define ID_WHOLE 64

/* "machine-web.scope", between "machine-" and ".scope" and not empty: "web". */
static bool between(struct name name, const char *front, const char *back,
		    struct name *ret)
{
	const size_t around = strlen(front) + strlen(back);

	if (name.len <= around || !name_begins(name, front) || !name_ends(name, back))
		return false;
	*ret = (struct name){name.s + strlen(front), name.len - around};
	return true;
}

/* "/a/b": takes "a" and leaves "/b".  False at the end. */
static bool next_component(struct name *path, struct name *ret)
{
	const char *slash;

	while (path->len && *path->s == '/')
		*path = name_skip(*path, 1);
	if (!path->len)
		return false;
	slash = memchr(path->s, '/', path->len);
	*ret = (struct name){path->s, slash ? (size_t)(slash - path->s) : path->len};
	*path = name_skip(*path, ret->len);
	return true;
}

/* Runtimes print their ids in lower case. */
static bool is_id(struct name name, size_t at_least)
{
	for (size_t i = 0; i < name.len; i++)
		if (!(name.s[i] >= '0' && name.s[i] <= '9') &&
		    !(name.s[i] >= 'a' && name.s[i] <= 'f'))
			return false;
	return name.len >= at_least && name.len <= ID_WHOLE;
}

/* Where on the way down a container may begin. */
struct step {
	struct name above; /* the component before; len 0: none */
	struct name here;
	struct name below; /* the rest of the path; empty, or begins with '/' */
	bool in_kubepods;
};

/*
 * What runc's systemd driver, or a runtime with its cgroupfs driver, puts before the id.
 * "libpod-conmon-ID" and "crio-conmon-ID" watch from outside: no id follows the prefix.
 */
static const struct {
	const char *prefix;
	const char *runtime;
} runtimes[] = {
	{"docker", "docker"},
	{"libpod", "podman"},
	{"libpod-payload", "podman"}, /* with --cgroups=split, as Quadlet runs it */
	{"cri-containerd", "containerd"},
	{"crio", "cri-o"},
	{"nerdctl", "containerd"},
};

/*
 * docker-5f3a...e1.scope
 * libpod-5f3a...e1
 * kubepods-burstable-podb1...4.slice:cri-containerd:5f3a...e1
 *
 * The last is the systemd driver's "SLICE:PREFIX:ID" taken for a path by the other one.
 */
static bool is_by_prefix(const struct step *at, struct cgroup_owner *ret)
{
	static const char odd[] = ".slice:";
	struct name tail = at->here;
	const char *slice = memmem(tail.s, tail.len, odd, strlen(odd));
	const char separator = slice ? ':' : '-';

	if (slice)
		tail = name_skip(tail, (size_t)(slice - tail.s) + strlen(odd));
	else if (name_ends(tail, ".scope"))
		tail.len -= strlen(".scope");
	for (size_t i = 0; i < sizeof(runtimes) / sizeof(runtimes[0]); i++) {
		const size_t len = strlen(runtimes[i].prefix);

		if (!name_begins(tail, runtimes[i].prefix) || tail.len == len ||
		    tail.s[len] != separator || !is_id(name_skip(tail, len + 1), ID_MIN))
			continue;
		ret->runtime = runtimes[i].runtime;
		ret->id = name_skip(tail, len + 1);
		return true;
	}
	return false;
}

/*
 * /docker/5f3a...e1
 * /kubepods/burstable/podb1...4/5f3a...e1
 * /k8s.io/5f3a...e1
 *
 * A whole id is a container below any parent: of docker run --cgroup-parent, or below the
 * namespace of containerd.  Not so below /libpod_parent: that is a pod, its containers
 * have a prefix.
 */
static bool is_by_id(const struct step *at, struct cgroup_owner *ret)
{
	const char *runtime = "docker";

	if (at->in_kubepods)
		runtime = "kubepods";
	else if (name_is(at->above, "k8s.io") || name_is(at->above, "default"))
		runtime = "containerd";
	if (name_is(at->above, "libpod_parent") ||
	    !is_id(at->here,
		   at->in_kubepods || name_is(at->above, "docker") ? ID_MIN : ID_WHOLE))
		return false;
	ret->runtime = runtime;
	ret->id = at->here;
	return true;
}

/*
 * /lxc.payload.web
 * /lxc.payload/web
 * /lxc/web
 *
 * LXC 4, 3.1 and older ones; lxc.monitor.web watches from outside.
 */
static bool is_lxc(const struct step *at, struct cgroup_owner *ret)
{
	if (name_is(at->above, "lxc") || name_is(at->above, "lxc.payload"))
		ret->id = at->here;
	else if (!between(at->here, "lxc.payload.", "", &ret->id))
		return false;
	ret->runtime = "lxc";
	return true;
}

/*
 * /machine.slice/machine-web.scope/payload/system.slice/nginx.service
 * /machine.slice/systemd-nspawn@web.service/payload
 * /machine.slice/machine-lxc\x2d812\x2dweb.scope
 *
 * An nspawn of its own unit is outside of the container as long as it is in that unit
 * itself; one that registered a scope is in none.
 */
static bool is_machine(const struct step *at, struct cgroup_owner *ret)
{
	struct name below = at->below, first = {0};
	struct name id;

	if (between(at->here, "machine-", ".scope", &id)) {
		if (name_begins(id, "qemu\\x2d"))
			return false; /* a virtual machine: has its own libraries */
	} else if (!between(at->here, "systemd-nspawn@", ".service", &id) || !below.len) {
		return false;
	}
	if (next_component(&below, &first) && name_is(first, "supervisor"))
		return false;
	ret->id = id;
	ret->runtime = name_begins(id, "lxc\\x2d") ? "libvirt-lxc" : "systemd-nspawn";
	return true;
}

/* "kubepods", "kubepods.slice", and with a cgroup root for the kubelet
 * "kubelet-kubepods.slice". */
static bool is_kubepods(struct name name)
{
	return name_is(name, "kubepods") || name_is(name, "kubepods.slice") ||
	       name_ends(name, "-kubepods.slice");
}

/* The outermost container of the path, and what is above of it. */
static bool find_container(struct name path, struct cgroup_owner *ret,
			   struct name *ret_above)
{
	struct step at = {.below = path};

	while (next_component(&at.below, &at.here)) {
		if (is_lxc(&at, ret) || is_machine(&at, ret) || is_by_prefix(&at, ret) ||
		    is_by_id(&at, ret)) {
			*ret_above = (struct name){path.s, (size_t)(at.here.s - path.s)};
			return true;
		}
		at.in_kubepods = at.in_kubepods || is_kubepods(at.here);
		at.above = at.here;
	}
	return false;
}

/* unit_name_is_valid() in systemd's src/basic/unit-name.c; the types that own processes.
 * Others may make folders of any name. */
static bool is_unit(struct name name)
{
	static const char *const suffixes[] = {".service", ".scope", ".socket", ".mount",
					       ".swap"};
	static const char valid[] = "0123456789abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ:-_.\\@";

	for (size_t i = 0; i < name.len; i++)
		if (!memchr(valid, name.s[i], strlen(valid)))
			return false;
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
		if (name.len > strlen(suffixes[i]) && name_ends(name, suffixes[i]))
			return true;
	return false;
}

/*
 * The first component that is no slice, and the last slice above it.  cg_escape() in
 * systemd's src/basic/cgroup-util.c puts a '_' before names that the kernel might take
 * for its own, and before every name that begins with one: the first is always systemd's.
 */
static bool next_after_slices(struct name *path, struct name *ret, struct name *ret_slice)
{
	*ret_slice = (struct name){0};
	while (next_component(path, ret)) {
		if (*ret->s == '_')
			*ret = name_skip(*ret, 1);
		if (!name_ends(*ret, ".slice"))
			return true;
		*ret_slice = *ret;
	}
	return false;
}

/* "user@1000.service", "user-1000.slice" */
static bool is_of_user(struct name name, const char *front, const char *back, uid_t *ret)
{
	struct name digits;
	struct cursor cur;
	uint64_t uid;

	if (!between(name, front, back, &digits))
		return false;
	cur = (struct cursor){digits.s, name.s + name.len};
	if (cursor_take_number(&cur, NOBODYS - 1, '.', &uid) < 0 ||
	    cur.at != digits.s + digits.len + 1)
		return false;
	*ret = (uid_t)uid;
	return true;
}

/* "session-3.scope", "session-c1.scope" */
static bool is_session(struct name name)
{
	struct name id;

	if (!between(name, "session-", ".scope", &id))
		return false;
	for (size_t i = 0; i < id.len; i++)
		if (!(id.s[i] >= '0' && id.s[i] <= '9') &&
		    !((id.s[i] | 0x20) >= 'a' && (id.s[i] | 0x20) <= 'z'))
			return false;
	return true;
}

/* /app.slice/app-firefox.scope: what is below the manager of a user.  Folders that no
 * unit can have are the manager's own. */
static struct name user_unit(struct name path, struct name manager)
{
	struct name unit, slice;

	do {
		if (!next_after_slices(&path, &unit, &slice))
			return manager;
	} while (name_is(unit, "init.scope"));
	return is_unit(unit) ? unit : manager;
}

/*
 * /system.slice/system-getty.slice/getty@tty1.service
 * /user.slice/user-1000.slice/user@1000.service/app.slice/dbus.service
 * /user.slice/user-1000.slice/session-3.scope
 */
static void find_unit(struct name path, struct cgroup_owner *ret)
{
	struct name unit, slice;

	if (!next_after_slices(&path, &unit, &slice) || !is_unit(unit))
		return;
	ret->scope = STALE_SCOPE_SYSTEM;
	ret->unit = unit;
	if (is_of_user(unit, "user@", ".service", &ret->uid)) {
		ret->scope = STALE_SCOPE_USER;
		ret->unit = user_unit(path, unit);
	} else if (is_session(unit) && is_of_user(slice, "user-", ".slice", &ret->uid)) {
		ret->scope = STALE_SCOPE_SESSION;
	}
}

/* All lines of a file, so far. */
struct paths {
	struct name systemd; /* of the hierarchy "name=systemd"; len 0: none */
	struct name unified; /* of hierarchy 0 */
	struct name above;   /* with a container: the way down to it */
	bool has_container;
	bool any;
};

/*
 * "/../../system.slice/ssh.service (deleted)": seen from a control group namespace, and
 * after the group was removed.  Returns "/" where nothing is left.
 */
static struct name plain_path(struct name path)
{
	name_unmark(path, &path);
	while (name_begins(path, "/..") && (path.len == 3 || path.s[3] == '/'))
		path = name_skip(path, 3);
	return path.len ? path : (struct name){"/", 1};
}

/*
 * 1:name=systemd:/system.slice/ssh.service
 * 0::/system.slice/ssh.service
 *
 * cgroups(7).  No controller has a ':' in its name, a path may.
 */
static void take_line(struct cursor cur, struct paths *paths, struct cgroup_owner *ret)
{
	struct name controllers, path;
	const char *colon;
	uint64_t id;

	if (cursor_take_number(&cur, UINT32_MAX, ':', &id) < 0)
		return;
	colon = memchr(cur.at, ':', (size_t)(cur.end - cur.at));
	if (!colon || colon + 1 == cur.end || colon[1] != '/')
		return;
	controllers = (struct name){cur.at, (size_t)(colon - cur.at)};
	path = plain_path((struct name){colon + 1, (size_t)(cur.end - colon - 1)});
	paths->any = true;
	if (name_is(controllers, "name=systemd"))
		paths->systemd = path;
	else if (id == 0 && controllers.len == 0)
		paths->unified = path;
	if (!paths->has_container)
		paths->has_container = find_container(path, ret, &paths->above);
}

int cgroup_parse(const char *buf, size_t len, struct cgroup_owner *ret)
{
	const char *const end = buf + len;
	struct cgroup_owner owner = {.uid = NOBODYS};
	struct paths paths = {0};
	const char *newline;

	while (buf < end && (newline = memchr(buf, '\n', (size_t)(end - buf)))) {
		take_line((struct cursor){buf, newline}, &paths, &owner);
		buf = newline + 1;
	}
	if (!paths.any)
		return -EINVAL;
	if (paths.has_container) {
		find_unit(paths.above, &owner);
		owner.scope = STALE_SCOPE_CONTAINER;
		owner.unit = (struct name){0};
	} else {
		find_unit(paths.systemd.len > 1 ? paths.systemd : paths.unified, &owner);
	}
	*ret = owner;
	return 0;
}
