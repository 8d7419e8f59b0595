/*
 * wanted.c - reads the names of users and the ignore rules.
 */
#include "wanted.h"

#include "rulefile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PASSWD      "/etc/passwd"
#define NAME_BYTES  64  /* bytes of a name in a message */
#define MESSAGE_MAX 512 /* bytes of a message of the core */

static int tell_errno(int rc, struct buf *error)
{
	buf_printf(error, "the scan failed: %s", strerror(-rc));
	return rc;
}

/* Without the file there are numbers; only memory is worth an error. */
static int read_users(struct wanted *wanted, struct buf *error)
{
	int rc = stale_users_read(NULL, &wanted->users);

	return rc == -ENOMEM ? tell_errno(rc, error) : 0;
}

/* Returns 0, or -EINVAL: not all digits, or no number that a user has. */
static int parse_uid(const char *s, uid_t *ret)
{
	uint64_t n = 0;

	for (const char *p = s; *p; p++) {
		if (*p < '0' || *p > '9')
			return -EINVAL;
		n = n * 10 + (uint64_t)(*p - '0');
		if (n >= (uid_t)-1)
			return -EINVAL;
	}
	if (*s == '\0')
		return -EINVAL;
	*ret = (uid_t)n;
	return 0;
}

/* A name may consist of digits, too: it comes first. */
static int find_uid(const struct wanted *wanted, const char *user, uid_t *ret)
{
	if (wanted->users && stale_users_uid(wanted->users, user, ret) == 0)
		return 0;
	return parse_uid(user, ret);
}

static int find_uids(const struct options *opt, struct wanted *wanted, struct buf *error)
{
	if (opt->users.n == 0)
		return 0;
	wanted->uids = calloc(opt->users.n, sizeof(*wanted->uids));
	if (!wanted->uids)
		return tell_errno(-ENOMEM, error);
	for (size_t i = 0; i < opt->users.n; i++) {
		const char *user = opt->users.list[i];

		if (find_uid(wanted, user, &wanted->uids[i]) == 0)
			continue;
		buf_put(error, "no user '");
		buf_printable_head(error, user, BUF_NAGIOS, NAME_BYTES);
		buf_put(error, "' in " PASSWD ", and no number");
		return -ENOENT;
	}
	wanted->nuids = opt->users.n;
	return 0;
}

/* Rules told by the option that they came with: "-i GLOB". */
static int add_rules(const struct strings *patterns, enum stale_rule_kind kind,
		     const char *option, struct stale_rules *rules)
{
	for (size_t i = 0; i < patterns->n; i++) {
		cleanup_buf struct buf origin = BUF_INIT;
		int rc;

		buf_printf(&origin, "%s %s", option, patterns->list[i]);
		rc = origin.error
			     ? origin.error
			     : stale_rules_add(rules, kind, patterns->list[i], origin.s);
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* message: "" where the core had nothing to say. */
static int tell(int rc, const char *message, struct buf *error)
{
	if (message[0] == '\0')
		return tell_errno(rc, error);
	buf_printable(error, message, BUF_NAGIOS);
	return rc;
}

static int read_files(const struct options *opt, const char *folder,
		      struct stale_rules *rules, struct buf *error)
{
	char message[MESSAGE_MAX] = "";
	int rc = 0;

	if (!opt->proc_root)
		rc = stale_rules_read_folder(rules, folder, true, message,
					     sizeof(message));
	for (size_t i = 0; rc == 0 && i < opt->ignore_files.n; i++)
		rc = stale_rules_read_file(rules, opt->ignore_files.list[i], message,
					   sizeof(message));
	return rc < 0 ? tell(rc, message, error) : 0;
}

static int read_rules(const struct options *opt, const char *folder,
		      struct wanted *wanted, struct buf *error)
{
	int rc = stale_rules_new(&wanted->rules);

	if (rc == 0)
		rc = add_rules(&opt->ignore, STALE_RULE_PATH, "-i", wanted->rules);
	if (rc == 0)
		rc = add_rules(&opt->literal, STALE_RULE_LITERAL, "-I", wanted->rules);
	if (rc < 0)
		return tell_errno(rc, error);
	return read_files(opt, folder, wanted->rules, error);
}

int wanted_read(const struct options *opt, const char *folder, struct wanted *ret,
		struct buf *error)
{
	struct wanted wanted = {0};
	int rc = read_users(&wanted, error);

	if (rc == 0)
		rc = find_uids(opt, &wanted, error);
	if (rc == 0)
		rc = read_rules(opt, folder, &wanted, error);
	if (rc < 0) {
		wanted_release(&wanted);
		return rc;
	}
	*ret = wanted;
	return 0;
}

void wanted_release(struct wanted *wanted)
{
	stale_users_free(wanted->users);
	stale_rules_free(wanted->rules);
	free(wanted->uids);
	*wanted = (struct wanted){0};
}
