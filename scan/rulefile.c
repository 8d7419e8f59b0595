/*
 * rulefile.c - ignore files: a rule a line, all of them right or none taken.
 *
 * A rule that is misspelled would silently ignore nothing, or a file that anybody can
 * write would hide whatever its writer likes: both are refused, and it is said where.
 * Matches nothing itself.
 */
#include "rulefile.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "input.h"
#include "util.h"

#define LINE_LIMIT 4096
#define FILE_LIMIT ((size_t)1 << 20)
#define RULE_LIMIT 10000

#define cleanup_listing __attribute__((cleanup(release_listing)))

struct rule_list {
	void *list;  /* owned: free(); of struct stale_rule */
	void *texts; /* owned: free(); of char *, each owned: pattern NUL origin NUL */
	size_t list_room;
	size_t texts_room;
	size_t n;
};

static const char *const words[] = {
	[STALE_RULE_PATH] = "path",           [STALE_RULE_LITERAL] = "literal",
	[STALE_RULE_UNIT] = "unit",           [STALE_RULE_PROCESS] = "process",
	[STALE_RULE_CONTAINER] = "container", [STALE_RULE_USER] = "user",
};
#define WORDS (sizeof(words) / sizeof(words[0]))

/* Forgets all rules but the first n. */
static void cut_rules(struct rule_list *rules, size_t n)
{
	while (rules->n > n)
		free(((char **)rules->texts)[--rules->n]);
}

void rule_list_free(struct rule_list *rules)
{
	if (!rules)
		return;
	cut_rules(rules, 0);
	free(rules->list);
	free(rules->texts);
	free(rules);
}

int rule_list_new(struct rule_list **ret)
{
	struct rule_list *rules = calloc(1, sizeof(*rules));

	if (!rules)
		return -ENOMEM;
	*ret = rules;
	return 0;
}

int rule_list_add(struct rule_list *rules, enum stale_rule_kind kind, const char *pattern,
		  const char *origin)
{
	const size_t pattern_size = strlen(pattern) + 1;
	const size_t origin_size = strlen(origin) + 1;
	char *text;

	if (pattern_size == 1)
		return -EINVAL;
	if (rules->n == RULE_LIMIT)
		return -ERANGE;
	if (util_grow(&rules->list, &rules->list_room, rules->n,
		      sizeof(struct stale_rule)) < 0 ||
	    util_grow(&rules->texts, &rules->texts_room, rules->n, sizeof(char *)) < 0)
		return -ENOMEM;
	text = malloc(pattern_size + origin_size);
	if (!text)
		return -ENOMEM;
	memcpy(text, pattern, pattern_size);
	memcpy(text + pattern_size, origin, origin_size);
	((char **)rules->texts)[rules->n] = text;
	((struct stale_rule *)rules->list)[rules->n++] =
		(struct stale_rule){kind, text, text + pattern_size};
	return 0;
}

const struct stale_rule *rule_list_items(const struct rule_list *rules, size_t *ret_n)
{
	*ret_n = rules->n;
	return rules->list;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct name trim(struct name text)
{
	while (text.len && is_blank(*text.s))
		text = (struct name){text.s + 1, text.len - 1};
	while (text.len && is_blank(text.s[text.len - 1]))
		text.len--;
	return text;
}

/* Takes "path" from "path /opt/x y", and leaves "/opt/x y". */
static bool take_word(struct name *text, enum stale_rule_kind *ret)
{
	for (unsigned i = 0; i < WORDS; i++) {
		const size_t len = strlen(words[i]);

		if (text->len < len || memcmp(text->s, words[i], len) != 0 ||
		    (text->len > len && !is_blank(text->s[len])))
			continue;
		*text = trim((struct name){text->s + len, text->len - len});
		*ret = (enum stale_rule_kind)i;
		return true;
	}
	return false;
}

/*
 * # the vendor's agent updates itself and restarts at night
 * path /opt/agent/lib*.so
 *
 * A '#' behind the beginning is part of the pattern, so are blanks within.
 */
int rulefile_parse_line(const char *line, size_t len, enum stale_rule_kind *ret_kind,
			struct name *ret_pattern, const char **ret_wrong)
{
	struct name text = trim((struct name){line, len});
	enum stale_rule_kind kind;
	const char *wrong = NULL;

	if (len > LINE_LIMIT)
		wrong = "longer than 4096 bytes";
	else if (memchr(line, '\0', len))
		wrong = "holds a NUL byte, expected text";
	else if (text.len && text.s[text.len - 1] == '\r')
		wrong = "ends in a carriage return, expected lines as Unix has them";
	else if (!text.len || *text.s == '#')
		return 0;
	else if (!take_word(&text, &kind))
		wrong = "expected path, literal, unit, process, container or user, "
			"then a blank and a pattern";
	else if (!text.len)
		wrong = "expected a pattern behind the first word";
	if (wrong) {
		*ret_wrong = wrong;
		return -EINVAL;
	}
	*ret_kind = kind;
	*ret_pattern = text;
	return 1;
}

/* Where rules come from, and where to say what is wrong there. */
struct source {
	const char *path;
	size_t line; /* 0: not in a line */
	char *message;
	size_t message_size;
	bool must_be_roots;
};

/* wrong: NULL for what the error says itself.  Returns error. */
static int refuse(const struct source *from, int error, const char *wrong)
{
	char number[32] = "";

	if (from->line)
		snprintf(number, sizeof(number), "%zu:", from->line);
	errno = -error;
	if (wrong)
		snprintf(from->message, from->message_size, "%s:%s %s", from->path,
			 number, wrong);
	else
		snprintf(from->message, from->message_size, "%s:%s %m", from->path,
			 number);
	return error;
}

/* Adds a rule with "FILE:LINE: path GLOB" for its origin. */
static int add_from_line(struct rule_list *rules, const struct source *from,
			 enum stale_rule_kind kind, struct name pattern)
{
	const size_t size = strlen(from->path) + pattern.len + 64;
	cleanup_free char *origin = malloc(size);
	int len;
	int r;

	if (!origin)
		return refuse(from, -ENOMEM, NULL);
	len = snprintf(origin, size, "%s:%zu: %s %.*s", from->path, from->line,
		       words[kind], (int)pattern.len, pattern.s);
	r = rule_list_add(rules, kind, origin + (size_t)len - pattern.len, origin);
	if (r == -ERANGE)
		return refuse(from, r, "one rule more than the 10000 that there may be");
	return r < 0 ? refuse(from, r, NULL) : 0;
}

static int add_text(struct rule_list *rules, struct source *from, const char *text,
		    size_t len)
{
	const char *const end = text + len;

	while (text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		const size_t line_len = (size_t)((newline ? newline : end) - text);
		enum stale_rule_kind kind;
		struct name pattern;
		const char *wrong;
		int r;

		from->line++;
		r = rulefile_parse_line(text, line_len, &kind, &pattern, &wrong);
		if (r < 0)
			return refuse(from, r, wrong);
		if (r > 0)
			r = add_from_line(rules, from, kind, pattern);
		if (r < 0)
			return r;
		text += line_len + 1;
	}
	return 0;
}

/* Of the open descriptor: what is checked is what is read. */
static int check_source(int fd, const struct source *from, mode_t type)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return refuse(from, -errno, NULL);
	if ((st.st_mode & S_IFMT) != type)
		return refuse(from, -EINVAL, "expected a regular file");
	if (from->must_be_roots && (st.st_uid != 0 || st.st_mode & (S_IWGRP | S_IWOTH)))
		return refuse(from, -EPERM,
			      "must belong to root and be writable by nobody else");
	return 0;
}

