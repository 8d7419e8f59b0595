/*
 * test_elf.c - ELF files made in memory, of both classes and both byte orders, whole, cut
 * and garbled; and the C library of this machine.  image_make(0) is an ELF64 LE one, for
 * what does not depend on class and byte order.
 */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "scan/elf.h"
#include "support/elfimage.h"

/* The image as a source: how much a read gives at most, which one fails. */
struct reader {
	size_t len;
	size_t chunk;   /* 0: all that is asked for */
	unsigned fails; /* the how-manieth read; 0: none */
	unsigned lies;  /* by how many bytes it says to give more */
	unsigned reads;
};

static ssize_t read_image(void *arg, void *buf, size_t len, uint64_t offset)
{
	struct reader *reader = arg;

	assert_true(offset <= INT64_MAX - len); /* off_t */
	if (++reader->reads == reader->fails)
		return -ESTALE;
	if (offset >= reader->len)
		return 0;
	if (len > reader->len - offset)
		len = reader->len - (size_t)offset;
	if (reader->chunk && len > reader->chunk)
		len = reader->chunk;
	memcpy(buf, image.bytes + offset, len);
	return (ssize_t)(len + reader->lies);
}

static int read_ids(struct reader *reader, struct elf_ids *ret)
{
	const struct elf_source source = {read_image, reader};

	return elf_ids_read(&source, ret);
}

static void expect_of(struct reader *reader, const char *label, const char *soname,
		      size_t build_id_len)
{
	struct elf_ids ids;

	row_number(label, "result", read_ids(reader, &ids), 0);
	row_text(label, "SONAME", ids.soname, strlen(ids.soname), soname);
	row_number(label, "build-id length", ids.build_id_len, build_id_len);
	for (size_t i = 0; i < build_id_len; i++)
		row_number(label, "build-id byte", ids.build_id[i], 0xa0 + i);
}

static void expect(const char *label, const char *soname, size_t build_id_len)
{
	expect_of(&(struct reader){.len = image.len}, label, soname, build_id_len);
}

static void both_ids_are_read_at_once_in_all_four_variants(void **state)
{
	(void)state;
	for (size_t v = 0; v < IMAGE_VARIANTS; v++) {
		struct reader reader = {.len = SIZE};

		image_make(v);
		expect_of(&reader, image_variants[v], "libz.so.1", BUILD_ID_LEN);
		row_number(image_variants[v], "reads", reader.reads, 1);
	}
}

static void short_reads_change_nothing(void **state)
{
	struct reader reader = {.len = SIZE};

	(void)state;
	image_make(0);
	for (reader.chunk = 1; reader.chunk < 80; reader.chunk++)
		expect_of(&reader, "short reads", "libz.so.1", BUILD_ID_LEN);
}

static void file_cut_anywhere_gives_what_is_whole(void **state)
{
	const size_t build_id_end = NOTES + 16 + BUILD_ID_LEN;
	const size_t soname_end = DYNSTR + SONAME + ELF_SONAME_MAX + 1;

	(void)state;
	for (size_t v = 0; v < IMAGE_VARIANTS; v++) {
		struct reader reader = {.len = 0};

		image_make(v);
		for (; reader.len < (image.is64 ? 64 : 52); reader.len++) {
			struct elf_ids ids = {.build_id_len = 99};

			assert_int_equal(read_ids(&reader, &ids), -EINVAL);
			assert_int_equal(ids.build_id_len, 99);
		}
		for (; reader.len <= SIZE; reader.len++)
			expect_of(&reader, image_variants[v],
				  reader.len < soname_end ? "" : "libz.so.1",
				  reader.len < build_id_end ? 0 : BUILD_ID_LEN);
	}
}

