/*
 * test_pkgparse.c - what package managers print, as it was printed (testdata/packages)
 * and as it never should be.
 */
#include "tests/test.h"

#include <errno.h>
#include <stdio.h>

#include "buf.h"
#include "pkgparse.h"

typedef int parser(const char *s, size_t len, pkganswer_take *take, void *arg);

/* "PATH|NAME|VERSION" and a newline. */
static int note(const struct pkganswer *answer, void *arg)
{
	struct buf *notes = arg;

	buf_bytes(notes, answer->path.s, answer->path.len);
	buf_put(notes, "|");
	buf_bytes(notes, answer->name.s, answer->name.len);
	buf_put(notes, "|");
	buf_bytes(notes, answer->version.s, answer->version.len);
	buf_put(notes, "\n");
	return notes->error;
}

static void expect_text(parser *parse, const char *text, size_t len, const char *want)
{
	char *copy = exact_copy(text, len);
	struct buf notes = BUF_INIT;

	buf_put(&notes, "");
	assert_int_equal(parse(copy, len, note, &notes), 0);
	free(copy);
	if (strcmp(notes.s, want) != 0)
		fail_msg("of \"%.*s\":\n%sexpected:\n%s", (int)len, text, notes.s, want);
	buf_release(&notes);
}

static void expect_file(parser *parse, const char *name, const char *want)
{
	const char *source = getenv("STALE_SRC");
	char path[4096], text[8192];
	FILE *file;
	size_t len;

	snprintf(path, sizeof(path), "%s/testdata/packages/%s", source ? source : ".",
		 name);
	file = fopen(path, "re");
	assert_non_null(file);
	len = fread(text, 1, sizeof(text), file);
	fclose(file);
	expect_text(parse, text, len, want);
}

static void dpkg_tells_owners_and_diversions(void **state)
{
	(void)state;
	expect_file(pkgparse_dpkg_search, "dpkg-search.txt",
		    "/bin/sh|dash|\n"
		    "/usr/bin/pg_config|postgresql-common|\n"
		    "/usr/bin/[|coreutils|\n"
		    "/lib/x86_64-linux-gnu/libc.so.6|libc6:amd64|\n"
		    "/usr/lib/x86_64-linux-gnu/libssl.so.3|libssl3:amd64|\n"
		    "/lib32/ld-linux.so.2|libc6-i386|\n");
}

static void dpkg_tells_versions_of_what_is_installed(void **state)
{
	(void)state;
	expect_file(pkgparse_dpkg_show, "dpkg-show.txt",
		    "|coreutils|9.1-1\n"
		    "|dash|0.5.12-2\n"
		    "|libc6:amd64|2.36-9+deb12u14\n"
		    "|libssl3:amd64|3.0.19-1~deb12u2\n");
}

static void rpm_tells_every_file_of_an_owner(void **state)
{
	(void)state;
	expect_file(pkgparse_rpm, "rpm.txt",
		    "/usr/lib64/libdemo.so.2|tools|0:2.3-4\n"
		    "/usr/lib64/libdemo.so.2|libdemo|1:2.3-4\n"
		    "/usr/lib64/with blank.so|libdemo|1:2.3-4\n"
		    "/usr/lib64/libdemo.so.2|libdemo|1:2.3-4\n"
		    "/usr/lib64/with blank.so|libdemo|1:2.3-4\n");
}

static void pacman_tells_owner_and_version(void **state)
{
	(void)state;
	expect_file(pkgparse_pacman, "pacman.txt",
		    "/usr/lib/libc.so.6|glibc|2.38-7\n"
		    "/usr/lib/libcap.so.2.69|libcap|2.69-3\n"
		    "/usr/lib/a is owned by b|demo|1:2.0-1\n");
}

static void apk_tells_name_and_version_in_one_word(void **state)
{
	(void)state;
	expect_file(pkgparse_apk, "apk.txt",
		    "/lib/ld-musl-x86_64.so.1|musl|1.2.4-r2\n"
		    "/bin/sh|busybox|1.36.1-r5\n"
		    "/usr/lib/libgcc_s.so.1|libgcc|13.1.1_git20230722-r1\n"
		    "/usr/bin/x|lib-with-dashes|2.0_rc1-r10\n");
}

