/*
 * test_maps.c - lines of /proc/PID/maps as kernels write them, and as none does.
 */
#include "test.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>

#include "scan/maps.h"

#define DEVICE(major, minor) ((uint64_t)(major) << 32 | (minor))

struct row {
	const char *label;
	const char *line;
	struct maps_line want; /* path_len is worked out */
};

static const struct row good_rows[] = {
	{"path with a closing bracket, blanks, tab and ESC",
	 "7f00a000-7f00b000 r-xp 00000000 fe:00 77   /a )b (deleted)\t\x1b[31m c.so",
	 {0x7f00a000, 0x7f00b000, DEVICE(0xfe, 0), 77, "/a )b (deleted)\t\x1b[31m c.so",
	  0, true}},
	{"path that ends with blanks",
	 "7f00a000-7f00b000 r-xp 00000000 fe:00 77   /a.so  ",
	 {0x7f00a000, 0x7f00b000, DEVICE(0xfe, 0), 77, "/a.so  ", 0, true}},
	{"path that ends with a tab",
	 "7f00a000-7f00b000 r-xp 00000000 fe:00 77   /a.so\t",
	 {0x7f00a000, 0x7f00b000, DEVICE(0xfe, 0), 77, "/a.so\t", 0, true}},
	{"path that begins with a tab",
	 "1000-2000 --xp 0 0:1 5 \t/a.so",
	 {0x1000, 0x2000, DEVICE(0, 1), 5, "\t/a.so", 0, true}},
	{"invalid UTF-8",
	 "1000-2000 --xp 0 0:1 5 /\xff\xc0\x80.so",
	 {0x1000, 0x2000, DEVICE(0, 1), 5, "/\xff\xc0\x80.so", 0, true}},
	{"newline as the kernel writes it",
	 "1000-2000 --xp 0 0:1 5 /a\\012b.so",
	 {0x1000, 0x2000, DEVICE(0, 1), 5, "/a\\012b.so", 0, true}},
	{"path that looks like a line",
	 "1000-2000 --xp 0 0:1 5 /1000-2000 ---p 0 0:1 6 /b",
	 {0x1000, 0x2000, DEVICE(0, 1), 5, "/1000-2000 ---p 0 0:1 6 /b", 0, true}},
	{"a byte order mark and C1 bytes",
	 "1000-2000 --xp 0 0:1 5 /\xef\xbb\xbf\x9b",
	 {0x1000, 0x2000, DEVICE(0, 1), 5, "/\xef\xbb\xbf\x9b", 0, true}},
	{"64 bits",
	 "563476dc9000-563476dcf000 r-xp 00002000 fe:00 247498                     "
	 "/usr/bin/head",
	 {0x563476dc9000, 0x563476dcf000, DEVICE(0xfe, 0), 247498, "/usr/bin/head", 0,
	  true}},
	{"32 bits",
	 "08048000-08056000 r-xp 00000000 03:0c 64593      /usr/sbin/gpm",
	 {0x8048000, 0x8056000, DEVICE(3, 0xc), 64593, "/usr/sbin/gpm", 0, true}},
	{"no path",
	 "7ffc5f5f2000-7ffc5f613000 rw-p 00000000 00:00 0",
	 {0x7ffc5f5f2000, 0x7ffc5f613000, 0, 0, NULL, 0, false}},
	{"no path, the blank after the inode",
	 "7ffc5f5f2000-7ffc5f613000 rw-p 00000000 00:00 0 ",
	 {0x7ffc5f5f2000, 0x7ffc5f613000, 0, 0, NULL, 0, false}},
	{"vsyscall, the highest addresses",
	 "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0          [vsyscall]",
	 {0xffffffffff600000, 0xffffffffff601000, 0, 0, "[vsyscall]", 0, true}},
	{"inode of 20 digits",
	 "1000-2000 r-xp 0 00:2a 18446744073709551615 /usr/lib/libz.so",
	 {0x1000, 0x2000, DEVICE(0, 0x2a), UINT64_MAX, "/usr/lib/libz.so", 0, true}},
	{"minor over 0xff",
	 "1000-2000 r-xp 0 103:fffff 7 /x",
	 {0x1000, 0x2000, DEVICE(0x103, 0xfffff), 7, "/x", 0, true}},
	{"largest device",
	 "1000-2000 r-xp 0 ffffffff:ffffffff 7 /x",
	 {0x1000, 0x2000, UINT64_MAX, 7, "/x", 0, true}},
	{"largest offset",
	 "1000-2000 r-xp ffffffffffffffff 0:1 7 /x",
	 {0x1000, 0x2000, DEVICE(0, 1), 7, "/x", 0, true}},
	{"a name that does not begin with a slash",
	 "1000-2000 rw-s 0 0:f 9 anon_inode:[x]",
	 {0x1000, 0x2000, DEVICE(0, 0xf), 9, "anon_inode:[x]", 0, false}},
};

static void check_row(const struct row *row)
{
	char *copy = exact_copy(row->line, strlen(row->line));
	struct maps_line line;

	row_number(row->label, "result", maps_line_parse(copy, strlen(row->line), &line),
		   0);
	row_number(row->label, "start", line.start, row->want.start);
	row_number(row->label, "end", line.end, row->want.end);
	row_number(row->label, "device", line.device, row->want.device);
	row_number(row->label, "inode", line.inode, row->want.inode);
	row_number(row->label, "executable", line.executable, row->want.executable);
	row_text(row->label, "path", line.path, line.path_len, row->want.path);
	if (!row->want.path)
		row_number(row->label, "path length", line.path_len, 0);
	free(copy);
}

