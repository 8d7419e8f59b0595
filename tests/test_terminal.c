/*
 * test_terminal.c - columns, colours and progress where somebody is looking, and nowhere
 * else.  Standard output is a pseudo terminal for a while.
 */
#include "tests/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "terminal.h"

/* Returns the other end of a terminal of that many columns, -1: there is none. */
static int open_terminal(unsigned short columns, int *ret_slave)
{
	struct winsize size = {.ws_row = 24, .ws_col = columns};
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	char name[64];

	if (master < 0)
		return -1;
	assert_int_equal(grantpt(master), 0);
	assert_int_equal(unlockpt(master), 0);
	assert_int_equal(ptsname_r(master, name, sizeof(name)), 0);
	*ret_slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(*ret_slave >= 0);
	assert_int_equal(ioctl(*ret_slave, TIOCSWINSZ, &size), 0);
	return master;
}

static void use_stdout(int fd)
{
	fflush(stdout);
	assert_int_equal(dup2(fd, STDOUT_FILENO), STDOUT_FILENO);
}

/* What terminal_find() says where this is standard output. */
static struct terminal find_on(int fd)
{
	int before = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	struct terminal found;

	assert_true(before >= 0);
	use_stdout(fd);
	found = terminal_find();
	use_stdout(before);
	close(before);
	return found;
}

static void set_or_unset(const char *name, const char *value)
{
	assert_int_equal(value ? setenv(name, value, 1) : unsetenv(name), 0);
}

static void a_terminal_has_columns_and_colours(void **state)
{
	static const struct row {
		const char *label, *no_color, *term;
		unsigned short columns;
		unsigned width;
		bool colour;
	} rows[] = {
		{"plain", NULL, "xterm", 100, 100, true},
		{"empty NO_COLOR", "", "xterm", 100, 100, true},
		{"NO_COLOR", "1", "xterm", 100, 100, false},
		{"dumb", NULL, "dumb", 100, 100, false},
		{"no TERM", NULL, NULL, 100, 100, false},
		{"serial line, size unknown", NULL, "vt100", 0, 80, true},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int slave = -1, master = open_terminal(rows[i].columns, &slave);
		struct terminal found;

		if (master < 0) {
			print_message("# skip a_terminal_has_columns: no terminals\n");
			skip();
		}
		set_or_unset("NO_COLOR", rows[i].no_color);
		set_or_unset("TERM", rows[i].term);
		found = find_on(slave);
		row_number(rows[i].label, "width", found.width, rows[i].width);
		row_number(rows[i].label, "colour", found.colour, rows[i].colour);
		close(slave);
		close(master);
	}
}

static void a_pipe_has_neither(void **state)
{
	struct terminal found;
	int fds[2];

	(void)state;
	set_or_unset("NO_COLOR", NULL);
	set_or_unset("TERM", "xterm");
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	found = find_on(fds[1]);
	assert_int_equal(found.width, 0);
	assert_false(found.colour);
	close(fds[0]);
	close(fds[1]);
}

static void progress_is_one_line_that_is_taken_away(void **state)
{
	static const char want[] = "\r812 of 4000 processes\r\033[K";
	int fds[2], before = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	char got[128];
	ssize_t len;

	(void)state;
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	use_stdout(fds[1]);
	terminal_show_progress(812, 4000);
	terminal_clear_progress();
	use_stdout(before);
	len = read(fds[0], got, sizeof(got));
	row_text("progress", "bytes", got, (size_t)len, want);
	close(before);
	close(fds[0]);
	close(fds[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_terminal_has_columns_and_colours),
		cmocka_unit_test(a_pipe_has_neither),
		cmocka_unit_test(progress_is_one_line_that_is_taken_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
