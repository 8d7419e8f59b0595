/*
 * test_pidstat.c - /proc/PID/stat with names that try to look like other fields,
 * /proc/PID/status and /proc/stat.
 */
#include "test.h"

#include <errno.h>
#include <limits.h>

#include "scan/pidstat.h"

/* Fields 5 to 8, 10 to 21, and what follows 22, of a real line. */
#define F5_8   "812 812 0 -1"
#define F10_21 "1021 0 3 0 1 2 0 0 20 -19 1 0"
#define F23    " 15433728 1689 18446744073709551615 1 1 0 0 0 0 0\n"

struct row {
	const char *label;
	const char *text;
	struct pidstat want; /* comm_len is worked out */
};

#define LINE(pid, comm, state, ppid, flags, start)                                       \
	pid " (" comm ") " state " " ppid " " F5_8 " " flags " " F10_21 " " start F23

static const struct row good_rows[] = {
	{"name that ends like a state and fields",
	 LINE("812", "x) R 1 1 1 0 -1 2097152", "S", "7", "4194560", "121867"),
	 {"x) R 1 1 1 0 -1 2097152", 0, 812, 7, 'S', 4194560, 121867, false}},
	{"name of closing brackets",
	 LINE("812", "))))", "S", "7", "4194560", "121867"),
	 {"))))", 0, 812, 7, 'S', 4194560, 121867, false}},
	{"systemd's (sd-pam)",
	 LINE("812", "(sd-pam)", "S", "7", "4194560", "121867"),
	 {"(sd-pam)", 0, 812, 7, 'S', 4194560, 121867, false}},
	{"name with a newline",
	 LINE("812", "a\n9 (b) Z 1", "S", "7", "64", "121867"),
	 {"a\n9 (b) Z 1", 0, 812, 7, 'S', 64, 121867, false}},
	{"name of blanks",
	 LINE("812", "  ", "S", "7", "64", "121867"),
	 {"  ", 0, 812, 7, 'S', 64, 121867, false}},
	{"empty name",
	 LINE("812", "", "S", "7", "64", "121867"),
	 {"", 0, 812, 7, 'S', 64, 121867, false}},
	{"invalid UTF-8 and ESC",
	 LINE("812", "\xff\x1b[2J\xc3", "S", "7", "64", "1"),
	 {"\xff\x1b[2J\xc3", 0, 812, 7, 'S', 64, 1, false}},
	{"kernel thread with a long name",
	 LINE("2", "kworker/u9:3-events_unbound", "I", "0", "69238880", "30"),
	 {"kworker/u9:3-events_unbound", 0, 2, 0, 'I', 69238880, 30, false}},
	{"zombie",
	 LINE("812", "cat", "Z", "1", "4227084", "121867"),
	 {"cat", 0, 812, 1, 'Z', 4227084, 121867, false}},
	{"largest numbers",
	 LINE("2147483647", "c", "R", "2147483647", "4294967295", "18446744073709551615"),
	 {"c", 0, INT_MAX, INT_MAX, 'R', UINT32_MAX, UINT64_MAX, false}},
};

static void check_row(const struct row *row)
{
	char *copy = exact_copy(row->text, strlen(row->text));
	struct pidstat st;

	row_number(row->label, "result", pidstat_parse(copy, strlen(row->text), &st), 0);
	row_text(row->label, "comm", st.comm, st.comm_len, row->want.comm);
	row_number(row->label, "pid", st.pid, row->want.pid);
	row_number(row->label, "ppid", st.ppid, row->want.ppid);
	row_number(row->label, "state", st.state, row->want.state);
	row_number(row->label, "flags", st.flags, row->want.flags);
	row_number(row->label, "start", st.start_ticks, row->want.start_ticks);
	free(copy);
}

static void comm_with_closing_bracket_keeps_start_time(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good_rows); i++)
		check_row(&good_rows[i]);
}

static void kernel_thread_is_told_by_its_flag(void **state)
{
	struct pidstat st;

	(void)state;
	assert_int_equal(pidstat_parse(good_rows[7].text, strlen(good_rows[7].text), &st),
			 0);
	assert_true(st.flags & PIDSTAT_PF_KTHREAD);
	assert_int_equal(pidstat_parse(good_rows[0].text, strlen(good_rows[0].text), &st),
			 0);
	assert_false(st.flags & PIDSTAT_PF_KTHREAD);
}

