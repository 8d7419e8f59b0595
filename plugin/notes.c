/*
 * notes.c - lines about the scan as a whole.
 */
#include "notes.h"

#include <errno.h>
#include <string.h>

#include "errname.h"
#include "headline.h"
#include "packages.h"
#include "words.h"

#define PRIVILEGE_GRANT "cap_sys_ptrace,cap_dac_read_search,cap_checkpoint_restore=p"

/* What makes capabilities of a file, or those that a service gives, of no effect. */
static void add_obstacles(const struct privilege *privilege, struct buf *out)
{
	const char *before = "";

	if (privilege->no_new_privs) {
		buf_put(out, "no_new_privs is set (NoNewPrivileges= of a service)");
		before = " and ";
	}
	if (privilege->nosuid) {
		buf_printf(out, "%sits file system is mounted nosuid", before);
		before = " and ";
	}
	if (privilege->bounded)
		buf_printf(out,
			   "%scap_sys_ptrace is not in the bounding set "
			   "(CapabilityBoundingSet= of a service, or a container)",
			   before);
}

/* Root cannot grant itself what was withheld from it. */
static void add_root(const char *missing, struct buf *out)
{
	buf_printf(out,
		   "This is root without %s: let the container or service have it "
		   "(--cap-add=, CapabilityBoundingSet=)\n",
		   missing);
}

static void add_no_ptrace(const struct privilege *privilege, struct buf *out)
{
	const bool is_hindered =
		privilege->no_new_privs || privilege->nosuid || privilege->bounded;

	if (privilege->is_root) {
		add_root("cap_sys_ptrace", out);
		return;
	}
	if (privilege->granted)
		buf_put(out, "cap_sys_ptrace is granted to the program, but has no "
			     "effect: ");
	else
		buf_put(out, "To see the processes of all users run as root, or as root "
			     "once: setcap " PRIVILEGE_GRANT " check_stale\n");
	if (!privilege->granted && is_hindered)
		buf_put(out, "That has no effect as long as ");
	if (is_hindered)
		add_obstacles(privilege, out);
	else if (privilege->granted)
		buf_put(out, "the kernel did not give it (is it traced, or its file "
			     "system mounted for another user namespace?)");
	if (privilege->granted || is_hindered)
		buf_put(out, "\n");
}

/* With this one all processes are seen, but not all that is to be seen of them. */
static void add_partly(const struct view *view, struct buf *out)
{
	static const char *const names[] = {
		[PRIVILEGE_READ] = "cap_dac_read_search",
		[PRIVILEGE_RESTORE] = "cap_checkpoint_restore",
		[PRIVILEGE_READ | PRIVILEGE_RESTORE] =
			"cap_dac_read_search and cap_checkpoint_restore",
	};
	const char *missing = names[view->privilege.missing & ~PRIVILEGE_PTRACE];

	if (!missing || (view->info->denied == 0 && view->nprocs == 0))
		return;
	buf_printf(out,
		   "Without %s ages, scratch code and what others hold open may be "
		   "unknown\n",
		   missing);
	if (view->privilege.is_root)
		add_root(missing, out);
	else
		buf_put(out, "To see these, too, as root once: setcap " PRIVILEGE_GRANT
			     " check_stale\n");
}

static void add_privilege(const struct view *view, struct buf *out)
{
	if (!view->privileged && view->info->denied)
		add_no_ptrace(&view->privilege, out);
	else if (view->privileged)
		add_partly(view, out);
}

/* How to get a complete answer, one sentence a line. */
static void add_advice(const struct view *view, struct buf *out)
{
	const struct stale_scan_info *info = view->info;

	if (view->error || view->signal || info->error) {
		buf_put(out, "The scan failed: ");
		headline_error(view, out);
		buf_put(out, "\n");
	}
	if (!info->finished && info->at)
		buf_printf(out, "The scan was reading process %d when it ended.\n",
			   (int)info->at);
	if (info->hidden)
		buf_put(out, "This /proc hides processes: mount it without hidepid, or "
			     "run as root, or without ProtectProc.\n");
	add_privilege(view, out);
}

static void add_unreadable(const struct view *view, struct buf *out)
{
	if (view->nunreadable == 0)
		return;
	buf_put(out, "Could not read: ");
	for (size_t i = 0; i < view->nunreadable && i < DETAILS_ITEMS; i++) {
		buf_printf(out, "%s%d (", i ? ", " : "", (int)view->unreadable[i].pid);
		errname_print(out, view->unreadable[i].error);
		buf_put(out, ")");
	}
	details_more(out, view->nunreadable);
	buf_put(out, "\n");
}

static void add_packages(const struct view *view, struct buf *out)
{
	int rc = packages_error(view->packages);

	if (rc == -ENOENT)
		buf_put(out, "No database of dpkg, rpm, pacman or apk was found.\n");
	else if (rc == -ETIME)
		buf_put(out, "Not all packages are known: time ran out.\n");
	else if (rc < 0)
		buf_printf(out, "Not all packages are known: %s\n", strerror(-rc));
}

void notes_gaps(const struct view *view, struct buf *out)
{
	add_advice(view, out);
	add_unreadable(view, out);
	add_packages(view, out);
}

void notes_deleted(const struct view *view, struct buf *out)
{
	const struct stale_totals *totals = &view->totals;

	if (totals->data_files)
		buf_printf(out, "deleted files mapped as data: %zu\n",
			   totals->data_files);
	if (totals->fd_files == 0)
		return;
	buf_printf(out, "deleted files held open: %zu", totals->fd_files);
	if (totals->fd_bytes > 0) {
		buf_put(out, ", ");
		words_size(out, totals->fd_bytes);
		buf_put(out, " on disk");
	}
	buf_put(out, "\n");
}

static void add_default_rules(bool are_off, struct buf *out)
{
	size_t n;
	const struct stale_default_rule *rules = stale_default_rules(&n);

	for (size_t i = 0; i < n; i++) {
		buf_put(out, are_off ? "rule, off: " : "rule: ");
		buf_printable(out, rules[i].name, BUF_NAGIOS);
		buf_put(out, ": ");
		buf_printable(out, rules[i].reason, BUF_NAGIOS);
		buf_put(out, "\n");
	}
}

static void add_ignored(const struct view *view, struct buf *out)
{
	for (size_t i = 0; i < view->nignored; i++) {
		buf_printf(out, "ignored: %d ", (int)view->ignored[i].pid);
		buf_printable_tail(out, view->ignored[i].path, BUF_NAGIOS,
				   DETAILS_PATH_BYTES);
		buf_put(out, " by ");
		buf_printable_head(out, view->ignored[i].rule, BUF_NAGIOS,
				   DETAILS_NAME_BYTES);
		buf_put(out, "\n");
	}
}

void notes_ignored(const struct view *view, const struct details *details,
		   struct buf *out)
{
	add_ignored(view, out);
	if (details->verbose >= 1)
		add_default_rules(details->no_default_ignores, out);
}

void notes_scan(const struct view *view, struct buf *out)
{
	const struct stale_scan_info *info = view->info;

	buf_printf(out,
		   "scan: %zu listed, %zu kernel threads, %zu seen, %zu scanned, "
		   "%zu vanished, %zu denied, %zu failed\n",
		   info->listed, info->kernel_threads, info->seen, info->scanned,
		   info->vanished, info->denied, info->failed);
	buf_printf(out, "scan: %s, read by %s, %scap_sys_ptrace, %s\n",
		   info->finished ? "finished" : "not finished",
		   stale_method_name(info->method), view->privileged ? "" : "no ",
		   info->proc_fs ? "a live /proc" : "a captured tree");
}
