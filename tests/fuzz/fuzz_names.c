/*
 * fuzz_names.c - everything that looks at a name.  The input: an inode of one byte, how
 * much of the name is the root to take off, the name.
 */
#include <stdlib.h>
#include <string.h>

#include "scan/names.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ensure(bool good)
{
	if (!good)
		abort();
}

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
	ensure(!name_is_kernel_object(name, data[0]) || len > 2);
	ensure(!name_is_nfs_deleted(name) || len >= 20);
	ensure(!name_is_below_scratch(name) || copy[0] == '/');
	ensure(!name_is_self_unlinked(name) || len > 5);
	free(copy);
	return 0;
}
