/*
 * elfimage.h - one ELF file in memory, in pieces that a test can put wrongly: any class,
 * any byte order, any field.  For files to map, see elfmake.h.
 */
#ifndef TESTS_ELFIMAGE_H
#define TESTS_ELFIMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SIZE = 0x600, LARGEST = 0x30000 };
/* Where things stand in an image, and the address that offset 0 is loaded at. */
enum { PHDRS = 0x40, NOTES = 0x200, DYNAMIC = 0x300, DYNSTR = 0x400, BASE = 0x10000 };
/* In the strings: "libz.so.1".  The build-id is a0 a1 a2 ... */
enum { SONAME = 11, DYNSTR_LEN = 0x180, BUILD_ID_LEN = 20 };
/* Which program header is which; the first is a PT_LOAD that holds none of it. */
enum { DECOY, LOAD, NOTE, DYN, NPHDRS };
enum image_field { TYPE, OFFSET, VADDR, FILESZ, ALIGN };

extern struct image {
	uint8_t bytes[LARGEST];
	size_t len; /* SIZE, unless the test wants more */
	bool is64;
	bool big;
} image;

#define IMAGE_VARIANTS 4
extern const char *const image_variants[IMAGE_VARIANTS]; /* 0 is "ELF64 LE" */

/* Makes a good one anew. */
void image_make(size_t variant);

/* These overwrite a part of it: a number of len bytes, a field of a program header, all
 * of one, the i-th entry of the dynamic segment. */
void image_put(size_t offset, uint64_t value, size_t len);
void image_phdr(unsigned i, enum image_field field, uint64_t value);
void image_segment(unsigned i, uint32_t type, uint64_t offset, uint64_t filesz);
void image_dynamic(size_t i, uint64_t tag, uint64_t value);

/* Returns the offset behind the note and its padding. */
size_t image_note(size_t at, const char *name, uint32_t type, uint32_t desc_len,
		  size_t align);

#endif