static void every_layout_of_a_line_is_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good_rows); i++)
		check_row(&good_rows[i]);
}

static void only_the_x_bit_makes_a_mapping_executable(void **state)
{
	static const struct {
		const char *perms;
		int want; /* 1, 0, or a negative errno */
	} rows[] = {
		{"r-xp", 1},       {"r-xs", 1},       {"rwxp", 1},        {"--xp", 1},
		{"-wxs", 1},       {"r--p", 0},       {"rw-s", 0},        {"---p", 0},
		{"r-Xp", -EINVAL}, {"r-x", -EINVAL},  {"r-xpp", -EINVAL}, {"xr-p", 0},
		{"rx-p", 0},       {"r- p", -EINVAL}, {"", -EINVAL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char text[64];
		struct maps_line line = {.executable = false};
		int r;

		(void)snprintf(text, sizeof(text), "1000-2000 %s 0 0:1 5 /x",
			       rows[i].perms);
		r = maps_line_parse(text, strlen(text), &line);
		row_number(rows[i].perms, "result", r < 0 ? r : line.executable,
			   rows[i].want);
	}
}

static void path_longer_than_path_max_is_read_whole(void **state)
{
	static const char front[] = "1000-2000 r-xp 0 0:1 5 ";
	const size_t path_len = (size_t)3 * PATH_MAX;
	const size_t len = strlen(front) + path_len;
	char *text = test_malloc(len);
	struct maps_line line;

	(void)state;
	memcpy(text, front, strlen(front));
	memset(text + strlen(front), '/', path_len);
	assert_int_equal(maps_line_parse(text, len, &line), 0);
	assert_int_equal(line.path_len, path_len);
	assert_ptr_equal(line.path, text + strlen(front));
	test_free(text);
}

static void malformed_lines_are_refused_and_change_nothing(void **state)
{
	static const struct {
		const char *label;
		const char *line;
		int want;
	} rows[] = {
		{"nothing", "", -EINVAL},
		{"a blank", " ", -EINVAL},
		{"no dash", "1000 2000 r-xp 0 0:1 5 /x", -EINVAL},
		{"no start", "-2000 r-xp 0 0:1 5 /x", -EINVAL},
		{"no end", "1000- r-xp 0 0:1 5 /x", -EINVAL},
		{"ends before it starts", "2000-1000 r-xp 0 0:1 5 /x", -EINVAL},
		{"upper case", "100A-2000 r-xp 0 0:1 5 /x", -EINVAL},
		{"0x in front", "0x1000-2000 r-xp 0 0:1 5 /x", -EINVAL},
		{"a sign", "+1000-2000 r-xp 0 0:1 5 /x", -EINVAL},
		{"two blanks", "1000-2000  r-xp 0 0:1 5 /x", -EINVAL},
		{"no blank after the letters", "1000-2000 r-xp_0 0:1 5 /x", -EINVAL},
		{"no offset", "1000-2000 r-xp 0:1 5 /x", -EINVAL},
		{"no colon", "1000-2000 r-xp 0 01 5 /x", -EINVAL},
		{"no minor", "1000-2000 r-xp 0 0: 5 /x", -EINVAL},
		{"no inode", "1000-2000 r-xp 0 0:1 /x", -EINVAL},
		{"hex inode", "1000-2000 r-xp 0 0:1 5f /x", -EINVAL},
		{"negative inode", "1000-2000 r-xp 0 0:1 -5 /x", -EINVAL},
		{"tab after the inode", "1000-2000 r-xp 0 0:1 5\t/x", -EINVAL},
		{"start of 65 bits", "10000000000000000-2000 r-xp 0 0:1 5 /x", -ERANGE},
		{"major of 33 bits", "1000-2000 r-xp 0 100000000:1 5 /x", -ERANGE},
		{"minor of 33 bits", "1000-2000 r-xp 0 1:100000000 5 /x", -ERANGE},
		{"inode one too large", "1000-2000 r-xp 0 0:1 18446744073709551616 /x",
		 -ERANGE},
		{"inode of 21 digits", "1000-2000 r-xp 0 0:1 184467440737095516150 /x",
		 -ERANGE},
	};
	struct maps_line line;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char *copy = exact_copy(rows[i].line, strlen(rows[i].line));

		untouched_init(&line, sizeof(line));
		row_number(rows[i].label, "result",
			   maps_line_parse(copy, strlen(rows[i].line), &line),
			   rows[i].want);
		row_number(rows[i].label, "untouched", untouched(&line, sizeof(line)),
			   true);
		free(copy);
	}
}

static void line_cut_before_its_inode_is_refused(void **state)
{
	static const char whole[] =
		"563476dc9000-563476dcf000 r-xp 00002000 fe:00 247498";
	const size_t inode = strlen(whole) - strlen("247498");
	struct maps_line line;

	(void)state;
	for (size_t len = 0; len <= strlen(whole); len++) {
		char *copy = exact_copy(whole, len);

		assert_int_equal(maps_line_parse(copy, len, &line),
				 len <= inode ? -EINVAL : 0);
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_layout_of_a_line_is_read),
		cmocka_unit_test(only_the_x_bit_makes_a_mapping_executable),
		cmocka_unit_test(path_longer_than_path_max_is_read_whole),
		cmocka_unit_test(malformed_lines_are_refused_and_change_nothing),
		cmocka_unit_test(line_cut_before_its_inode_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