/* The one who diverted it owns what has the name now; "da" is not "dash". */
static void the_owner_of_a_diverted_path_is_who_diverted_it(void **state)
{
	static const struct row {
		const char *text, *want;
	} rows[] = {
		{"diversion by b from: /x\ndiversion by b to: /x.y\na, b: /x\n",
		 "/x|b|\n"},
		{"diversion by b from: /x\ndiversion by b to: /x.y\na, b:i386: /x\n",
		 "/x|b:i386|\n"},
		{"diversion by b from: /x\ndiversion by b to: /x.y\na, bb, cb: /x\n", ""},
		{"diversion by b from: /x\ndiversion by b to: /x.y\na: /y\n", "/y|a|\n"},
		{"local diversion from: /x\nlocal diversion to: /x.y\na: /x\n", ""},
		{"a, b: /x\n", "/x|a|\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		expect_text(pkgparse_dpkg_search, rows[i].text, strlen(rows[i].text),
			    rows[i].want);
}

static void what_cannot_be_understood_is_skipped(void **state)
{
	static const char *const texts[] = {
		"",
		"\n\n",
		"x",
		": ",
		": /",
		": /x",
		"a: x",
		"a:/x",
		"\t\t",
		"a\tb",
		"a\t\t/x",
		"\t1\t/x",
		" is owned by ",
		"/x is owned by ",
		"/x is owned by a",
		"/x is owned by a ",
		"/x is owned by  1",
		"/x is owned by a-1",
		"/x is owned by a-1-",
		"/x is owned by a-1-r",
		"/x is owned by a-1-x2",
		"/x is owned by -1-r1",
		"x is owned by a-1-r1",
		"diversion by",
		"diversion by  from: ",
		"diversion by b",
		"local diversion ",
		"file /x is not owned by any package",
	};
	static parser *const parsers[] = {pkgparse_dpkg_search, pkgparse_dpkg_show,
					  pkgparse_rpm, pkgparse_pacman, pkgparse_apk};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		for (size_t k = 0; k < ARRAY_LEN(parsers); k++)
			expect_text(parsers[k], texts[i], strlen(texts[i]), "");
	}
}

static void the_last_line_needs_no_newline(void **state)
{
	(void)state;
	expect_text(pkgparse_dpkg_search, "a: /x", 5, "/x|a|\n");
	expect_text(pkgparse_rpm, "a\t1\t/x", 6, "/x|a|1\n");
	expect_text(pkgparse_rpm, "a\t1\tx", 5, "");
}

static int refuse(const struct pkganswer *answer, void *arg)
{
	int *left = arg;

	(void)answer;
	return (*left)-- == 0 ? -ENOMEM : 0;
}

static void what_the_taker_returns_ends_it(void **state)
{
	static const struct row {
		parser *parse;
		const char *text;
	} rows[] = {
		{pkgparse_dpkg_search, "a: /x\na: /y\na: /z\n"},
		{pkgparse_dpkg_show, "a\tinstalled\t1\nb\tinstalled\t1\nc\tinstalled\t1"},
		{pkgparse_rpm, "a\t1\t/x\na\t1\t/y\na\t1\t/z\n"},
		{pkgparse_pacman, "/x is owned by a 1\n/y is owned by a 1\n"
				  "/z is owned by a 1\n"},
		{pkgparse_apk, "/x is owned by a-1-r1\n/y is owned by a-1-r1\n"
			       "/z is owned by a-1-r1\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int left = 1;

		assert_int_equal(
			rows[i].parse(rows[i].text, strlen(rows[i].text), refuse, &left),
			-ENOMEM);
		assert_int_equal(left, -1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dpkg_tells_owners_and_diversions),
		cmocka_unit_test(dpkg_tells_versions_of_what_is_installed),
		cmocka_unit_test(rpm_tells_every_file_of_an_owner),
		cmocka_unit_test(pacman_tells_owner_and_version),
		cmocka_unit_test(apk_tells_name_and_version_in_one_word),
		cmocka_unit_test(the_owner_of_a_diverted_path_is_who_diverted_it),
		cmocka_unit_test(what_cannot_be_understood_is_skipped),
		cmocka_unit_test(the_last_line_needs_no_newline),
		cmocka_unit_test(what_the_taker_returns_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
