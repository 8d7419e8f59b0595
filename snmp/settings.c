/*
 * settings.c - the order in which settings are read, and the file they are read from.
 */
#include "settings.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "setting.h"

#define FILE_LIMIT ((size_t)1 << 20)

/* Of the open descriptor: what is checked is what is read.  Returns 0 or -errno. */
static int check_file(struct setting_reader *reader, const char *path, int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return setting_refuse(reader, "%s: expected a regular file", path);
	if ((st.st_uid != 0 && st.st_uid != geteuid()) ||
	    st.st_mode & (S_IWGRP | S_IWOTH))
		return setting_refuse(reader,
				      "%s: must belong to root or to the user that runs "
				      "this, and be writable by nobody else",
				      path);
	return 0;
}

/* Reads until size bytes are there, or the end.  Returns their number, or -errno. */
static ssize_t read_bytes(int fd, char *to, size_t size)
{
	size_t len = 0;

	while (len < size) {
		ssize_t n = read(fd, to + len, size - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	return (ssize_t)len;
}

/* Returns 0; -EINVAL with what is wrong; or another -errno without. */
static int read_file(struct setting_reader *reader, const char *path)
{
	/* O_NONBLOCK: a FIFO in the place of a file must not stop us. */
	cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	cleanup_free char *text = NULL;
	ssize_t len;
	int rc;

	if (fd < 0)
		return -errno;
	rc = check_file(reader, path, fd);
	if (rc < 0)
		return rc;
	text = malloc(FILE_LIMIT + 1);
	if (!text)
		return -ENOMEM;
	len = read_bytes(fd, text, FILE_LIMIT + 1);
	if (len < 0)
		return (int)len;
	if ((size_t)len > FILE_LIMIT)
		return setting_refuse(reader, "%s: larger than 1 MiB", path);
	return setting_take_lines(reader, path, text, (size_t)len);
}

/* The file that is looked for when none is named need not be there. */
static int read_config(struct setting_reader *reader)
{
	const char *path = reader->settings.config;
	int rc;

	reader->told[0] = '\0';
	rc = read_file(reader, path);
	if (rc == -ENOENT && strcmp(path, SETTINGS_CONFIG) == 0)
		return 0;
	if (rc < 0 && reader->told[0] == '\0')
		setting_refuse(reader, "%s: %s", path, strerror(-rc));
	return rc;
}

static int read_all(struct setting_reader *reader, int argc, char **argv)
{
	int rc = setting_take_arguments(reader, argc, argv);

	if (rc < 0 || reader->settings.action != SETTINGS_RUN)
		return rc;
	rc = read_config(reader);
	if (rc < 0)
		return rc;
	return stale_settings_load(reader->settings.scan, SETTINGS_IGNORE, reader->told,
				   sizeof(reader->told));
}

/* One line in printable form, cut to its room. */
static void tell(const char *told, char *message, size_t size)
{
	struct stale_printable next;
	size_t len = 0;

	if (size == 0)
		return;
	while (next = stale_printable(told, ""), next.taken && len + next.len < size) {
		memcpy(message + len, next.text, next.len);
		len += next.len;
		told += next.taken;
	}
	message[len] = '\0';
}

int settings_read(int argc, char **argv, struct settings *ret, char *message,
		  size_t message_size)
{
	struct setting_reader reader;
	int rc = setting_reader_init(&reader);

	if (rc == 0)
		rc = read_all(&reader, argc, argv);
	if (rc < 0) {
		tell(rc == -ENOMEM ? "out of memory" : reader.told, message,
		     message_size);
		setting_reader_release(&reader);
		return rc;
	}
	*ret = reader.settings;
	settings_release(&reader.overridden);
	return 0;
}

void settings_release(struct settings *settings)
{
	free(settings->socket);
	stale_settings_free(settings->scan);
	*settings = (struct settings){0};
}
