/*
 * fuzz_cgroup.c - whole files of /proc/PID/cgroup.
 */
#include <stdlib.h>
#include <string.h>

#include "scan/cgroup.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ensure(bool good)
{
	if (!good)
		abort();
}

/* One component within the input, or none. */
static void check_name(struct name name, const char *buf, size_t size)
{
	if (!name.len)
		return;
	ensure(name.s >= buf && name.len <= size - (size_t)(name.s - buf));
	ensure(!memchr(name.s, '/', name.len) && !memchr(name.s, '\n', name.len));
}

static void check_owner(const struct cgroup_owner *owner)
{
	const bool has_unit =
		owner->scope != STALE_SCOPE_NONE && owner->scope != STALE_SCOPE_CONTAINER;

	ensure(has_unit == (owner->unit.len > strlen(".swap")));
	ensure((owner->scope == STALE_SCOPE_CONTAINER) == (owner->runtime != NULL));
	ensure((owner->id.len > 0) == (owner->runtime != NULL));
	if (owner->scope == STALE_SCOPE_USER || owner->scope == STALE_SCOPE_SESSION)
		ensure(owner->uid != (uid_t)-1);
	if (owner->scope == STALE_SCOPE_SYSTEM || owner->scope == STALE_SCOPE_NONE)
		ensure(owner->uid == (uid_t)-1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *buf = malloc(size);
	struct cgroup_owner owner;

	if (!buf)
		return 0;
	memcpy(buf, data, size);
	if (cgroup_parse(buf, size, &owner) == 0) {
		check_name(owner.unit, buf, size);
		check_name(owner.id, buf, size);
		check_owner(&owner);
	}
	free(buf);
	return 0;
}
