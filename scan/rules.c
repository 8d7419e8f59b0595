/*
 * rules.c - the caller's ignore rules, and the built-in ones for scratch code.
 *
 * Nothing is dropped here: what a rule matches is still counted and can be listed.
 */
#include "rules.h"

#include <fnmatch.h>
#include <string.h>

#include "names.h"

/* Scratch code lives for moments; an upgrade that follows an install so closely, and
 * leaves no successor, is none. */
#define SCRATCH_LIFE_NS (INT64_C(60) * 1000000000)

enum default_rule { BELOW_SCRATCH, SELF_UNLINKED, BORN_SCRATCH, DEFAULT_RULES };

static const struct stale_default_rule default_rules[DEFAULT_RULES] = {
	[BELOW_SCRATCH] = {"built-in: below a folder for temporary files",
			   "code unpacked below /tmp, /var/tmp, /run or /dev/shm and "
			   "deleted again comes from no package"},
	[SELF_UNLINKED] = {"built-in: name of self-unlinked code",
			   "orcexec.*, jna*.tmp, ffi?????? and nebmod* are made and "
			   "deleted by the program that maps them"},
	[BORN_SCRATCH] = {"built-in: born and deleted with its process",
			  "the process wrote the file itself and it was gone within a "
			  "minute"},
};

const struct stale_default_rule *stale_default_rules(size_t *ret_n)
{
	*ret_n = DEFAULT_RULES;
	return default_rules;
}

/*
 * The contents must be as young as the file: on overlayfs a file of a lower layer is born
 * again when it is copied up, with the time of its contents kept.
 */
static bool is_born_scratch(const struct found_file *file,
			    const struct rules_first *first)
{
	return first->start_ns && file->old_birth_ns > first->start_ns &&
	       file->old_mtime_ns > first->start_ns && file->old_uid == first->uid &&
	       file->old_ctime_ns - file->old_birth_ns <= SCRATCH_LIFE_NS;
}

static const char *match_default(const struct found_file *file,
				 const struct rules_first *first)
{
	const struct name path = {file->path, strlen(file->path)};

	/* A deleted program in /tmp is what an intruder leaves: never ignored. */
	if (file->kind == STALE_EXE || file->why != STALE_DELETED)
		return NULL;
	if (file->is_below_scratch)
		return default_rules[BELOW_SCRATCH].name;
	if (name_is_self_unlinked(name_base(path)))
		return default_rules[SELF_UNLINKED].name;
	if (is_born_scratch(file, first))
		return default_rules[BORN_SCRATCH].name;
	return NULL;
}

static const char *match_globs(const char *const *globs, const char *path)
{
	for (; globs && *globs; globs++)
		if (fnmatch(*globs, path, 0) == 0)
			return *globs;
	return NULL;
}

static const char *match_literals(const char *const *literals, const char *path)
{
	for (; literals && *literals; literals++)
		if (strcmp(*literals, path) == 0)
			return *literals;
	return NULL;
}

const char *rules_match(const struct stale_options *opt, const struct found_file *file,
			const struct rules_first *first)
{
	const char *rule = match_globs(opt->ignore_globs, file->path);

	if (!rule)
		rule = match_literals(opt->ignore_literals, file->path);
	if (!rule && !opt->no_default_ignores)
		rule = match_default(file, first);
	return rule;
}

bool rules_is_wanted(const struct stale_options *opt, const struct found_file *file)
{
	const char *slash = strrchr(file->path, '/');

	return !opt->library_globs || match_globs(opt->library_globs, file->path) ||
	       (slash && match_globs(opt->library_globs, slash + 1));
}