/* Whatever the file says, what comes out is a name and a length that fits. */
static void garble(size_t at, size_t n, uint8_t byte)
{
	struct reader reader = {.len = SIZE};
	struct elf_ids ids;
	uint8_t saved[8];
	int r;

	memset(&ids, '/', sizeof(ids));
	memcpy(saved, image.bytes + at, n);
	memset(image.bytes + at, byte, n);
	r = read_ids(&reader, &ids);
	memcpy(image.bytes + at, saved, n);
	assert_in_range(reader.reads, 1, 1000);
	if (r == -EINVAL)
		return;
	assert_int_equal(r, 0);
	assert_non_null(memchr(ids.soname, '\0', sizeof(ids.soname)));
	assert_null(strchr(ids.soname, '/'));
	assert_in_range(ids.build_id_len, 0, ELF_BUILD_ID_MAX);
}

static void file_garbled_anywhere_does_no_harm(void **state)
{
	static const uint8_t bytes[] = {0, 1, 0x2f, 0x7f, 0x80, 0xfe, 0xff};

	(void)state;
	for (size_t v = 0; v < IMAGE_VARIANTS; v++) {
		image_make(v);
		for (size_t at = 0; at + 8 <= SIZE; at++)
			for (size_t i = 0; i < 4 * ARRAY_LEN(bytes); i++)
				garble(at, (size_t)1 << i % 4, bytes[i / 4]);
	}
}

static void what_is_no_elf_file_is_refused(void **state)
{
	/* Where, and what is wrong there: magic, class, byte order, version. */
	static const uint8_t wrong[][2] = {{0, '#'}, {1, 'e'}, {2, 0}, {3, 'G'}, {4, 0},
					   {4, 3},   {5, 0},   {5, 3}, {6, 0},   {6, 2}};
	struct elf_ids ids = {.build_id_len = 99};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		struct reader reader = {.len = SIZE};

		image_make(0);
		image.bytes[wrong[i][0]] = wrong[i][1];
		assert_int_equal(read_ids(&reader, &ids), -EINVAL);
		assert_int_equal(ids.build_id_len, 99);
	}
}

/* Notes of other kinds, then a build-id; returns the offset behind it. */
static size_t put_many_notes(size_t align)
{
	size_t at = image_note(NOTES, "GNU", 5, 12, align); /* properties */

	at = image_note(at, "stapsdt", 3, 5, align);
	at = image_note(at, "XYZ", 3, 5, align);
	at = image_note(at, "GNU", 1, 16, align); /* ABI tag */
	at = image_note(at, "Go", 4, 7, align);
	at = image_note(at, "GNU", 3, 8, align);
	return image_note(at, "GNU", 3, 4, align); /* too late */
}

static void notes_padded_to_four_and_to_eight_are_walked(void **state)
{
	(void)state;
	for (size_t i = 0; i < (size_t)2 * IMAGE_VARIANTS; i++) {
		const size_t align = i & 1 ? 8 : 4;

		image_make(i / 2);
		image_phdr(NOTE, FILESZ, put_many_notes(align) - NOTES);
		image_phdr(NOTE, ALIGN, align);
		expect(image_variants[i / 2], "libz.so.1", 8);
		image_phdr(NOTE, ALIGN, 12 - align);
		expect("wrong alignment", "libz.so.1", 0);
	}
}

static void last_note_needs_no_padding_and_ends_the_segment(void **state)
{
	(void)state;
	image_make(0);
	image_note(NOTES, "GNU", 3, 7, 4);
	image_phdr(NOTE, FILESZ, 16 + 7);
	expect("unpadded", "libz.so.1", 7);
	image_phdr(NOTE, FILESZ, 16 + 6);
	expect("one byte short", "libz.so.1", 0);
	image_note(image_note(NOTES, "Go", 4, 7, 4), "GNU", 3, 20, 4);
	image_phdr(NOTE, FILESZ, 16 + 7);
	expect("a note behind the segment", "libz.so.1", 0);
	image_note(NOTES, "GNU", 3, 8, 4);
	image_put(NOTES, 8, 4);
	image_phdr(NOTE, FILESZ, 20 + 8);
	expect("a longer name that begins with GNU", "libz.so.1", 0);
}

