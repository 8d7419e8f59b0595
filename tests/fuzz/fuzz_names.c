/*
 * fuzz_names.c - everything that looks at a name.  The input: an inode of one byte, how
 * much of the name is the root to take off, the name.
 *
 * Code: scan/names.c
 */
#include "fuzztext.h"
#include "scan/names.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_rest(struct name name, struct name root)
{
	struct name rest = name, base = name_base(name);

	ensure(base.s + base.len == name.s + name.len);
	ensure(!base.len || !memchr(base.s, '/', base.len));
	if (name_unmark(name, &rest))
		ensure(rest.len && rest.len < name.len && rest.s >= name.s);
	if (name_strip_root(name, root, &rest))
		ensure(rest.s + rest.len == name.s + name.len &&
		       (!rest.len || rest.s[0] == '/'));
}

static void check_lengths(struct name name)
{
	size_t len = name_final_len(name);

	ensure(len <= name.len && (len || !name.len));
	ensure(len == name.len || name.s[len - 1] != '/');
	for (size_t below = SIZE_MAX; (len = name_soname_prefix(name, below));
	     below = len)
		ensure(len < below && len < name.len &&
		       memmem(name.s + 1, len - 1, ".so", 3));
}

static bool is_unmarked(const char *front, struct name name, const char *behind,
			const struct name *want)
{
	const size_t len = strlen(front) + name.len + strlen(behind);
	char *s = malloc(len + 1);
	struct name rest = {NULL, 0};
	bool same;

	ensure(s != NULL);
	snprintf(s, len + 1, "%s%.*s%s", front, (int)name.len, name.s, behind);
	same = name_unmark((struct name){s, len}, &rest) && rest.len == want->len &&
	       memcmp(rest.s, want->s, want->len) == 0;
	free(s);
	return same;
}

/* What the kernel makes of a name is made undone. */
static void check_marked(struct name name)
{
	if (!name.len || memchr(name.s, '\0', name.len))
		return;
	ensure(is_unmarked("", name, " (deleted)", &name));
	if (*name.s == '/' && !name_unmark(name, &(struct name){NULL, 0}))
		ensure(is_unmarked("(deleted)", name, "", &name));
}

/* The same number in names of which the kernel makes objects, files and NFS names. */
static void check_objects(uint64_t number)
{
	char s[64];
	struct name name = {s, 0};

	name.len = (size_t)snprintf(s, sizeof(s), "/lib/SYSV%08x", (uint32_t)number);
	ensure(!name_is_kernel_object(name, 0));
	ensure(name_is_kernel_object(name_skip(name, strlen("/lib")), 0));
	name.len = (size_t)snprintf(s, sizeof(s), "/memfd:%lx", number);
	ensure(name_is_kernel_object(name, 0));
	name.len = (size_t)snprintf(s, sizeof(s), "/d/#%lu", number);
	ensure(name_is_kernel_object(name, number));
	ensure(!name_is_kernel_object(name, number + 1));
	name.len = (size_t)snprintf(s, sizeof(s), "/d/.nfs%016lx", number);
	ensure(name_is_nfs_deleted(name) && !name_is_nfs_deleted(name_skip(name, 4)));
	name.len = (size_t)snprintf(s, sizeof(s), "/d/x;%08x", (uint32_t)number);
	ensure(name_final_len(name) == strlen("/d/x"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const size_t len = size < 2 ? 0 : size - 2;
	char *copy = malloc(len);
	const struct name name = {copy, len};

	if (!copy || size < 2) {
		free(copy);
		return 0;
	}
	memcpy(copy, data + 2, len);
	check_rest(name, (struct name){copy, data[1] < len ? data[1] : len});
	check_lengths(name);
	check_marked(name);
	if (len >= sizeof(uint64_t)) {
		uint64_t number;

		memcpy(&number, copy, sizeof(number));
		check_objects(number);
	}
	ensure(!name_is_kernel_object(name, data[0]) || len > 2);
	ensure(!name_is_nfs_deleted(name) || len >= 20);
	ensure(!name_is_below_scratch(name) || copy[0] == '/');
	ensure(!name_is_self_unlinked(name) || len > 5);
	free(copy);
	return 0;
}
