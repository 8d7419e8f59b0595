/*
 * human.c - the listing for people, in parts that an empty line parts: processes, whose
 * they are, with -v the files, and what could not be seen.
 */
#include "human.h"

#include <errno.h>
#include <string.h>

#include "cleanup.h"
#include "cmdline.h"
#include "filelist.h"
#include "headline.h"
#include "whose.h"
#include "words.h"

/* A list of PIDs that is longer than this moves what is behind it. */
#define PIDS_WIDTH_MAX 24
/* What is left of a command line on the narrowest terminal. */
#define CMDLINE_MIN 20

#define BOLD  "\033[1m"
#define RED   "\033[31m"
#define FAINT "\033[2m"
#define PLAIN "\033[0m"

/* One rendering. */
struct page {
	const struct view *view;
	const struct human *human;
	struct buf *out;
	size_t pids_width; /* 0: nothing is aligned */
};

static void put_colour(const struct page *page, const char *code)
{
	if (page->human->colour)
		buf_put(page->out, code);
}

/* An empty line before every part but the first. */
static void begin_part(const struct page *page)
{
	if (page->out->len > 0)
		buf_put(page->out, "\n");
}

static void put_pids(const struct page *page, const struct cmdgroup *group)
{
	size_t before, len;

	put_colour(page, BOLD);
	before = page->out->len;
	cmdgroup_print_pids(page->view, group, page->out);
	len = page->out->len - before;
	put_colour(page, PLAIN);
	for (; len < page->pids_width; len++)
		buf_put(page->out, " ");
	buf_put(page->out, " ");
}

static size_t pids_width(const struct page *page, const struct cmdgroups *groups)
{
	cleanup_buf struct buf pids = BUF_INIT;
	size_t width = 0;

	for (size_t i = 0; i < groups->n; i++) {
		pids.len = 0;
		cmdgroup_print_pids(page->view, &groups->list[i], &pids);
		if (pids.len > width && pids.len <= PIDS_WIDTH_MAX)
			width = pids.len;
	}
	if (pids.error)
		page->out->error = pids.error;
	return width;
}

/* How many bytes of a command line fit behind the PIDs and between its quotes. */
static size_t cmdline_room(const struct page *page)
{
	const size_t used = page->pids_width + 3;

	if (page->human->width == 0 || page->human->verbose > 0)
		return SIZE_MAX;
	return page->human->width > used + CMDLINE_MIN ? page->human->width - used
						       : CMDLINE_MIN;
}

/* A quote within is '\"', so that the last one ends it. */
static void put_cmdline(const struct page *page, const char *text)
{
	cleanup_buf struct buf quoted = BUF_INIT;
	const size_t room = cmdline_room(page);

	for (; *text; text++) {
		if (*text == '"')
			buf_put(&quoted, "\\");
		buf_bytes(&quoted, text, 1);
	}
	if (quoted.len > room) {
		buf_clip(&quoted, room - 3);
		buf_put(&quoted, "...");
	}
	if (quoted.error)
		page->out->error = quoted.error;
	buf_put(page->out, "\"");
	buf_put(page->out, quoted.s ? quoted.s : "");
	buf_put(page->out, "\"");
}

static int put_processes(const struct page *page, const struct cmdgroups *groups)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < groups->n; i++) {
		put_pids(page, &groups->list[i]);
		put_cmdline(page, groups->list[i].text);
		if (page->human->verbose > 0) {
			buf_put(page->out, " uses ");
			rc = cmdgroup_print_files(page->view, &groups->list[i],
						  page->out);
		}
		buf_put(page->out, "\n");
	}
	return rc;
}

static void put_advice(const struct page *page, const struct owner *owner)
{
	const struct stale_proc *proc = &page->view->procs[owner->procs[0]];

	if (owner->is_useless || !owner->counted)
		put_colour(page, FAINT);
	else if (proc->advice == STALE_REBOOT)
		put_colour(page, RED);
	else
		put_colour(page, BOLD);
	owner_print_advice(page->view, owner, page->out);
	put_colour(page, PLAIN);
}