static void malformed_stat_is_refused_and_changes_nothing(void **state)
{
	static const struct {
		const char *label;
		const char *text;
		int want;
	} rows[] = {
		{"nothing", "", -EINVAL},
		{"no brackets", "812 cat S 1 " F5_8 " 0 " F10_21 " 5" F23, -EINVAL},
		{"no closing one", "812 (cat S 1 " F5_8 " 0 " F10_21 " 5" F23, -EINVAL},
		{"closed before opened", "812) (cat S 1 " F5_8 " 0 " F10_21 " 5" F23,
		 -EINVAL},
		{"no pid", LINE("", "cat", "S", "1", "0", "5"), -EINVAL},
		{"negative pid", LINE("-1", "cat", "S", "1", "0", "5"), -EINVAL},
		{"pid of 32 bits", LINE("2147483648", "cat", "S", "1", "0", "5"),
		 -ERANGE},
		{"no state", LINE("812", "cat", "", "1", "0", "5"), -EINVAL},
		{"state of two letters", LINE("812", "cat", "SS", "1", "0", "5"),
		 -EINVAL},
		{"state is a digit", LINE("812", "cat", "1", "1", "0", "5"), -EINVAL},
		{"ppid of 32 bits", LINE("812", "cat", "S", "2147483648", "0", "5"),
		 -ERANGE},
		{"flags of 33 bits", LINE("812", "cat", "S", "1", "4294967296", "5"),
		 -ERANGE},
		{"start of 65 bits",
		 LINE("812", "cat", "S", "1", "0", "18446744073709551616"), -ERANGE},
		{"negative start", LINE("812", "cat", "S", "1", "0", "-5"), -EINVAL},
		{"a field less", "812 (cat) S 1 " F5_8 " 0 1 2 3 4 5 6 7 8 9 10 11 5\n",
		 -EINVAL},
		{"two blanks where no number is read",
		 "812 (cat) S 1 " F5_8 " 0 1021  0 3 0 1 2 0 0 20 -19 1 0 5" F23,
		 -EINVAL},
		{"start of 20 nines",
		 LINE("812", "cat", "S", "1", "0", "99999999999999999999"), -ERANGE},
		{"two blanks", "812 (cat) S 1  " F5_8 " 0 " F10_21 " 5" F23, -EINVAL},
	};
	struct pidstat st;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char *copy = exact_copy(rows[i].text, strlen(rows[i].text));

		untouched_init(&st, sizeof(st));
		row_number(rows[i].label, "result",
			   pidstat_parse(copy, strlen(rows[i].text), &st), rows[i].want);
		row_number(rows[i].label, "untouched", untouched(&st, sizeof(st)), true);
		free(copy);
	}
}

static void stat_cut_within_the_start_time_is_refused(void **state)
{
	static const char whole[] = LINE("812", "cat", "S", "1", "4194560", "121867");
	const size_t enough = strlen(whole) - strlen(F23) + 1;
	struct pidstat st;

	(void)state;
	for (size_t len = 0; len <= strlen(whole); len++) {
		char *copy = exact_copy(whole, len);

		assert_int_equal(pidstat_parse(copy, len, &st),
				 len < enough ? -EINVAL : 0);
		free(copy);
	}
	assert_int_equal(st.start_ticks, 121867);
}

#define STATUS(name, tgid, uid)                                                          \
	"Name:\t" name "\nUmask:\t0022\nState:\tS (sleeping)\nTgid:\t" tgid              \
	"\nNgid:\t0\nPid:\t900\nPPid:\t1\nTracerPid:\t0\nUid:\t" uid                     \
	"\nGid:\t100\t101\t102\t103\nFDSize:\t256\n"