static void build_id_may_stand_in_a_second_note_segment(void **state)
{
	(void)state;
	image_make(0);
	image_segment(DECOY, 4, NOTES + 0x80, 0x10);
	image_note(NOTES + 0x80, "GNU", 1, 0, 4);
	expect("second", "libz.so.1", BUILD_ID_LEN);
}

static void build_id_of_no_or_too_many_bytes_is_none(void **state)
{
	static const uint32_t lens[] = {0, 1, ELF_BUILD_ID_MAX, ELF_BUILD_ID_MAX + 1};
	static const size_t want[] = {0, 1, ELF_BUILD_ID_MAX, 0};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lens); i++) {
		image_make(0);
		image_phdr(NOTE, FILESZ, image_note(NOTES, "GNU", 3, lens[i], 4) - NOTES);
		expect("length", "libz.so.1", want[i]);
	}
}

static void expect_soname(const char *soname, bool good)
{
	image_make(0);
	memcpy(image.bytes + DYNSTR + SONAME, soname, strlen(soname) + 1);
	expect(soname, good ? soname : "", BUILD_ID_LEN);
}

static void soname_that_names_no_file_of_a_folder_is_none(void **state)
{
	char longest[ELF_SONAME_MAX + 2] = "";

	(void)state;
	expect_soname("../libz.so.1", false);
	expect_soname("libz.so.1/", false);
	expect_soname("/", false);
	expect_soname("", true);
	expect_soname("lib z\x1b\xff.so", true);
	memset(longest, 'x', ELF_SONAME_MAX);
	expect_soname(longest, true);
	longest[ELF_SONAME_MAX] = 'x';
	expect_soname(longest, false);
}

static void soname_outside_of_its_strings_is_none(void **state)
{
	static const struct {
		const char *label;
		unsigned entry;
		uint64_t tag, value;
		const char *want;
	} rows[] = {
		{"ends with the strings", 3, 10, 21, "libz.so.1"},
		{"no NUL before their end", 3, 10, 20, ""},
		{"begins at their end", 1, 14, DYNSTR_LEN, ""},
		{"begins far behind", 1, 14, UINT64_MAX, ""},
		{"strings of no size", 3, 10, 0, ""},
		{"strings of any size", 3, 10, UINT64_MAX, "libz.so.1"},
		{"strings at address 0", 2, 5, 0, ""},
		{"strings at the last address", 2, 5, UINT64_MAX, ""},
		{"strings in front of the segment", 2, 5, BASE - 12, ""},
		{"strings behind the segment", 2, 5, BASE + SIZE, ""},
		{"no strings", 2, 99, BASE + DYNSTR, ""},
		{"no size", 3, 99, DYNSTR_LEN, ""},
		{"no name", 1, 99, 11, ""},
		{"an end in front of it", 0, 0, 0, ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		image_make(0);
		image.bytes[DYNSTR] = 'x'; /* where an offset of 0 would lead */
		image_dynamic(rows[i].entry, rows[i].tag, rows[i].value);
		expect(rows[i].label, rows[i].want, BUILD_ID_LEN);
	}
}

static void strings_are_found_through_the_segment_that_holds_them(void **state)
{
	(void)state;
	image_make(0);
	image_dynamic(2, 5, 0x900000);
	image_phdr(DECOY, OFFSET, DYNSTR);
	image_phdr(DECOY, FILESZ, 21);
	expect("long enough", "libz.so.1", BUILD_ID_LEN);
	image_phdr(DECOY, FILESZ, 20);
	expect("segment too short", "", BUILD_ID_LEN);
	image_phdr(DECOY, FILESZ, 5);
	expect("segment ends before it", "", BUILD_ID_LEN);
	image_dynamic(2, 5, BASE + DYNSTR);
	image_phdr(DECOY, FILESZ, UINT64_MAX);
	expect("segment of any size, behind it", "libz.so.1", BUILD_ID_LEN);
	image_dynamic(2, 5, 0x900000);
	image_phdr(DECOY, FILESZ, 21);
	image_phdr(DECOY, TYPE, 0x6474e552); /* PT_GNU_RELRO */
	expect("no PT_LOAD", "", BUILD_ID_LEN);
}

static void offsets_that_overflow_lead_nowhere(void **state)
{
	static const uint64_t huge[] = {UINT64_MAX - 9,  UINT64_MAX,
					UINT64_MAX - 15, INT64_MAX,
					INT64_MAX - 64,  (uint64_t)1 << 63};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(huge); i++) {
		image_make(0);
		image_phdr(NOTE, OFFSET, huge[i]);
		image_phdr(NOTE, FILESZ, UINT64_MAX);
		expect("notes", "libz.so.1", 0);
		image_phdr(DYN, OFFSET, huge[i]);
		image_phdr(DYN, FILESZ, UINT64_MAX);
		expect("dynamic", "", 0);
		image_make(0);
		image_phdr(LOAD, OFFSET, huge[i]);
		expect("load", "", BUILD_ID_LEN);
		image_put(32, huge[i], 8); /* e_phoff */
		expect("headers", "", 0);
	}
}

