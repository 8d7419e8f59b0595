/*
 * wanted.h - what of the options needs files: names of users, and ignore rules.
 *
 * Read before the scan, with the rights of the user only.
 */
#ifndef PLUGIN_WANTED_H
#define PLUGIN_WANTED_H

#include "options.h"

/* Read where the tree is the machine's own /proc; must be root's. */
#define WANTED_IGNORE_FOLDER "/etc/check_stale/ignore.d"

struct wanted {
	struct stale_users *users; /* owned; NULL: /etc/passwd cannot be read */
	struct stale_rules *rules; /* owned */
	uid_t *uids;               /* owned, of --user */
	size_t nuids;
};

/*
 * folder: WANTED_IGNORE_FOLDER, but in tests.  Returns 0; or a negative errno with what
 * is wrong, in Nagios form, added to error.  Release with wanted_release().
 */
int wanted_read(const struct options *opt, const char *folder, struct wanted *ret,
		struct buf *error);
void wanted_release(struct wanted *wanted);

#endif
