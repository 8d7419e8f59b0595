/*
 * elf.c - the SONAME and the GNU build-id of a file, normally from one to three reads.
 *
 * Two windows of a page each are all the memory it uses: one stays on the front of the
 * file, where linkers put the headers and the notes, one moves.  It looks at segments
 * only, as the loader does: sections may be stripped.  It does not judge whether the file
 * could run, and takes what is garbled for missing.
 */
#include "elf.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

enum {
	WINDOW = 4096,
	/* Linkers write about a dozen.  The kernel refuses a program whose table exceeds
	 * a page, 73 headers on x86: load_elf_phdrs() in fs/binfmt_elf.c. */
	PHDRS_MAX = 256,
	DYNAMIC_MAX = 1024,      /* entries; linkers write about thirty */
	NOTES_BYTES_MAX = 65536, /* of all notes together; a page is plenty */
};

/* elf(5).  <elf.h> has the same names, but a type for each of class and byte order. */
enum {
	EI_CLASS = 4,
	EI_DATA = 5,
	EI_VERSION = 6,
	PT_LOAD = 1,
	PT_DYNAMIC = 2,
	PT_NOTE = 4,
	NT_GNU_BUILD_ID = 3,
	DT_NULL = 0,
	DT_STRTAB = 5,
	DT_STRSZ = 10,
	DT_SONAME = 14,
};

/* Where the fields of a class stand, in bytes. */
struct layout {
	uint8_t word; /* size of an address, an offset, a dynamic tag */
	uint8_t ehdr_size, e_phoff, e_phentsize, e_phnum;
	uint8_t phdr_size, p_offset, p_vaddr, p_filesz, p_align;
};

static const struct layout layout32 = {
	.word = 4,
	.ehdr_size = 52,
	.e_phoff = 28,
	.e_phentsize = 42,
	.e_phnum = 44,
	.phdr_size = 32,
	.p_offset = 4,
	.p_vaddr = 8,
	.p_filesz = 16,
	.p_align = 28,
};

static const struct layout layout64 = {
	.word = 8,
	.ehdr_size = 64,
	.e_phoff = 32,
	.e_phentsize = 54,
	.e_phnum = 56,
	.phdr_size = 56,
	.p_offset = 8,
	.p_vaddr = 16,
	.p_filesz = 32,
	.p_align = 48,
};

struct window {
	uint64_t offset;
	size_t len;
	uint8_t bytes[WINDOW];
};

struct phdr {
	uint32_t type;
	uint64_t offset;
	uint64_t vaddr;
	uint64_t filesz;
	uint64_t align;
};

struct elf {
	const struct elf_source *source;
	const struct layout *layout;
	bool big_endian;
	uint64_t phoff;
	unsigned phnum;
	uint64_t notes_left; /* bytes, of NOTES_BYTES_MAX */
	struct window front;
	struct window page;
};

static uint64_t number(const struct elf *elf, const uint8_t *bytes, size_t len)
{
	uint64_t value = 0;

	for (size_t i = 0; i < len; i++)
		value = value << 8 | bytes[elf->big_endian ? i : len - 1 - i];
	return value;
}

/* A field as wide as the class. */
static uint64_t word(const struct elf *elf, const uint8_t *bytes)
{
	return number(elf, bytes, elf->layout->word);
}

/* Moves the window to offset and reads until it holds need bytes or the file ends. */
static int window_read(struct window *window, const struct elf_source *source,
		       uint64_t offset, size_t need)
{
	window->offset = offset;
	window->len = 0;
	while (window->len < need) {
		size_t room = WINDOW - window->len;
		ssize_t n = source->read(source->arg, window->bytes + window->len, room,
					 offset + window->len);

		if (n < 0)
			return (int)n;
		if (n == 0)
			break;
		if ((size_t)n > room)
			return -EIO;
		window->len += (size_t)n;
	}
	return 0;
}

static bool window_has(const struct window *window, uint64_t offset, size_t len,
		       const uint8_t **ret)
{
	if (offset < window->offset || offset - window->offset > window->len ||
	    window->len - (size_t)(offset - window->offset) < len)
		return false;
	*ret = window->bytes + (offset - window->offset);
	return true;
}

/*
 * Points *ret at len bytes of the file, which stay there until the next call.  Returns 1,
 * 0 where the file is too short, or the negative errno of the callback.  Offsets that
 * overflow need no check where a lower one was read before: no file is that long.
 */
static int elf_bytes(struct elf *elf, uint64_t offset, size_t len, const uint8_t **ret)
{
	int r;

	if (window_has(&elf->front, offset, len, ret) ||
	    window_has(&elf->page, offset, len, ret))
		return 1;
	if (offset > INT64_MAX - WINDOW) /* beyond off_t: no file is that long */
		return 0;
	r = window_read(&elf->page, elf->source, offset, len);
	if (r < 0)
		return r;
	return window_has(&elf->page, offset, len, ret);
}

