/*
 * setting.h - one setting after the other, from the command line and from a file; for
 * settings.c and its parts only.
 *
 * Looks at words and reads no file: that is in settings.c.
 */
#ifndef SNMP_SETTING_H
#define SNMP_SETTING_H

#include <stddef.h>
#include <stdint.h>

#include "settings.h"

struct setting_reader {
	struct settings settings; /* owned: what was read so far */
	/* Owned: where lines of the file go that the command line wins over.  They are to
	 * be right all the same. */
	struct settings overridden;
	uint64_t seen;            /* a bit for each row: in what is being read */
	uint64_t on_command_line; /* the same; complete when a file is read */
	bool in_file;
	/* This program gained privilege when it was started (AT_SECURE): its user must not
	 * choose the files that it reads and writes; who wrote the configuration may. */
	bool is_elevated;
	char told[1024]; /* what is wrong, with the culprit as it is: escape it */
};

#define SETTING_ELEVATED " is refused to a program with more privilege than its user"

/* Returns 0, or -ENOMEM; release it in both cases. */
int setting_reader_init(struct setting_reader *reader);
void setting_reader_release(struct setting_reader *reader);

/* Writes what is wrong.  Returns -EINVAL. */
__attribute__((format(printf, 2, 3))) int setting_refuse(struct setting_reader *reader,
							 const char *format, ...);

/* Somebody's text for what is wrong: as it is, but its head and "..." where it is long. */
struct setting_culprit {
	char text[41];
};
struct setting_culprit setting_culprit(const char *value);

/* What getopt_long(3) wants to know of a row; NULL for name: there is no such row. */
struct setting_row {
	const char *name;
	int letter; /* 0: none */
	bool has_value;
};
struct setting_row setting_row(size_t row);
#define SETTING_ROWS_MAX 63

/* Has a file a setting of this row? */
bool setting_is_for_files(size_t row);

/*
 * value: NULL for one that takes none, as row says on the command line.  Returns 0,
 * -EINVAL with what is wrong, or -ENOMEM.
 */
int setting_take(struct setting_reader *reader, size_t row, const char *value);

/* All of a command line, but what follows --help and --version.  Returns the same. */
int setting_take_arguments(struct setting_reader *reader, int argc, char **argv);

/*
 * All lines of a file: len bytes and a NUL behind them, which are written to.  Returns
 * the same, with "PATH:LINE: " before what is wrong.
 */
int setting_take_lines(struct setting_reader *reader, const char *path, char *text,
		       size_t len);

/*
 * One line without its newline: len bytes, and one behind them that is written to, as the
 * line is.  Returns 1 with a setting, borrowed from the line (value: NULL for none), 0
 * where there is none (empty, a comment), or -EINVAL with what would be right.
 */
int setting_parse_line(char *line, size_t len, const char **ret_name,
		       const char **ret_value, const char **ret_wrong);

#endif
