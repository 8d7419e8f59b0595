/*
 * lines.c - settings from the lines of a file.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "setting.h"

#define LINE_LIMIT 4096

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static const char *find_wrong(const char *line, size_t len)
{
	if (len > LINE_LIMIT)
		return "longer than 4096 bytes";
	if (memchr(line, '\0', len))
		return "holds a NUL byte, expected text";
	while (len && is_blank(line[len - 1]))
		len--;
	if (len && line[len - 1] == '\r')
		return "ends in a carriage return, expected lines as Unix has them";
	return NULL;
}

/*
 * # after the nightly upgrade
 * ignore /opt/agent/lib*.so
 *
 * A '#' behind the beginning is part of the value, so are blanks within.
 */
int setting_parse_line(char *line, size_t len, const char **ret_name,
		       const char **ret_value, const char **ret_wrong)
{
	const char *wrong = find_wrong(line, len);
	char *end = line + len, *p;

	if (wrong) {
		*ret_wrong = wrong;
		return -EINVAL;
	}
	while (line < end && is_blank(*line))
		line++;
	if (line == end || *line == '#')
		return 0;
	while (is_blank(end[-1]))
		end--;
	*end = '\0';
	p = line + strcspn(line, " \t");
	*ret_value = NULL;
	if (*p) {
		*p++ = '\0';
		*ret_value = p + strspn(p, " \t");
	}
	*ret_name = line;
	return 1;
}

static int take_setting(struct setting_reader *reader, const char *name,
			const char *value)
{
	for (size_t i = 0; setting_row(i).name; i++) {
		if (strcmp(setting_row(i).name, name) == 0)
			return setting_take(reader, i, value);
	}
	return setting_refuse(reader, "unknown setting '%s'", setting_culprit(name).text);
}

static int take_line(struct setting_reader *reader, char *line, size_t len)
{
	const char *name, *value, *wrong = "";
	int rc = setting_parse_line(line, len, &name, &value, &wrong);

	if (rc < 0)
		return setting_refuse(reader, "%s", wrong);
	return rc > 0 ? take_setting(reader, name, value) : 0;
}

/* Puts "PATH:LINE: " before what is wrong. */
static int tell_where(struct setting_reader *reader, const char *path, size_t line)
{
	char wrong[sizeof(reader->told)];

	memcpy(wrong, reader->told, sizeof(wrong));
	return setting_refuse(reader, "%s:%zu: %s", path, line, wrong);
}

static int take_lines(struct setting_reader *reader, const char *path, char *text,
		      size_t len)
{
	char *const end = text + len;

	for (size_t line = 1; text < end; line++) {
		char *newline = memchr(text, '\n', (size_t)(end - text));
		const size_t line_len = (size_t)((newline ? newline : end) - text);
		int rc = take_line(reader, text, line_len);

		if (rc == -EINVAL)
			return tell_where(reader, path, line);
		if (rc < 0)
			return rc;
		text += line_len + 1;
	}
	return 0;
}

int setting_take_lines(struct setting_reader *reader, const char *path, char *text,
		       size_t len)
{
	reader->on_command_line = reader->seen;
	reader->seen = 0;
	reader->in_file = true;
	return take_lines(reader, path, text, len);
}
