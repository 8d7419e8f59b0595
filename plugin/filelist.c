/*
 * filelist.c - stale files one a line.
 */
#include "filelist.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "duration.h"
#include "packages.h"
#include "words.h"

/* A file and whose it is. */
struct entry {
	const struct stale_file *file;
	bool is_contained; /* the packages of a container are not ours */
	bool is_apart;     /* told apart from other files of its name */
};

static int compare_numbers(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

/* Of the same path and reason: the oldest first, those without a date last. */
static int compare_dates(const struct stale_file *a, const struct stale_file *b)
{
	const bool is_a_dated = a->since_source != STALE_SINCE_UNKNOWN;
	const bool is_b_dated = b->since_source != STALE_SINCE_UNKNOWN;

	if (is_a_dated != is_b_dated)
		return is_b_dated - is_a_dated;
	return compare_numbers(a->since, b->since);
}

static int compare_keys(const struct entry *a, const struct entry *b)
{
	int rc = strcmp(a->file->path, b->file->path);

	if (rc == 0)
		rc = compare_numbers(a->file->why, b->file->why);
	if (rc == 0)
		rc = a->is_contained - b->is_contained;
	/* One name, several files: each holds its own bytes, each is its own build. */
	if (rc == 0 && a->is_apart)
		rc = compare_numbers(a->file->id, b->file->id);
	return rc;
}

static int compare_entries(const void *va, const void *vb)
{
	const struct entry *a = va, *b = vb;
	int rc = compare_keys(a, b);

	return rc ? rc : compare_dates(a->file, b->file);
}

static void put_package(const struct view *view, const struct stale_file *file,
			struct buf *out)
{
	const struct package *package = packages_of(view->packages, file->path);

	if (!package)
		return;
	buf_put(out, ", package ");
	buf_printable(out, package->name, BUF_PRINTABLE);
	buf_put(out, " ");
	buf_printable(out, package->version, BUF_PRINTABLE);
}

/* Builds are told apart where the question is who uses which. */
static void put_build(const struct view *view, const struct stale_file *file,
		      struct buf *out)
{
	if (!view->policy.is_using || !file->build_id)
		return;
	buf_put(out, ", build ");
	for (size_t i = 0; i < file->build_id_len; i++)
		buf_printf(out, "%02x", file->build_id[i]);
}

static void put_entry(const struct view *view, const struct entry *entry, struct buf *out)
{
	const struct stale_file *file = entry->file;
	int64_t age = view_file_age(view, file);

	buf_printable(out, file->path, BUF_PRINTABLE);
	buf_printf(out, ": %s", stale_why_name(file->why));
	if (age >= 0 && file->why != STALE_CURRENT) {
		buf_put(out, " ");
		duration_print(out, age);
		buf_put(out, " ago");
	}
	if (file->bytes >= 0 && (file->kind == STALE_FD || file->kind == STALE_DATA)) {
		buf_put(out, ", holds ");
		words_size(out, file->bytes);
		buf_put(out, " on disk");
	}
	put_build(view, file, out);
	if (entry->is_contained)
		buf_put(out, ", in a container");
	else
		put_package(view, file, out);
	buf_put(out, "\n");
}

static size_t take_entries(const struct view *view, struct entry *entries)
{
	size_t n = 0;

	for (size_t i = 0; i < view->nprocs; i++) {
		const struct stale_proc *proc = &view->procs[i];

		for (size_t k = 0; k < proc->nfiles; k++)
			entries[n++] = (struct entry){
				.file = &proc->files[k],
				.is_contained = proc->scope == STALE_SCOPE_CONTAINER,
				.is_apart = view->policy.is_using ||
					    proc->files[k].kind == STALE_FD ||
					    proc->files[k].kind == STALE_DATA,
			};
	}
	return n;
}

static size_t count_files(const struct view *view)
{
	size_t n = 0;

	for (size_t i = 0; i < view->nprocs; i++)
		n += view->procs[i].nfiles;
	return n;
}

int filelist_render(const struct view *view, struct buf *out)
{
	cleanup_free struct entry *entries =
		calloc(count_files(view) + 1, sizeof(*entries));
	size_t n;

	if (!entries)
		return -ENOMEM;
	n = take_entries(view, entries);
	qsort(entries, n, sizeof(*entries), compare_entries);
	for (size_t i = 0; i < n; i++) {
		if (i == 0 || compare_keys(&entries[i - 1], &entries[i]) != 0)
			put_entry(view, &entries[i], out);
	}
	return out->error;
}
