/*
 * told.h - what stale-agentx is told by a command line and by a file of its own.
 */
#ifndef TESTS_TOLD_H
#define TESTS_TOLD_H

#include "snmp/settings.h"

#define TOLD_WORDS 12

struct told {
	char folder[64]; /* in /tmp, for one test */
	char path[96];   /* of the file, in folder */
	struct settings settings;
	char message[512];
};
extern struct told told;

/* For cmocka. */
int told_setup(void **state);
int told_teardown(void **state);

void told_write_bytes(const char *text, size_t len);

/* Fills told.settings, or told.message; return what settings_read() does.  words: without
 * the name of the program, ended by NULL. */
int told_read_words(const char *const words[]);
/* With this text in the file, and up to two words more. */
int told_read_text(const char *text, const char *word, const char *more);
/* With an empty file. */
int told_read_word(const char *word, const char *more);

/* Fails with the message where rc is negative. */
void told_check_read(const char *label, int rc);

#endif