/* Returns 1, 0 where there is no such header, or a negative errno. */
static int phdr_read(struct elf *elf, unsigned i, struct phdr *ret)
{
	const struct layout *layout = elf->layout;
	const uint8_t *p = NULL;
	int r;

	r = elf_bytes(elf, elf->phoff + (uint64_t)i * layout->phdr_size,
		      layout->phdr_size, &p);
	if (r <= 0)
		return r;
	ret->type = (uint32_t)number(elf, p, 4);
	ret->offset = word(elf, p + layout->p_offset);
	ret->vaddr = word(elf, p + layout->p_vaddr);
	ret->filesz = word(elf, p + layout->p_filesz);
	ret->align = word(elf, p + layout->p_align);
	return 1;
}

static uint64_t align_up(uint64_t value, uint64_t align)
{
	return (value + align - 1) & ~(align - 1);
}

/* A note: sizes and type, "GNU", then what it says. */
enum { NOTE_HEAD = 12, NOTE_NAME = 4 };

static int build_id_read(struct elf *elf, uint64_t offset, uint64_t len,
			 struct elf_ids *ids)
{
	const uint8_t *p = NULL;
	int r;

	if (len > ELF_BUILD_ID_MAX)
		return 0;
	r = elf_bytes(elf, offset, (size_t)len, &p);
	if (r <= 0)
		return r;
	memcpy(ids->build_id, p, (size_t)len);
	ids->build_id_len = (size_t)len;
	return 1;
}

/*
 * 04 00 00 00 14 00 00 00 03 00 00 00 47 4e 55 00 0b 25 ...	"GNU", 20 bytes, type 3
 *
 * The note that at begins with.  Name and contents are padded to 4 bytes, to 8 in a
 * segment that is aligned to 8 (elf(5), "Notes"; glibc's ELF_NOTE_DESC_OFFSET); the sizes
 * have 32 bits in both classes, so that nothing here overflows.  Returns 1 and its length
 * with the padding, 0 where no more can follow, or a negative errno.
 */
static int note_read(struct elf *elf, const struct phdr *at, struct elf_ids *ids,
		     uint64_t *ret_len)
{
	const uint64_t align = at->align == 8 ? 8 : 4;
	const uint8_t *p = NULL;
	uint64_t name_size, desc_size, desc;
	int r = elf_bytes(elf, at->offset, NOTE_HEAD + NOTE_NAME, &p);

	if (r <= 0)
		return r;
	name_size = number(elf, p, 4);
	desc_size = number(elf, p + 4, 4);
	desc = align_up(NOTE_HEAD + name_size, align);
	if (desc + desc_size > at->filesz)
		return 0;
	*ret_len = align_up(desc + desc_size, align);
	if (number(elf, p + 8, 4) != NT_GNU_BUILD_ID || name_size != NOTE_NAME ||
	    memcmp(p + NOTE_HEAD, "GNU", NOTE_NAME) != 0)
		return 1;
	return build_id_read(elf, at->offset + desc, desc_size, ids);
}

/* Walks one PT_NOTE until it has the build-id. */
static int notes_read(struct elf *elf, struct phdr at, struct elf_ids *ids)
{
	uint64_t len;

	if (at.filesz > elf->notes_left)
		at.filesz = elf->notes_left;
	elf->notes_left -= at.filesz;
	while (at.filesz >= NOTE_HEAD + NOTE_NAME && ids->build_id_len == 0) {
		int r = note_read(elf, &at, ids, &len);

		if (r <= 0)
			return r;
		if (len >= at.filesz) /* the padding of the last one may be missing */
			return 0;
		at.offset += len;
		at.filesz -= len;
	}
	return 0;
}

/* What of PT_DYNAMIC leads to the SONAME. */
struct dynamic {
	uint64_t soname; /* offset in the strings; 0: none, "" stands there */
	uint64_t strtab; /* address */
	uint64_t strsz;  /* bytes */
};

static int dynamic_read(struct elf *elf, const struct phdr *phdr, struct dynamic *ret)
{
	const size_t size = (size_t)2 * elf->layout->word;
	uint64_t entries = phdr->filesz / size;

	for (uint64_t i = 0; i < entries && i < DYNAMIC_MAX; i++) {
		const uint8_t *p = NULL;
		uint64_t value;
		int r;

		r = elf_bytes(elf, phdr->offset + i * size, size, &p);
		if (r <= 0)
			return r;
		value = word(elf, p + elf->layout->word);
		switch (word(elf, p)) {
		case DT_NULL:
			return 0;
		case DT_STRTAB:
			ret->strtab = value;
			break;
		case DT_STRSZ:
			ret->strsz = value;
			break;
		case DT_SONAME:
			ret->soname = value;
			break;
		default: /* the thirty others */
			break;
		}
	}
	return 0;
}

