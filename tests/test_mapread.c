/*
 * test_mapread.c - the two readers of mappings, on files, pipes and our own process.
 */
#include "tests/test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "scan/mapread.h"

struct tally {
	size_t n;
	size_t longest;
	uint64_t starts; /* sum */
	int result;      /* what the callback returns */
};

static int take(void *arg, const struct mapping *mapping)
{
	struct tally *t = arg;

	t->n++;
	t->starts += mapping->start;
	if (mapping->name.len > t->longest)
		t->longest = mapping->name.len;
	return t->result;
}

/* A file with this text. */
static int file_of(const char *text, size_t len)
{
	int fd = memfd_create("maps", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), len);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

static int read_text(const char *text, size_t len, struct tally *t)
{
	struct mapreader reader;
	int fd = file_of(text, len);
	int rc;

	mapreader_init(&reader, false);
	rc = mapread_text(&reader, fd, take, t);
	mapreader_release(&reader);
	close(fd);
	return rc;
}

static void lines_across_buffers_are_all_read(void **state)
{
	const size_t lines = 20000;
	char *text = malloc(lines * 100);
	struct tally t = {0};
	size_t len = 0;

	(void)state;
	for (size_t i = 0; i < lines; i++)
		len += (size_t)sprintf(text + len, "%zx-%zx r-xp 0 08:01 7 /lib/%*s%zu\n",
				       i * 4096, i * 4096 + 4096, (int)(i % 37), "", i);
	assert_int_equal(read_text(text, len, &t), 0);
	assert_int_equal(t.n, lines);
	assert_int_equal(t.starts, lines * (lines - 1) / 2 * 4096);
	free(text);
}

static void only_executable_files_are_handed_on(void **state)
{
	static const char text[] = "1000-2000 r-xp 0 08:01 7 /lib/a\n"
				   "2000-3000 r--p 0 08:01 7 /lib/a\n"
				   "3000-4000 rwxp 0 00:00 0 \n"
				   "4000-5000 r-xp 0 00:00 0 [vdso]\n"
				   "5000-6000 --xp 0 08:01 7 /lib/a\n";
	struct tally t = {0};

	(void)state;
	assert_int_equal(read_text(text, sizeof(text) - 1, &t), 0);
	assert_int_equal(t.n, 2);
	assert_int_equal(t.starts, 0x6000);
}

static void error_of_the_callback_ends_the_reading(void **state)
{
	static const char text[] = "1000-2000 r-xp 0 08:01 7 /lib/a\n"
				   "2000-3000 r-xp 0 08:01 7 /lib/a\n";
	struct tally t = {.result = -ENOBUFS};
	struct mapreader reader;
	int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	int rc;

	(void)state;
	assert_int_equal(read_text(text, sizeof(text) - 1, &t), -ENOBUFS);
	assert_int_equal(t.n, 1);
	mapreader_init(&reader, false);
	rc = mapread_query(&reader, fd, take, &t);
	assert_true(rc == -ENOBUFS || rc == -EOPNOTSUPP);
	mapreader_release(&reader);
	close(fd);
}

static void line_without_end_is_an_error(void **state)
{
	static const char cut[] = "1000-2000 r-xp 0 08:01 7 /lib/a\n1000-2000 r-xp";
	const size_t huge = (size_t)5 << 20;
	char *text = malloc(huge);
	struct tally t = {0};

	(void)state;
	assert_int_equal(read_text(cut, sizeof(cut) - 1, &t), -EINVAL);
	assert_int_equal(t.n, 1);
	memset(text, 'a', huge);
	assert_int_equal(read_text(text, huge, &t), -E2BIG);
	free(text);
}

static void query_asks_for_the_text_where_there_is_no_such_ioctl(void **state)
{
	struct tally t = {0};
	struct mapreader reader;
	int fd = file_of("", 0);

	(void)state;
	mapreader_init(&reader, false);
	assert_int_equal(mapread_query(&reader, fd, take, &t), -EOPNOTSUPP);
	mapreader_release(&reader);
	close(fd);
}

static void both_readers_agree_on_our_own_process(void **state)
{
	struct tally query = {0};
	struct tally text = {0};
	struct mapreader reader;
	int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	int rc;

	(void)state;
	mapreader_init(&reader, false);
	/* Reserve memory first: what a reader allocates must not move the mappings. */
	assert_int_equal(mapread_text(&reader, fd, take, &text), 0);
	rc = mapread_query(&reader, fd, take, &query);
	mapreader_release(&reader);
	close(fd);
	if (rc == -EOPNOTSUPP) {
		print_message("# skip %s: no PROCMAP_QUERY\n", __func__);
		skip();
	}
	assert_int_equal(rc, 0);
	assert_true(query.n >= 3);
	assert_int_equal(query.n, text.n);
	assert_int_equal(query.starts, text.starts);
	assert_int_equal(query.longest, text.longest);
}

static void build_id_of_our_own_text_comes_from_the_kernel(void **state)
{
	uint8_t id[64];
	struct tally t = {0};
	struct mapreader reader;
	int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	int rc;

	(void)state;
	mapreader_init(&reader, false);
	if (mapread_query(&reader, fd, take, &t) == -EOPNOTSUPP) {
		print_message("# skip %s: no PROCMAP_QUERY\n", __func__);
		skip();
	}
	mapreader_release(&reader);
	/* Of libc, which every distribution builds with one. */
	rc = mapread_build_id(fd, (uintptr_t)&memcpy & ~(uintptr_t)4095, id, sizeof(id));
	assert_true(rc == 20 || rc == 16 || rc == 8);
	assert_true(mapread_build_id(fd, 0, id, sizeof(id)) < 0);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_across_buffers_are_all_read),
		cmocka_unit_test(only_executable_files_are_handed_on),
		cmocka_unit_test(error_of_the_callback_ends_the_reading),
		cmocka_unit_test(line_without_end_is_an_error),
		cmocka_unit_test(query_asks_for_the_text_where_there_is_no_such_ioctl),
		cmocka_unit_test(both_readers_agree_on_our_own_process),
		cmocka_unit_test(build_id_of_our_own_text_comes_from_the_kernel),
	};

	return cmocka_run_group_tests_name("mapread", tests, NULL, NULL);
}