static int put_owners(const struct page *page)
{
	cleanup_owners struct owners owners = OWNERS_INIT;
	int rc = owners_make(page->view, &owners);

	if (owners.n > 0)
		begin_part(page);
	for (size_t i = 0; i < owners.n; i++) {
		const struct owner *owner = &owners.list[i];

		put_pids(page, &(struct cmdgroup){NULL, owner->procs, owner->nprocs});
		owner_print(page->view, owner, page->out);
		buf_put(page->out, ": ");
		put_advice(page, owner);
		buf_put(page->out, "\n");
	}
	return rc;
}

static int put_files(const struct page *page)
{
	if (page->view->nprocs == 0 ||
	    (page->human->verbose == 0 && !page->view->packages))
		return 0;
	begin_part(page);
	return filelist_render(page->view, page->out);
}

static void put_ignored(struct page *page)
{
	const struct view *view = page->view;

	if (!page->human->show_ignored || view->nignored == 0)
		return;
	begin_part(page);
	for (size_t i = 0; i < view->nignored; i++) {
		buf_printf(page->out, "ignored: %d ", (int)view->ignored[i].pid);
		buf_printable(page->out, view->ignored[i].path, BUF_PRINTABLE);
		buf_put(page->out, " by ");
		buf_printable(page->out, view->ignored[i].rule, BUF_PRINTABLE);
		buf_put(page->out, "\n");
	}
}

static void put_nothing(const struct page *page)
{
	if (page->human->width == 0 || page->view->nprocs > 0)
		return;
	buf_printf(page->out, "0 of %zu processes ", page->view->info->scanned);
	words_finding(page->view, page->out);
	buf_put(page->out, ".\n");
}

static void put_unreadable(const struct page *page)
{
	const struct stale_scan_info *info = page->view->info;

	if (info->denied + info->failed == 0)
		return;
	buf_printf(page->out, "%zu of %zu processes could not be read",
		   info->denied + info->failed, info->seen - info->vanished);
	if (info->denied && !page->view->privileged)
		buf_put(page->out, ": run this as root, or with cap_sys_ptrace");
	buf_put(page->out, ".\n");
}

/* Nobody is to take what is missing for "nothing there". */
static void put_gap(const struct page *page, const struct verdict *verdict)
{
	const struct stale_scan_info *info = page->view->info;

	if (verdict->gap == GAP_NONE)
		return;
	begin_part(page);
	put_colour(page, RED);
	buf_put(page->out, "This is not all: ");
	put_colour(page, PLAIN);
	switch (verdict->gap) {
	case GAP_NONE:
	case GAP_UNREADABLE:
		put_unreadable(page);
		return;
	case GAP_HIDDEN:
		buf_put(page->out, "this /proc hides processes (hidepid, ProtectProc).");
		break;
	case GAP_TIMEOUT:
		buf_printf(page->out, "time ran out after %zu of %zu processes.",
			   info->scanned, info->listed - info->kernel_threads);
		break;
	case GAP_ERROR:
		buf_put(page->out, "the scan failed: ");
		headline_error(page->view, page->out);
		buf_put(page->out, ".");
		break;
	}
	buf_put(page->out, "\n");
	put_unreadable(page);
}

int human_render(const struct view *view, const struct verdict *verdict,
		 const struct human *human, struct buf *out)
{
	cleanup_cmdgroups struct cmdgroups groups = CMDGROUPS_INIT;
	struct page page = {.view = view, .human = human, .out = out};
	int rc = cmdgroups_make(view, &groups);

	if (human->width > 0)
		page.pids_width = pids_width(&page, &groups);
	if (rc == 0)
		rc = put_processes(&page, &groups);
	if (rc == 0)
		rc = put_owners(&page);
	if (rc == 0)
		rc = put_files(&page);
	put_ignored(&page);
	put_nothing(&page);
	put_gap(&page, verdict);
	return rc < 0 ? rc : out->error;
}
