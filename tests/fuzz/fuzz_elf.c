/*
 * fuzz_elf.c - SONAME and build-id of any bytes: few reads, sane results, and the same
 * when every read is short.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "scan/elf.h"

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
	int r;

	memset(ids, 0, sizeof(*ids));
	r = elf_ids_read(&source, ids);
	if (r != 0 && r != -EINVAL)
		abort();
	if (file.chunk == SIZE_MAX && file.reads > 2000)
		abort();
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *bytes = malloc(size);
	struct elf_ids ids, again;

	if (!bytes)
		return 0;
	memcpy(bytes, data, size);
	if (read_ids((struct file){bytes, size, SIZE_MAX, 0}, &ids) !=
	    read_ids((struct file){bytes, size, 61, 0}, &again))
		abort();
	if (memcmp(&ids, &again, sizeof(ids)) != 0 || strchr(ids.soname, '/') ||
	    strnlen(ids.soname, sizeof(ids.soname)) > ELF_SONAME_MAX ||
	    ids.build_id_len > ELF_BUILD_ID_MAX)
		abort();
	free(bytes);
	return 0;
}
