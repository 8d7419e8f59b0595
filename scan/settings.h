/*
 * settings.h - what is kept of settings until they are loaded, and after; for settings.c,
 * choices.c and load.c only.
 */
#ifndef SCAN_SETTINGS_H
#define SCAN_SETTINGS_H

#include <stddef.h>

#include "rulefile.h"
#include "stale.h"
#include "texts.h"

/* Settings that only keep their texts. */
enum settings_list {
	LIST_LIBRARY,
	LIST_USING,
	LIST_USER,
	LIST_PROCESS,
	LIST_UNIT,
	LIST_CONTAINER,
	LIST_IGNORE,
	LIST_IGNORE_LITERAL,
	LIST_IGNORE_FILE,
};
#define LIST_COUNT 9

struct stale_settings {
	struct stale_options options; /* its lists since load */
	struct stale_policy policy;
	struct texts texts[LIST_COUNT];
	void *pids;                /* owned: free(); of pid_t */
	size_t pids_room;          /* options.npids of it are there */
	uid_t *uids;               /* owned; of LIST_USER */
	char *proc_root;           /* owned; NULL */
	struct stale_users *users; /* owned; NULL */
	struct rule_list *rules;   /* owned; NULL before load */
	unsigned seen;             /* a bit for each row of the table of settings */
};

/* Where to say what is wrong. */
struct settings_message {
	char *text;
	size_t size;
};

/* Returns error. */
__attribute__((format(printf, 3, 4))) int
settings_refuse(struct settings_message message, int error, const char *format, ...);

/* Somebody's text for a message: as it is, but its head and "..." where it is long. */
struct settings_culprit {
	char text[41];
};
/* s: at least len bytes, then NUL or ','. */
struct settings_culprit settings_culprit(const char *s, size_t len);

/* Values of words; return 0, or -EINVAL with a message and all as it was. */
int settings_take_why(struct stale_settings *settings, const char *value,
		      struct settings_message message);
int settings_take_kind(struct stale_settings *settings, const char *value,
		       struct settings_message message);
int settings_take_count(struct stale_settings *settings, const char *value,
			struct settings_message message);
int settings_take_scope(struct stale_settings *settings, const char *value,
			struct settings_message message);
int settings_take_method(struct stale_settings *settings, const char *value,
			 struct settings_message message);

#endif
