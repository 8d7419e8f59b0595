/*
 * elfimage.c - see elfimage.h.  Writes the fields by their place, as elf(5) tells it, and
 * not through <elf.h>: that has a type for each class and none for a byte order.
 */
#include "elfimage.h"

#include <string.h>

struct image image;

const char *const image_variants[IMAGE_VARIANTS] = {"ELF64 LE", "ELF64 BE", "ELF32 LE",
						    "ELF32 BE"};

void image_put(size_t offset, uint64_t value, size_t len)
{
	for (size_t i = 0; i < len; i++, value >>= 8)
		image.bytes[offset + (image.big ? len - 1 - i : i)] = (uint8_t)value;
}

void image_phdr(unsigned i, enum image_field field, uint64_t value)
{
	static const uint8_t at[2][5] = {{0, 4, 8, 16, 28}, {0, 8, 16, 32, 48}};
	const size_t size = image.is64 ? 56 : 32;

	image_put(PHDRS + i * size + at[image.is64][field], value,
		  field == TYPE || !image.is64 ? 4 : 8);
}

void image_segment(unsigned i, uint32_t type, uint64_t offset, uint64_t filesz)
{
	image_phdr(i, TYPE, type);
	image_phdr(i, OFFSET, offset);
	image_phdr(i, VADDR, offset + BASE);
	image_phdr(i, FILESZ, filesz);
	image_phdr(i, ALIGN, 4);
}

void image_dynamic(size_t i, uint64_t tag, uint64_t value)
{
	const size_t word = image.is64 ? 8 : 4;

	image_put(DYNAMIC + i * 2 * word, tag, word);
	image_put(DYNAMIC + (i * 2 + 1) * word, value, word);
}

size_t image_note(size_t at, const char *name, uint32_t type, uint32_t desc_len,
		  size_t align)
{
	const size_t name_len = strlen(name) + 1;
	const size_t desc = (12 + name_len + align - 1) / align * align;

	image_put(at, name_len, 4);
	image_put(at + 4, desc_len, 4);
	image_put(at + 8, type, 4);
	memcpy(image.bytes + at + 12, name, name_len);
	for (size_t i = 0; i < desc_len; i++)
		image.bytes[at + desc + i] = (uint8_t)(0xa0 + i);
	return at + (desc + desc_len + align - 1) / align * align;
}

static void put_header(void)
{
	memcpy(image.bytes, "\177ELF", 4);
	image.bytes[4] = image.is64 ? 2 : 1;
	image.bytes[5] = image.big ? 2 : 1;
	image.bytes[6] = 1;
	image_put(image.is64 ? 32 : 28, PHDRS, image.is64 ? 8 : 4);
	image_put(image.is64 ? 54 : 42, image.is64 ? 56 : 32, 2);
	image_put(image.is64 ? 56 : 44, NPHDRS, 2);
}

void image_make(size_t variant)
{
	static const char strings[] = "\0libc.so.6\0libz.so.1";

	memset(&image, 0, sizeof(image));
	image.len = SIZE;
	image.is64 = !(variant & 2);
	image.big = variant & 1;
	put_header();
	image_segment(DECOY, 1, 0x500, 0x10);
	image_phdr(DECOY, VADDR, 0x900000);
	image_segment(LOAD, 1, 0, SIZE);
	image_segment(NOTE, 4, NOTES,
		      image_note(NOTES, "GNU", 3, BUILD_ID_LEN, 4) - NOTES);
	image_segment(DYN, 2, DYNAMIC, DYNSTR - DYNAMIC);
	image_dynamic(0, 1, 1); /* DT_NEEDED */
	image_dynamic(1, 14, SONAME);
	image_dynamic(2, 5, BASE + DYNSTR);
	image_dynamic(3, 10, DYNSTR_LEN);
	memcpy(image.bytes + DYNSTR, strings, sizeof(strings));
}
