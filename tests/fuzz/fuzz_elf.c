/*
 * fuzz_elf.c - SONAME and build-id of any bytes: few reads, none beyond what a file can
 * have, results that are bytes of the file, the same when every read is short, and of a
 * file that was cut only what is left of it.
 *
 * Code: scan/elf.c
 */
#include <errno.h>

#include "fuzzelf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct file {
	const uint8_t *bytes;
	size_t size;
	size_t chunk; /* a read gives no more */
	unsigned reads;
};

static ssize_t read_file(void *arg, void *buf, size_t len, uint64_t offset)
{
	struct file *file = arg;

	file->reads++;
	ensure(len > 0 && offset <= INT64_MAX - len);
	if (offset >= file->size)
		return 0;
	if (len > file->size - offset)
		len = file->size - (size_t)offset;
	if (len > file->chunk)
		len = file->chunk;
	memcpy(buf, file->bytes + offset, len);
	return (ssize_t)len;
}

static int read_ids(struct file file, struct elf_ids *ids)
{
	const struct elf_source source = {.read = read_file, .arg = &file};
	int rc;

	memset(ids, 0, sizeof(*ids));
	rc = elf_ids_read(&source, ids);
	ensure(rc == 0 || rc == -EINVAL);
	ensure(file.chunk != SIZE_MAX || file.reads <= 2000);
	return rc;
}

/* Of a file that is within all limits. */
static void check_build_id(const uint8_t *bytes, size_t size, const struct elf_ids *got)
{
	const size_t word = bytes[4] == 2 ? 8 : 4;
	const struct fuzzelf f = {bytes, size, word, bytes[5] == 2};
	struct fuzzelf_segment segment;
	struct elf_ids want = {0};
	bool ok = true;
	uint64_t n = fuzzelf_number(&f, word == 8 ? 56 : 44, 2, &ok);

	if (fuzzelf_number(&f, word == 8 ? 54 : 42, 2, &ok) != (word == 8 ? 56 : 32))
		n = 0;
	if (n > 200 || size > 16384)
		return;
	for (uint64_t i = 0; i < n && fuzzelf_segment(&f, i, &segment); i++) {
		if (segment.type == 4 && segment.size > size)
			return;
		if (segment.type == 4 && !want.build_id_len)
			fuzzelf_notes(&f, &segment, &want);
	}
	ensure(got->build_id_len == want.build_id_len &&
	       memcmp(got->build_id, want.build_id, want.build_id_len) == 0);
}

static void check(const uint8_t *bytes, size_t size, const struct elf_ids *ids)
{
	size_t len = strnlen(ids->soname, sizeof(ids->soname));

	ensure(size >= 52 && memcmp(bytes, "\177ELF", 4) == 0 && bytes[6] == 1);
	ensure((bytes[4] == 1 || (bytes[4] == 2 && size >= 64)) &&
	       (bytes[5] == 1 || bytes[5] == 2));
	ensure(len <= ELF_SONAME_MAX && !strchr(ids->soname, '/') &&
	       ids->build_id_len <= ELF_BUILD_ID_MAX);
	ensure(!len || memmem(bytes, size, ids->soname, len + 1));
	check_build_id(bytes, size, ids);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *bytes = (uint8_t *)fuzztext_copy(data, size);
	size_t cut = size / 2;
	struct elf_ids ids, again;
	int rc;

	if (!bytes)
		return 0;
	rc = read_ids((struct file){bytes, size, SIZE_MAX, 0}, &ids);
	ensure(rc == read_ids((struct file){bytes, size, 61, 0}, &again));
	ensure(memcmp(&ids, &again, sizeof(ids)) == 0);
	if (rc == 0)
		check(bytes, size, &ids);
	if (read_ids((struct file){bytes, cut, SIZE_MAX, 0}, &again) == 0)
		check(bytes, cut, &again);
	free(bytes);
	return 0;
}