/*
 * The offset in the file of an address, by the PT_LOAD that holds it, and how many bytes
 * of that segment follow.  Returns 1, 0 where no segment does, or a negative errno.
 */
static int address_find(struct elf *elf, uint64_t address, uint64_t *ret_offset,
			uint64_t *ret_room)
{
	struct phdr phdr;

	for (unsigned i = 0; i < elf->phnum; i++) {
		int r = phdr_read(elf, i, &phdr);

		if (r <= 0)
			return r;
		if (phdr.type != PT_LOAD || address < phdr.vaddr ||
		    address - phdr.vaddr >= phdr.filesz)
			continue;
		*ret_room = phdr.filesz - (address - phdr.vaddr);
		return !__builtin_add_overflow(phdr.offset, address - phdr.vaddr,
					       ret_offset);
	}
	return 0;
}

/* A SONAME is looked up in a folder: with a '/' in it, it would lead elsewhere. */
static int soname_read(struct elf *elf, const struct dynamic *dynamic,
		       struct elf_ids *ids)
{
	const uint8_t *p = NULL;
	uint64_t address, offset, room;
	uint64_t want = sizeof(ids->soname);
	size_t len;
	int r;

	if (dynamic->soname == 0 || dynamic->soname >= dynamic->strsz ||
	    __builtin_add_overflow(dynamic->strtab, dynamic->soname, &address))
		return 0;
	r = address_find(elf, address, &offset, &room);
	if (r <= 0)
		return r;
	if (want > room)
		want = room;
	if (want > dynamic->strsz - dynamic->soname)
		want = dynamic->strsz - dynamic->soname;
	r = elf_bytes(elf, offset, (size_t)want, &p);
	if (r <= 0)
		return r;
	len = strnlen((const char *)p, (size_t)want);
	if (len < want && !memchr(p, '/', len))
		memcpy(ids->soname, p, len);
	return 0;
}

/* All program headers once: notes on the way, then what the dynamic segment says. */
static int segments_read(struct elf *elf, struct elf_ids *ids)
{
	struct dynamic dynamic = {0};
	struct phdr phdr;

	for (unsigned i = 0; i < elf->phnum; i++) {
		int r = phdr_read(elf, i, &phdr);

		if (r <= 0)
			return r;
		if (phdr.type == PT_NOTE)
			r = notes_read(elf, phdr, ids);
		else if (phdr.type == PT_DYNAMIC) /* the last one, as in ld.so */
			r = dynamic_read(elf, &phdr, &dynamic);
		if (r < 0)
			return r;
	}
	return soname_read(elf, &dynamic, ids);
}

/* 7f 45 4c 46 02 01 01 00 ...	"\177ELF", 64 bits, little-endian, version 1 */
static int header_read(struct elf *elf)
{
	const uint8_t *p;
	int r = window_read(&elf->front, elf->source, 0, layout64.ehdr_size);

	if (r < 0)
		return r;
	p = elf->front.bytes;
	if (memcmp(p, "\177ELF", 4) != 0 || p[EI_VERSION] != 1 ||
	    (p[EI_CLASS] != 1 && p[EI_CLASS] != 2) ||
	    (p[EI_DATA] != 1 && p[EI_DATA] != 2))
		return -EINVAL;
	elf->layout = p[EI_CLASS] == 1 ? &layout32 : &layout64;
	elf->big_endian = p[EI_DATA] == 2;
	if (elf->front.len < elf->layout->ehdr_size)
		return -EINVAL;
	elf->phoff = word(elf, p + elf->layout->e_phoff);
	elf->phnum = (unsigned)number(elf, p + elf->layout->e_phnum, 2);
	if (elf->phnum > PHDRS_MAX ||
	    number(elf, p + elf->layout->e_phentsize, 2) != elf->layout->phdr_size)
		elf->phnum = 0;
	return 0;
}

int elf_ids_read(const struct elf_source *source, struct elf_ids *ret)
{
	struct elf elf;
	struct elf_ids ids = {0};
	int r;

	elf.source = source;
	elf.notes_left = NOTES_BYTES_MAX;
	elf.page.offset = 0;
	elf.page.len = 0; /* the bytes need no zeroing: len says what is there */
	r = header_read(&elf);
	if (r < 0)
		return r;
	r = segments_read(&elf, &ids);
	if (r < 0)
		return r;
	*ret = ids;
	return 0;
}

static ssize_t read_fd(void *arg, void *buf, size_t len, uint64_t offset)
{
	ssize_t n;

	do {
		n = pread(*(const int *)arg, buf, len, (off_t)offset);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

int elf_ids_read_fd(int fd, struct elf_ids *ret)
{
	const struct elf_source source = {.read = read_fd, .arg = &fd};

	return elf_ids_read(&source, ret);
}
