/*
 * told.c - what stale-agentx is told by a command line and by a file of its own.
 */
#include "tests/support/told.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/test.h"

struct told told;

int told_setup(void **state)
{
	(void)state;
	snprintf(told.folder, sizeof(told.folder), "/tmp/told.XXXXXX");
	memset(told.message, 0, sizeof(told.message));
	if (!mkdtemp(told.folder))
		return -1;
	snprintf(told.path, sizeof(told.path), "%s/conf", told.folder);
	return 0;
}

int told_teardown(void **state)
{
	(void)state;
	unlink(told.path);
	return rmdir(told.folder);
}

void told_write_bytes(const char *text, size_t len)
{
	int fd = open(told.path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), len);
	assert_int_equal(fchmod(fd, 0644), 0);
	close(fd);
}

int told_read_words(const char *const words[])
{
	static char name[] = "stale-agentx";
	/* getopt(3) may write to argv, and settings borrow from it. */
	static char copies[TOLD_WORDS][128];
	char *argv[TOLD_WORDS + 2] = {name};
	int argc = 1;

	for (; words[argc - 1]; argc++) {
		assert_in_range(argc, 1, TOLD_WORDS);
		argv[argc] = copies[argc - 1];
		snprintf(argv[argc], sizeof(copies[0]), "%s", words[argc - 1]);
	}
	told.message[0] = '\0';
	return settings_read(argc, argv, &told.settings, told.message,
			     sizeof(told.message));
}

int told_read_text(const char *text, const char *word, const char *more)
{
	const char *const words[] = {"-c", told.path, word, more, NULL};

	told_write_bytes(text, strlen(text));
	return told_read_words(words);
}

int told_read_word(const char *word, const char *more)
{
	return told_read_text("", word, more);
}

void told_check_read(const char *label, int rc)
{
	if (rc < 0)
		fail_msg("%s: %d, %s", label, rc, told.message);
}
