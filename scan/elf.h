/*
 * elf.h - the SONAME and the GNU build-id of an ELF file, from as few bytes as possible.
 *
 * Trusts nothing in the file: every offset, size and count is checked and bounded, both
 * classes and both byte orders are read.  Does no I/O of its own: bytes come from a
 * callback.
 */
#ifndef SCAN_ELF_H
#define SCAN_ELF_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define ELF_BUILD_ID_MAX 64
#define ELF_SONAME_MAX   255 /* NAME_MAX: a longer one names no file */

/*
 * Reads up to len bytes at offset into buf, as pread(2) does: returns the number of
 * bytes, 0 at the end, or a negative errno.
 */
struct elf_source {
	ssize_t (*read)(void *arg, void *buf, size_t len, uint64_t offset);
	void *arg;
};

struct elf_ids {
	char soname[ELF_SONAME_MAX + 1]; /* "" : none */
	uint8_t build_id[ELF_BUILD_ID_MAX];
	size_t build_id_len; /* 0: none */
};

/*
 * Returns 0 and fills *ret (a part that the file lacks or garbles is left empty), -EINVAL
 * for what is no ELF file, or the negative errno of the callback.
 */
int elf_ids_read(const struct elf_source *source, struct elf_ids *ret);

/* The same of an open file, by pread(2). */
int elf_ids_read_fd(int fd, struct elf_ids *ret);

#endif
