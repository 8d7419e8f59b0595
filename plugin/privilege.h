/*
 * privilege.h - what this process may do, and the end of it.
 *
 * What was granted stays permitted and is not effective.  The child that scans raises it;
 * the rest of the program gives it up for good as soon as that child is there, before a
 * line is rendered or a package tool run.  Nothing here decides what is to be done when
 * that fails: it is an error of the check.
 *
 * Root (uid 0, not through a set-uid copy) owns what root owns without any capability, so
 * that less is won there.  Three things it keeps longer, since who runs this from root's
 * crontab counts on them: to read ignore files of others until the scan begins; to turn
 * package tools into nobody until they have run; and, with -o alone, to replace a file in
 * a folder of another user, which is permitted until then and effective only meanwhile.
 */
#ifndef PLUGIN_PRIVILEGE_H
#define PLUGIN_PRIVILEGE_H

#include <stdbool.h>

/* What capabilities are for; bits. */
#define PRIVILEGE_SCAN     1U /* the three that are granted to the program */
#define PRIVILEGE_OPTIONS  2U /* read the files that options name */
#define PRIVILEGE_PACKAGES 4U /* make a package tool nobody's */
#define PRIVILEGE_FILE     8U /* write the file of -o */

/* What makes a scan see more; bits. */
#define PRIVILEGE_PTRACE  1U /* cap_sys_ptrace: every process */
#define PRIVILEGE_READ    2U /* cap_dac_read_search: closed folders, descriptors */
#define PRIVILEGE_RESTORE 4U /* cap_checkpoint_restore: the old inode */
#define PRIVILEGE_ALL     7U

/* What the scan did not have, and why.  All zero: it had everything. */
struct privilege {
	unsigned missing;  /* of PRIVILEGE_ALL */
	bool is_root;      /* the rest is about cap_sys_ptrace, where that is missing */
	bool granted;      /* to the file of this program */
	bool no_new_privs; /* set by who started it: what is granted has no effect */
	bool nosuid;       /* so is that file system mounted: no effect either */
	bool bounded;      /* it is not in the bounding set: no effect either */
};

/*
 * At the very start: nothing stays permitted but what some duty of ours needs, nothing
 * inheritable or ambient; nothing is effective but PRIVILEGE_OPTIONS of root.  Who gained
 * privilege loses its environment, and its user may not look into its memory.
 * Returns 0, or a negative errno, as all below.
 */
int privilege_start(void);

/* Did the program gain privilege when it was started (AT_SECURE)?  Then its user must
 * not choose what it opens. */
bool privilege_is_elevated(void);

/* Makes effective what of duties is permitted, and gives up all other, for good. */
int privilege_raise(unsigned duties);

/*
 * For good: sets no_new_privs, empties the bounding set where that is allowed, becomes the
 * user that started a set-uid copy.  Permitted, not effective, stays what of duties is.
 */
int privilege_drop(unsigned duties);

/* What of PRIVILEGE_ALL is effective. */
unsigned privilege_effective(void);

/* Why there may be nothing to raise.  To be asked before privilege_drop(): that changes
 * the answer.  Does not fill in what is missing. */
struct privilege privilege_look(void);

#endif
