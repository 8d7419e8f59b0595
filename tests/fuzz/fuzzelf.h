/*
 * fuzzelf.h - SONAME and build-id of an ELF file that is all in memory, read in the
 * plainest way: what fuzz_elf.c holds against the reader of scan/elf.c.
 *
 * Sets no limits of its own, so that it can answer for small files only.
 */
#ifndef FUZZELF_H
#define FUZZELF_H

#include "fuzztext.h"
#include "scan/elf.h"

struct fuzzelf {
	const uint8_t *bytes;
	size_t size;
	size_t word; /* bytes of an address */
	bool big;
};

/* A number of len bytes at offset; *ok is false from there on where the file ends before. */
static inline uint64_t fuzzelf_number(const struct fuzzelf *f, uint64_t offset,
				      size_t len, bool *ok)
{
	uint64_t n = 0;

	if (!*ok || offset > f->size || f->size - offset < len) {
		*ok = false;
		return 0;
	}
	for (size_t i = 0; i < len; i++)
		n |= (uint64_t)f->bytes[offset + i] << 8 * (f->big ? len - 1 - i : i);
	return n;
}

struct fuzzelf_segment {
	uint64_t type, offset, address, size, align;
};

static inline bool fuzzelf_segment(const struct fuzzelf *f, uint64_t i,
				   struct fuzzelf_segment *ret)
{
	const size_t w = f->word;
	bool ok = true;
	uint64_t at = fuzzelf_number(f, 24 + w, w, &ok) + i * (w == 8 ? 56 : 32);

	ret->type = fuzzelf_number(f, at, 4, &ok);
	ret->offset = fuzzelf_number(f, at + w, w, &ok);
	ret->address = fuzzelf_number(f, at + 2 * w, w, &ok);
	ret->size = fuzzelf_number(f, at + 4 * w, w, &ok);
	ret->align = fuzzelf_number(f, at + (w == 8 ? 48 : 28), w, &ok);
	/* All of the header must be there, its last field too. */
	return ok;
}

/* Takes the build-id of a segment of notes. */
static inline void fuzzelf_notes(const struct fuzzelf *f, const struct fuzzelf_segment *s,
				 struct elf_ids *ids)
{
	const uint64_t pad = s->align == 8 ? 7 : 3;
	uint64_t at = 0;

	while (at < s->size && s->size - at >= 16 && !ids->build_id_len) {
		bool ok = true;
		uint64_t name = fuzzelf_number(f, s->offset + at, 4, &ok);
		uint64_t desc = fuzzelf_number(f, s->offset + at + 4, 4, &ok);
		uint64_t type = fuzzelf_number(f, s->offset + at + 8, 4, &ok);
		uint64_t from = at + ((12 + name + pad) & ~pad);

		fuzzelf_number(f, s->offset + at + 12, 4, &ok);
		if (!ok || from + desc > s->size)
			return;
		if (type == 3 && name == 4 && desc <= ELF_BUILD_ID_MAX &&
		    memcmp(f->bytes + s->offset + at + 12, "GNU", 4) == 0) {
			if (s->offset + from > f->size ||
			    f->size - (s->offset + from) < desc)
				return;
			memcpy(ids->build_id, f->bytes + s->offset + from, desc);
			ids->build_id_len = desc;
		} else if (type == 3 && name == 4 && desc > ELF_BUILD_ID_MAX &&
			   memcmp(f->bytes + s->offset + at + 12, "GNU", 4) == 0) {
			return;
		}
		at = (from + desc + pad) & ~pad;
	}
}

#endif