static void soname_address_that_overflows_is_none(void **state)
{
	const uint64_t half = (uint64_t)1 << 63;

	(void)state;
	image_make(0);
	image_phdr(LOAD, VADDR, 0);
	image_dynamic(1, 14, half);
	image_dynamic(2, 5, half + DYNSTR + SONAME);
	image_dynamic(3, 10, UINT64_MAX);
	expect("wraps to libz.so.1", "", BUILD_ID_LEN);
}

static void numbers_of_things_are_limited(void **state)
{
	(void)state;
	image_make(0);
	image_put(56, 257, 2); /* e_phnum */
	expect("257 headers", "", 0);
	image_make(0);
	image_put(54, 57, 2); /* e_phentsize */
	expect("headers of 57 bytes", "", 0);

	image_make(0);
	image.len = 0x20000;
	image_segment(NOTE, 4, 0x1000, 0x1f000);
	image_note(0x1000, "x", 1, 0xffc0, 4);
	image_note(0x1000 + 16 + 0xffc0, "GNU", 3, 20, 4);
	expect("note within 64 KiB", "libz.so.1", 20);
	image_note(0x1000, "x", 1, 0xffe0, 4);
	image_note(0x1000 + 16 + 0xffe0, "GNU", 3, 20, 4);
	expect("note behind 64 KiB", "libz.so.1", 0);
	image_segment(DECOY, 4, 0x1000, 0x10000);
	image_segment(NOTE, 4, NOTES, 16 + BUILD_ID_LEN);
	expect("note behind 64 KiB of another segment", "libz.so.1", 0);
}

static void only_so_many_dynamic_entries_are_read(void **state)
{
	(void)state;
	for (unsigned before = 1020; before <= 1022; before++) {
		image_make(0);
		image.len = LARGEST;
		memcpy(image.bytes + 0x10000, image.bytes + DYNSTR, DYNSTR_LEN);
		image_phdr(LOAD, FILESZ, image.len);
		image_phdr(DYN, FILESZ, 0xf000);
		for (unsigned i = 0; i < before; i++)
			image_dynamic(i, 1, 1);
		image_dynamic(before, 5, BASE + 0x10000);
		image_dynamic(before + 1, 10, DYNSTR_LEN);
		image_dynamic(before + 2, 14, 11);
		expect("1024 entries", before <= 1021 ? "libz.so.1" : "", BUILD_ID_LEN);
	}
}

