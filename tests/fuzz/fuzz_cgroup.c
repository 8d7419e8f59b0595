/*
 * fuzz_cgroup.c - whole files of /proc/PID/cgroup: what is told is a component of a path,
 * and of a scope all is there that its scope has, and nothing else; a last line that was
 * cut changes nothing.
 *
 * Code: scan/cgroup.c
 */
#include "fuzztext.h"
#include "scan/cgroup.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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
	if (owner->scope == STALE_SCOPE_SESSION)
		ensure(name_ends(owner->unit, ".scope"));
}

static bool is_same_name(struct name a, struct name b, const char *in_a, const char *in_b)
{
	return a.len == b.len && (!a.len || a.s - in_a == b.s - in_b);
}

/* Without what stands behind the last newline. */
static void check_cut(const char *buf, size_t size, int rc,
		      const struct cgroup_owner *want)
{
	const char *newline = memrchr(buf, '\n', size);
	const size_t len = newline ? (size_t)(newline - buf) + 1 : 0;
	char *head = fuzztext_copy((const uint8_t *)buf, len);
	struct cgroup_owner got;

	ensure(head && cgroup_parse(head, len, &got) == rc);
	if (rc == 0)
		ensure(got.scope == want->scope && got.uid == want->uid &&
		       got.runtime == want->runtime &&
		       is_same_name(got.unit, want->unit, head, buf) &&
		       is_same_name(got.id, want->id, head, buf));
	free(head);
}

/* '$' becomes the name, '#' the number, '&' the id of a container. */
static void fill(char to[512], const char *form, const char *name, uint32_t number)
{
	size_t len = 0;

	for (; *form; form++) {
		if (*form == '$')
			len += (size_t)snprintf(to + len, 512 - len, "%s", name);
		else if (*form == '#')
			len += (size_t)snprintf(to + len, 512 - len, "%u", number);
		else if (*form == '&')
			len += (size_t)snprintf(to + len, 512 - len, "%064x", number);
		else
			to[len++] = *form;
	}
	to[len] = '\0';
}

/* What systemd and runtimes make of a name and a number is taken apart again. */
static void check_made(const uint8_t *data, size_t size)
{
	static const struct row {
		const char *text, *unit, *runtime;
		enum stale_scope scope;
	} rows[] = {
		{"0::/system.slice/$.service\n", "$.service", NULL, STALE_SCOPE_SYSTEM},
		{"0::/user.slice/user-#.slice/session-#.scope\n", "session-#.scope", NULL,
		 STALE_SCOPE_SESSION},
		{"1:name=systemd:/user.slice/user-#.slice/user@#.service/app.slice/"
		 "$.service\n",
		 "$.service", NULL, STALE_SCOPE_USER},
		{"0::/system.slice/docker-&.scope\n", "&", "docker",
		 STALE_SCOPE_CONTAINER},
	};
	char name[17] = "";
	const uint32_t number = (uint32_t)size + data[0];

	for (size_t i = 0; i < size && i < sizeof(name) - 1; i++)
		name[i] = (char)('a' + data[i] % 26);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[512], want[512];
		struct cgroup_owner got;

		fill(text, rows[i].text, name, number);
		fill(want, rows[i].unit, name, number);
		ensure(cgroup_parse(text, strlen(text), &got) == 0);
		ensure(got.scope == rows[i].scope);
		ensure(!got.runtime == !rows[i].runtime &&
		       (!got.runtime || strcmp(got.runtime, rows[i].runtime) == 0));
		ensure(name_is(got.runtime ? got.id : got.unit, want));
		if (got.scope == STALE_SCOPE_USER || got.scope == STALE_SCOPE_SESSION)
			ensure(got.uid == number);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *buf = fuzztext_copy(data, size);
	struct cgroup_owner owner;
	int rc;

	if (!buf)
		return 0;
	rc = cgroup_parse(buf, size, &owner);
	if (rc == 0) {
		check_name(owner.unit, buf, size);
		check_name(owner.id, buf, size);
		check_owner(&owner);
	}
	if (size) {
		check_cut(buf, size, rc, &owner);
		check_made(data, size);
	}
	free(buf);
	return 0;
}
