/*
 * cmdline.c - command lines as text, and processes put together by them.
 */
#include "cmdline.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"

#define BLANKS " \t\n\v\f\r"

struct entry {
	const char *text;
	size_t proc;  /* position in view->procs */
	bool is_comm; /* there is no command line */
};

/* The arguments with blanks between them.  What the process wrote over them counts as
 * arguments, too: "sshd: alice [priv]" is followed by a number of NULs. */
static void join_args(const struct stale_proc *proc, struct buf *joined)
{
	buf_bytes(joined, proc->cmdline ? proc->cmdline : "", proc->cmdline_len);
	if (joined->error)
		return;
	for (size_t i = 0; i < joined->len; i++) {
		if (joined->s[i] == '\0')
			joined->s[i] = ' ';
	}
	while (joined->len && strchr(BLANKS, joined->s[joined->len - 1]))
		joined->len--;
	joined->s[joined->len] = '\0';
}

/* Returns whether there is a command line, in printable form in text. */
static bool print_args(const struct stale_proc *proc, struct buf *text)
{
	cleanup_buf struct buf joined = BUF_INIT;

	join_args(proc, &joined);
	if (joined.error) {
		text->error = joined.error;
		return false;
	}
	buf_printable(text, joined.s + strspn(joined.s, BLANKS), BUF_PRINTABLE);
	return text->len > 0;
}

static int make_entry(const struct view *view, size_t i, struct entry *ret,
		      char **ret_text)
{
	struct buf text = BUF_INIT;

	ret->proc = i;
	ret->is_comm = !print_args(&view->procs[i], &text);
	if (ret->is_comm) {
		buf_put(&text, "[");
		buf_printable(&text, view->procs[i].comm, BUF_PRINTABLE);
		buf_put(&text, "]");
	}
	if (text.error) {
		buf_release(&text);
		return -ENOMEM;
	}
	*ret_text = text.s; /* with the buffer, for good */
	ret->text = text.s;
	return 0;
}

static int compare_keys(const struct entry *a, const struct entry *b)
{
	return a->is_comm != b->is_comm ? a->is_comm - b->is_comm
					: strcmp(a->text, b->text);
}

static int compare_entries(const void *va, const void *vb)
{
	const struct entry *a = va, *b = vb;
	int rc = compare_keys(a, b);

	return rc ? rc : (a->proc > b->proc) - (a->proc < b->proc);
}

static int compare_groups(const void *va, const void *vb)
{
	const struct cmdgroup *a = va, *b = vb;

	return (a->procs[0] > b->procs[0]) - (a->procs[0] < b->procs[0]);
}

/* entries are sorted, so that each group is one run of them. */
static void collect(struct cmdgroups *groups, const struct entry *entries, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		groups->procs[i] = entries[i].proc;
		if (i > 0 && compare_keys(&entries[i - 1], &entries[i]) == 0) {
			groups->list[groups->n - 1].nprocs++;
			continue;
		}
		groups->list[groups->n++] = (struct cmdgroup){
			.text = entries[i].text,
			.procs = groups->procs + i,
			.nprocs = 1,
		};
	}
	qsort(groups->list, groups->n, sizeof(*groups->list), compare_groups);
}

static int make_entries(const struct view *view, struct cmdgroups *groups,
			struct entry *entries)
{
	for (size_t i = 0; i < view->nprocs; i++) {
		int rc = make_entry(view, i, &entries[i], &groups->texts[i]);

		if (rc < 0)
			return rc;
		groups->ntexts++;
	}
	return 0;
}

int cmdgroups_make(const struct view *view, struct cmdgroups *ret)
{
	struct cmdgroups groups = CMDGROUPS_INIT;
	cleanup_free struct entry *entries = NULL;

	if (view->nprocs == 0) {
		*ret = groups;
		return 0;
	}
	entries = calloc(view->nprocs, sizeof(*entries));
	groups.list = calloc(view->nprocs, sizeof(*groups.list));
	groups.procs = calloc(view->nprocs, sizeof(*groups.procs));
	groups.texts = calloc(view->nprocs, sizeof(*groups.texts));
	if (!entries || !groups.list || !groups.procs || !groups.texts ||
	    make_entries(view, &groups, entries) < 0) {
		cmdgroups_release(&groups);
		return -ENOMEM;
	}
	qsort(entries, view->nprocs, sizeof(*entries), compare_entries);
	collect(&groups, entries, view->nprocs);
	*ret = groups;
	return 0;
}

void cmdgroups_release(struct cmdgroups *groups)
{
	for (size_t i = 0; i < groups->ntexts; i++)
		free(groups->texts[i]);
	free(groups->texts);
	free(groups->list);
	free(groups->procs);
	*groups = (struct cmdgroups)CMDGROUPS_INIT;
}

void cmdgroup_print_pids(const struct view *view, const struct cmdgroup *group,
			 struct buf *out)
{
	for (size_t i = 0; i < group->nprocs; i++)
		buf_printf(out, "%s%d", i ? "," : "",
			   (int)view->procs[group->procs[i]].pid);
}

static int compare_paths(const void *va, const void *vb)
{
	return strcmp(*(const char *const *)va, *(const char *const *)vb);
}

static void print_path(const char *path, struct buf *out)
{
	cleanup_buf struct buf printable = BUF_INIT;

	buf_printable(&printable, path, BUF_PRINTABLE);
	if (printable.error)
		out->error = printable.error;
	for (const char *s = printable.s; s && *s;) {
		size_t len = strcspn(s, ",;");

		buf_bytes(out, s, len);
		s += len;
		if (*s)
			buf_printf(out, "\\x%02x", (unsigned)*s++);
	}
}

static size_t count_files(const struct view *view, const struct cmdgroup *group)
{
	size_t n = 0;

	for (size_t i = 0; i < group->nprocs; i++)
		n += view->procs[group->procs[i]].nfiles;
	return n;
}

int cmdgroup_print_files(const struct view *view, const struct cmdgroup *group,
			 struct buf *out)
{
	cleanup_free const char **paths =
		calloc(count_files(view, group), sizeof(*paths));
	size_t n = 0;

	if (!paths)
		return -ENOMEM;
	for (size_t i = 0; i < group->nprocs; i++) {
		const struct stale_proc *proc = &view->procs[group->procs[i]];

		for (size_t k = 0; k < proc->nfiles; k++)
			paths[n++] = proc->files[k].path;
	}
	qsort(paths, n, sizeof(*paths), compare_paths);
	for (size_t i = 0; i < n; i++) {
		if (i > 0 && strcmp(paths[i - 1], paths[i]) == 0)
			continue;
		if (i > 0)
			buf_put(out, ",");
		print_path(paths[i], out);
	}
	return out->error;
}