/* from->path is looked up below dirfd as name.  Rules of lines before a bad one stay. */
static int add_file(struct rule_list *rules, struct source *from, int dirfd,
		    const char *name)
{
	/* O_NONBLOCK: a FIFO in the place of a file must not stop us. */
	cleanup_close int fd =
		openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	cleanup_free char *text = NULL;
	ssize_t len;
	int r;

	if (fd < 0)
		return refuse(from, -errno, NULL);
	r = check_source(fd, from, S_IFREG);
	if (r < 0)
		return r;
	text = malloc(FILE_LIMIT + 1);
	if (!text)
		return refuse(from, -ENOMEM, NULL);
	len = input_read(fd, text, FILE_LIMIT + 1);
	if (len < 0)
		return refuse(from, (int)len, NULL);
	if ((size_t)len > FILE_LIMIT)
		return refuse(from, -EFBIG, "larger than 1 MiB");
	return add_text(rules, from, text, (size_t)len);
}

int rule_list_read_file(struct rule_list *rules, const char *path, char *message,
			size_t message_size)
{
	struct source from = {
		.path = path, .message = message, .message_size = message_size};
	const size_t before = rules->n;
	int r = add_file(rules, &from, AT_FDCWD, path);

	if (r < 0)
		cut_rules(rules, before);
	return r;
}

/* Names in a folder. */
struct listing {
	struct dirent **entries; /* owned: free(), as each of them; by scandir(3) */
	int n;                   /* -1: none */
};

static void release_listing(struct listing *listing)
{
	while (listing->n > 0)
		free(listing->entries[--listing->n]);
	free(listing->entries);
}

/* As the shell's *.conf. */
static int is_rule_file(const struct dirent *entry)
{
	const size_t len = strlen(entry->d_name), suffix_len = strlen(".conf");

	return *entry->d_name != '.' && len >= suffix_len &&
	       strcmp(entry->d_name + len - suffix_len, ".conf") == 0;
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* Adds one file of the folder, which messages and origins name with its whole path. */
static int add_from_folder(struct rule_list *rules, const struct source *folder,
			   int dirfd, const char *name)
{
	const size_t size = strlen(folder->path) + strlen(name) + 2;
	cleanup_free char *path = malloc(size);
	struct source from = *folder;

	if (!path)
		return refuse(folder, -ENOMEM, NULL);
	snprintf(path, size, "%s/%s", folder->path, name);
	from.path = path;
	return add_file(rules, &from, dirfd, name);
}

static int add_folder(struct rule_list *rules, const struct source *from)
{
	cleanup_close int fd = open(from->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cleanup_listing struct listing listing = {0};
	int r = 0;

	if (fd < 0)
		return errno == ENOENT ? 0 : refuse(from, -errno, NULL);
	r = check_source(fd, from, S_IFDIR);
	if (r < 0)
		return r;
	/* Names only: what they lead to is opened below the folder that was checked. */
	listing.n = scandir(from->path, &listing.entries, is_rule_file, by_bytes);
	if (listing.n < 0)
		return refuse(from, -errno, NULL);
	for (int i = 0; i < listing.n && r == 0; i++)
		r = add_from_folder(rules, from, fd, listing.entries[i]->d_name);
	return r;
}

int rule_list_read_folder(struct rule_list *rules, const char *folder, bool must_be_roots,
			  char *message, size_t message_size)
{
	const struct source from = {.path = folder,
				    .message = message,
				    .message_size = message_size,
				    .must_be_roots = must_be_roots};
	const size_t before = rules->n;
	int r = add_folder(rules, &from);

	if (r < 0)
		cut_rules(rules, before);
	return r;
}
