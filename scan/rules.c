/*
 * rules.c - the caller's ignore rules, and the built-in ones for scratch code.
 *
 * Nothing is dropped here: what a rule matches is still counted and can be listed.
 */
#include "rules.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "names.h"
#include "owner.h"

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

	/* A deleted program in /tmp is what an intruder leaves: never ignored.  Data that
	 * takes up space does so wherever it was. */
	if (file->kind != STALE_LIB || file->why != STALE_DELETED)
		return NULL;
	if (file->is_below_scratch)
		return default_rules[BELOW_SCRATCH].name;
	if (name_is_self_unlinked(name_base(path)))
		return default_rules[SELF_UNLINKED].name;
	if (is_born_scratch(file, first))
		return default_rules[BORN_SCRATCH].name;
	return NULL;
}

static bool is_user(const struct stale_options *opt, const char *pattern, uid_t uid)
{
	char number[3 * sizeof(uid) + 1];
	const char *name = opt->users ? stale_users_name(opt->users, uid) : NULL;

	snprintf(number, sizeof(number), "%u", (unsigned)uid);
	return strcmp(pattern, number) == 0 || (name && strcmp(pattern, name) == 0);
}

static bool matches(const struct stale_options *opt, const struct stale_rule *rule,
		    const struct found_file *file, const struct found_proc *proc)
{
	switch (rule->kind) {
	case STALE_RULE_PATH:
		return fnmatch(rule->pattern, file->path, 0) == 0;
	case STALE_RULE_LITERAL:
		return strcmp(rule->pattern, file->path) == 0;
	case STALE_RULE_UNIT:
		return proc->unit && owner_unit_matches(rule->pattern, proc->unit);
	case STALE_RULE_PROCESS:
		return fnmatch(rule->pattern, proc->comm, 0) == 0;
	case STALE_RULE_CONTAINER:
		return proc->container &&
		       owner_container_matches(rule->pattern, proc->container);
	case STALE_RULE_USER:
		return is_user(opt, rule->pattern, proc->uid);
	}
	return false;
}

const char *rules_match(const struct stale_options *opt, const struct found_file *file,
			const struct found_proc *proc, const struct rules_first *first)
{
	for (size_t i = 0; i < opt->nignore; i++)
		if (matches(opt, &opt->ignore[i], file, proc))
			return opt->ignore[i].origin;
	return opt->no_default_ignores ? NULL : match_default(file, first);
}

bool rules_name_matches(const char *const *globs, const char *path)
{
	const char *slash = strrchr(path, '/');

	for (; globs && *globs; globs++)
		if (fnmatch(*globs, path, 0) == 0 ||
		    (slash && fnmatch(*globs, slash + 1, 0) == 0))
			return true;
	return false;
}

static bool is_kind_wanted(const struct stale_options *opt, enum stale_kind kind)
{
	const unsigned kinds = opt->kinds ? opt->kinds : STALE_KIND_CODE;

	return kinds & STALE_KIND_BIT(kind);
}

bool rules_is_wanted(const struct stale_options *opt, const struct found_file *file)
{
	return is_kind_wanted(opt, file->kind) &&
	       (!opt->library_globs ||
		rules_name_matches(opt->library_globs, file->path));
}
