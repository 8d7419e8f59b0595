/*
 * fuzz_json.c - whatever was found, the object is one line of valid JSON, and what a JSON
 * library reads of it is what was found.
 *
 * Code: plugin/json.c plugin/duration.c plugin/errname.c scan/text.c
 */
#include <jansson.h>

#include "fuzzview.h"
#include "json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Nesting is that of the schema, a handful. */
/* NOLINTNEXTLINE(misc-no-recursion) */
static void check_strings(json_t *value)
{
	const char *s = json_string_value(value);
	void *iter = json_object_iter(value);

	if (s)
		fuzztext_check(s, strlen(s), "");
	for (size_t i = 0; i < json_array_size(value); i++)
		check_strings(json_array_get(value, i));
	for (; iter; iter = json_object_iter_next(value, iter))
		check_strings(json_object_iter_value(iter));
}

/* raw: NULL is null. */
static void check_string(json_t *value, const char *raw)
{
	const char *s = json_string_value(value);

	ensure(raw ? s != NULL : json_is_null(value));
	if (!raw)
		return;
	fuzztext_expect(&s, raw, "");
	ensure(*s == '\0');
}

static void check_integer(json_t *value, int64_t want)
{
	ensure(json_is_integer(value) && json_integer_value(value) == want);
}

static void check_file(json_t *object, const struct stale_file *file)
{
	double inode = json_number_value(json_object_get(object, "inode"));

	check_string(json_object_get(object, "path"), file->path);
	check_string(json_object_get(object, "successor"), file->successor);
	check_string(json_object_get(object, "kind"), stale_kind_name(file->kind));
	check_string(json_object_get(object, "why"), stale_why_name(file->why));
	check_string(json_object_get(object, "since_source"),
		     stale_since_name(file->since_source));
	ensure(inode >= (double)file->inode * 0.999 &&
	       inode <= (double)file->inode * 1.001);
	if (file->fd >= 0)
		check_integer(json_object_get(object, "fd"), file->fd);
	if (file->bytes >= 0)
		check_integer(json_object_get(object, "bytes"), file->bytes);
}

static void check_args(json_t *array, const struct stale_proc *proc)
{
	size_t n = 0;

	for (size_t at = 0; at < proc->cmdline_len; at += strlen(proc->cmdline + at) + 1)
		check_string(json_array_get(array, n++), proc->cmdline + at);
	ensure(json_array_size(array) == n);
}

static void check_proc(json_t *object, const struct stale_proc *proc)
{
	json_t *container = json_object_get(object, "container");
	json_t *files = json_object_get(object, "files");

	check_integer(json_object_get(object, "pid"), proc->pid);
	check_integer(json_object_get(object, "uid"), proc->uid);
	check_string(json_object_get(object, "comm"), proc->comm);
	check_string(json_object_get(object, "exe"), proc->exe);
	check_string(json_object_get(object, "unit"), proc->unit);
	check_string(json_object_get(object, "scope"), stale_scope_name(proc->scope));
	check_string(json_object_get(object, "advice"), stale_advice_name(proc->advice));
	ensure(json_is_null(container) == !proc->container);
	if (proc->container) {
		check_string(json_object_get(container, "id"), proc->container);
		check_string(json_object_get(container, "runtime"), proc->runtime);
	}
	check_args(json_object_get(object, "cmdline"), proc);
	ensure(json_array_size(files) == proc->nfiles);
	for (size_t i = 0; i < proc->nfiles; i++)
		check_file(json_array_get(files, i), &proc->files[i]);
}

static void check(json_t *root, const struct fuzzview *f)
{
	json_t *procs = json_object_get(root, "processes");
	json_t *ignored = json_object_get(root, "ignored");

	check_strings(root);
	check_string(json_object_get(root, "state"), state_name(f->verdict.state));
	ensure(json_array_size(procs) == f->view.nprocs &&
	       json_array_size(ignored) == f->view.nignored &&
	       json_array_size(json_object_get(root, "unreadable")) ==
		       f->view.nunreadable);
	for (size_t i = 0; i < f->view.nprocs; i++)
		check_proc(json_array_get(procs, i), &f->view.procs[i]);
	for (size_t i = 0; i < f->view.nignored; i++) {
		json_t *object = json_array_get(ignored, i);

		check_integer(json_object_get(object, "pid"), f->view.ignored[i].pid);
		check_string(json_object_get(object, "path"), f->view.ignored[i].path);
		check_string(json_object_get(object, "rule"), f->view.ignored[i].rule);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fuzzview f;
	struct json json = {true, true};
	struct buf out = BUF_INIT;
	json_t *root;

	if (fuzzview_make(&f, data, size)) {
		ensure(json_render(&f.view, &f.verdict, &json, &out) == 0);
		root = json_loadb(out.s, out.len, JSON_REJECT_DUPLICATES, NULL);
		ensure(root && memchr(out.s, '\n', out.len) == out.s + out.len - 1);
		check(root, &f);
		json_decref(root);
		buf_release(&out);
	}
	free(f.found.text);
	f.found.text = NULL;
	return 0;
}
