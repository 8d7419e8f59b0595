/*
 * whose.h - the services, sessions and containers that stale processes belong to, and
 * what renews them, in words for people.  Pure.  Nothing is ever restarted by us.
 */
#ifndef PLUGIN_WHOSE_H
#define PLUGIN_WHOSE_H

#include "buf.h"
#include "view.h"

/* Processes of the same owner that the same thing renews. */
struct owner {
	const size_t
		*procs; /* positions in view->procs, ascending; owned by the owners */
	size_t nprocs;  /* >= 1 */
	bool counted;
	bool is_useless; /* to renew them would change nothing */
};

struct owners {
	struct owner *list; /* owned; by the first of their processes */
	size_t n;
	size_t *procs; /* owned */
};

#define OWNERS_INIT                                                                      \
	{                                                                                \
		NULL, 0, NULL                                                            \
	}
#define cleanup_owners __attribute__((cleanup(owners_release)))

/* Returns 0, or -ENOMEM. Release with owners_release(). */
int owners_make(const struct view *view, struct owners *ret);
void owners_release(struct owners *owners);

/* Adds "belong to ssh.service", "is left over in session-3.scope of user alice". */
void owner_print(const struct view *view, const struct owner *owner, struct buf *out);

/*
 * Adds "systemctl restart ssh.service", "reboot".  Where a name does not look like
 * systemd's own the command is left out: somebody might paste it into a shell.
 */
void owner_print_advice(const struct view *view, const struct owner *owner,
			struct buf *out);

#endif
