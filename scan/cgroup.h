/*
 * cgroup.h - /proc/PID/cgroup, parsed: to whom does the process belong?  Pure: takes
 * bytes, reads nothing.
 */
#ifndef SCAN_CGROUP_H
#define SCAN_CGROUP_H

#include "names.h"
#include "stale.h"

struct cgroup_owner {
	enum stale_scope scope;
	/* System unit, user unit or session scope, with its \x2d escapes.  Within the
	 * bytes that were parsed, as is id; len 0: none. */
	struct name unit;
	/*
	 * Of a container: "docker", "podman", "containerd", "cri-o", "kubepods" (there,
	 * by a runtime that does not tell its name), "lxc", "systemd-nspawn",
	 * "libvirt-lxc".  Static; NULL: in no container.
	 */
	const char *runtime;
	/* Of the container, whole: 12 to 64 hex digits, or the name that LXC or systemd
	 * knows it by ("PROJECT_NAME" of Incus, "lxc\x2d812\x2dweb" of libvirt). */
	struct name id;
	/* Whose manager or session the unit, or what started the container, belongs to;
	 * (uid_t)-1: nobody's. */
	uid_t uid;
};

/*
 * v2, v1 and hybrid.  What no line tells is left empty (STALE_SCOPE_NONE).  A last line
 * without its newline was cut short and tells nothing.  Returns 0, or -EINVAL where no
 * line has the form ID:CONTROLLERS:PATH; *ret is written only on success.
 */
int cgroup_parse(const char *buf, size_t len, struct cgroup_owner *ret);

#endif