static void status_is_read_or_refused(void **state)
{
	static const struct {
		const char *label;
		const char *text;
		int want;
		pid_t tgid;
		uid_t euid;
	} rows[] = {
		{"name that fakes a line, escaped by the kernel",
		 STATUS("x\\nUid:\t0\t0", "812", "1000\t1001\t1002\t1003"), 0, 812, 1001},
		{"name that is a key", STATUS("Uid:\t7\t7\t7\t7", "812", "0\t33\t0\t0"),
		 0, 812, 33},
		{"nobody of 32 bits",
		 STATUS("cat", "812", "4294967295\t4294967295\t4294967295\t4294967295"),
		 0, 812, UINT32_MAX},
		{"uid of 33 bits", STATUS("cat", "812", "0\t4294967296\t0\t0"), -ERANGE,
		 0, 0},
		{"tgid of 32 bits", STATUS("cat", "2147483648", "0\t0\t0\t0"), -ERANGE, 0,
		 0},
		{"one uid only", STATUS("cat", "812", "0"), -EINVAL, 0, 0},
		{"no tgid", "Name:\tcat\nUid:\t0\t0\t0\t0\n", -EINVAL, 0, 0},
		{"no uid", "Name:\tcat\nTgid:\t812\n", -EINVAL, 0, 0},
		{"key within a line",
		 "Name:\tcat\nNTgid:\t1\nTgid:\t812\nUid:\t0\t5\t0\t0\n", 0, 812, 5},
		{"nothing", "", -EINVAL, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char *copy = exact_copy(rows[i].text, strlen(rows[i].text));
		struct pidstatus st = {0};

		row_number(rows[i].label, "result",
			   pidstatus_parse(copy, strlen(rows[i].text), &st),
			   rows[i].want);
		row_number(rows[i].label, "tgid", st.tgid, rows[i].tgid);
		row_number(rows[i].label, "euid", st.euid, rows[i].euid);
		free(copy);
	}
}

static void status_cut_anywhere_is_refused_or_right(void **state)
{
	static const char whole[] = STATUS("cat", "812", "1000\t1001\t1002\t1003");
	size_t good = 0;

	(void)state;
	for (size_t len = 0; len <= strlen(whole); len++) {
		char *copy = exact_copy(whole, len);
		struct pidstatus st;
		int r = pidstatus_parse(copy, len, &st);

		if (r == 0) {
			assert_int_equal(st.tgid, 812);
			assert_int_equal(st.euid, 1001);
			good++;
		} else {
			assert_int_equal(r, -EINVAL);
		}
		free(copy);
	}
	assert_int_equal(good, strlen(strstr(whole, "\t1002\t1003")) - strlen("\t") + 1);
}

static void btime_is_found_at_the_start_of_a_line(void **state)
{
	static const struct {
		const char *label;
		const char *text;
		int want;
		int64_t btime;
	} rows[] = {
		{"real",
		 "cpu  1 2 3\nintr 5 0 9\nctxt 1180345\nbtime 1763748540\nprocesses "
		 "4279\n",
		 0, 1763748540},
		{"within a line", "xbtime 5\ncpu btime 6\nbtime 7\n", 0, 7},
		{"largest", "btime 9223372036854775807\n", 0, INT64_MAX},
		{"too large", "btime 9223372036854775808\n", -ERANGE, 0},
		{"cut", "ctxt 1\nbtime 17637", -EINVAL, 0},
		{"negative", "btime -1\n", -EINVAL, 0},
		{"none", "cpu  1 2 3\n", -EINVAL, 0},
		{"nothing", "", -EINVAL, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char *copy = exact_copy(rows[i].text, strlen(rows[i].text));
		int64_t btime = 0;

		row_number(rows[i].label, "result",
			   pidstat_btime_parse(copy, strlen(rows[i].text), &btime),
			   rows[i].want);
		row_number(rows[i].label, "btime", btime, rows[i].btime);
		free(copy);
	}
}

static void process_with_a_terminal_is_told_from_one_without(void **state)
{
	static const char with[] =
		"9 (sh) S 8 9 9 34816 9 64 1 0 0 0 0 0 0 0 20 0 1 0 77 ";
	static const char without[] =
		"9 (sh) S 8 9 9 0 -1 64 1 0 0 0 0 0 0 0 20 0 1 0 77 ";
	struct pidstat st;

	(void)state;
	assert_int_equal(pidstat_parse(with, sizeof(with) - 1, &st), 0);
	assert_true(st.has_tty);
	assert_int_equal(st.start_ticks, 77);
	assert_int_equal(pidstat_parse(without, sizeof(without) - 1, &st), 0);
	assert_false(st.has_tty);
}

/* A captured tree may hold any number, and a time namespace one that is below zero. */
static void start_that_cannot_be_is_unknown(void **state)
{
	static const int64_t boot = INT64_C(1763748540) * 1000000000;
	static const struct {
		const char *label;
		int64_t boot_ns;
		uint64_t ticks;
		int64_t want;
	} rows[] = {
		{"at the boot", boot, 0, boot},
		{"later", boot, 150, boot + 1500000000},
		{"boot unknown", 0, 150, 0},
		{"before the boot", boot, UINT64_MAX / 10000000 - 100, 0},
		{"largest number", boot, UINT64_MAX, 0},
		{"more than nanoseconds", boot, INT64_MAX / 10000000 + 1, 0},
		{"more than nanoseconds with the boot", boot, INT64_MAX / 10000000, 0},
		{"as late as can be", boot, (uint64_t)(PIDSTAT_FAR_NS - boot) / 10000000,
		 PIDSTAT_FAR_NS},
		{"a tick later", boot, (uint64_t)(PIDSTAT_FAR_NS - boot) / 10000000 + 1,
		 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		row_number(rows[i].label, "start",
			   pidstat_start_ns(rows[i].boot_ns, rows[i].ticks),
			   rows[i].want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(process_with_a_terminal_is_told_from_one_without),
		cmocka_unit_test(comm_with_closing_bracket_keeps_start_time),
		cmocka_unit_test(kernel_thread_is_told_by_its_flag),
		cmocka_unit_test(malformed_stat_is_refused_and_changes_nothing),
		cmocka_unit_test(stat_cut_within_the_start_time_is_refused),
		cmocka_unit_test(status_is_read_or_refused),
		cmocka_unit_test(status_cut_anywhere_is_refused_or_right),
		cmocka_unit_test(btime_is_found_at_the_start_of_a_line),
		cmocka_unit_test(start_that_cannot_be_is_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