static void error_of_any_read_is_handed_on_and_changes_nothing(void **state)
{
	(void)state;
	image_make(0);
	image.len = LARGEST;
	image_segment(NOTE, 4, 0x8000, image_note(0x8000, "GNU", 3, 20, 4) - 0x8000);
	memcpy(image.bytes + 0x10000, image.bytes + DYNAMIC, DYNSTR - DYNAMIC);
	image_phdr(DYN, OFFSET, 0x10000);
	memcpy(image.bytes + 0x20000, image.bytes + DYNSTR, DYNSTR_LEN);
	image_phdr(DECOY, OFFSET, 0x20000);
	image_phdr(DECOY, VADDR, BASE + DYNSTR);
	image_phdr(DECOY, FILESZ, DYNSTR_LEN);
	expect("all far away", "libz.so.1", 20);
	for (unsigned reads = 1; reads <= 4; reads++) {
		struct reader reader = {.len = image.len, .fails = reads};
		struct elf_ids ids = {.build_id_len = 99};

		assert_int_equal(read_ids(&reader, &ids), -ESTALE);
		assert_int_equal(reader.reads, reads);
		assert_int_equal(ids.build_id_len, 99);
	}
}

static void source_that_gives_more_than_asked_is_an_error(void **state)
{
	struct reader reader = {.len = LARGEST, .lies = 1};
	struct elf_ids ids;

	(void)state;
	image_make(0);
	assert_int_equal(read_ids(&reader, &ids), -EIO);
}

/* Every pread(2) of this program: the first one is interrupted. */
static unsigned interrupts = 1, preads;

ssize_t pread(int fd, void *buf, size_t len, off_t offset)
{
	preads++;
	if (interrupts) {
		interrupts--;
		errno = EINTR;
		return -1;
	}
	return syscall(SYS_pread64, fd, buf, len, offset);
}

static int open_if_libc(struct dl_phdr_info *info, size_t size, void *arg)
{
	(void)size;
	if (strstr(info->dlpi_name, "/libc.so.6"))
		*(int *)arg = open(info->dlpi_name, O_RDONLY | O_CLOEXEC);
	return 0;
}

static void libc_of_this_machine_has_both_ids_in_three_reads(void **state)
{
	struct elf_ids ids;
	int fd = -1;

	(void)state;
	dl_iterate_phdr(open_if_libc, &fd);
	if (fd < 0) {
		print_message("skipped: no libc.so.6 is loaded\n");
		skip();
	}
	assert_int_equal(elf_ids_read_fd(fd, &ids), 0);
	close(fd);
	assert_string_equal(ids.soname, "libc.so.6");
	assert_in_range(ids.build_id_len, 8, 32);
	assert_in_range(preads, 2, 4); /* one of them interrupted */
}

static void error_of_pread_is_handed_on(void **state)
{
	const int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct elf_ids ids;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(elf_ids_read_fd(fd, &ids), -EISDIR);
	close(fd);
	assert_int_equal(elf_ids_read_fd(-1, &ids), -EBADF);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_ids_are_read_at_once_in_all_four_variants),
		cmocka_unit_test(short_reads_change_nothing),
		cmocka_unit_test(file_cut_anywhere_gives_what_is_whole),
		cmocka_unit_test(file_garbled_anywhere_does_no_harm),
		cmocka_unit_test(what_is_no_elf_file_is_refused),
		cmocka_unit_test(notes_padded_to_four_and_to_eight_are_walked),
		cmocka_unit_test(last_note_needs_no_padding_and_ends_the_segment),
		cmocka_unit_test(build_id_may_stand_in_a_second_note_segment),
		cmocka_unit_test(build_id_of_no_or_too_many_bytes_is_none),
		cmocka_unit_test(soname_that_names_no_file_of_a_folder_is_none),
		cmocka_unit_test(soname_outside_of_its_strings_is_none),
		cmocka_unit_test(strings_are_found_through_the_segment_that_holds_them),
		cmocka_unit_test(offsets_that_overflow_lead_nowhere),
		cmocka_unit_test(soname_address_that_overflows_is_none),
		cmocka_unit_test(numbers_of_things_are_limited),
		cmocka_unit_test(only_so_many_dynamic_entries_are_read),
		cmocka_unit_test(error_of_any_read_is_handed_on_and_changes_nothing),
		cmocka_unit_test(source_that_gives_more_than_asked_is_an_error),
		cmocka_unit_test(libc_of_this_machine_has_both_ids_in_three_reads),
		cmocka_unit_test(error_of_pread_is_handed_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
