/*
 * fuzz_passwd.c - whole files like /etc/passwd: the names are those of the lines, the
 * first line of a user wins, and a name leads to a number that leads to it.
 *
 * Code: scan/passwd.c
 */
#include "fuzzfile.h"
#include "scan/passwd.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_line(const char *line, size_t len, struct name name, uid_t uid)
{
	ensure(name.s == line && name.len && name.len + 3 <= len && uid != (uid_t)-1);
	ensure(line[name.len] == ':' && !memchr(line, ':', name.len) &&
	       !memchr(line, '\0', name.len) && !memchr("+-#", *line, 3));
}

/* Is the name that of the first line of that number, and the number that of the first
 * line of that name? */
static void check_users(const struct stale_users *users, const char *text, size_t size,
			struct name name, uid_t uid)
{
	const char *told = stale_users_name(users, uid);
	bool uid_is_seen = false, name_is_seen = false;
	char *own = strndup(name.s, name.len);
	uid_t got = 0;

	ensure(own && told && stale_users_uid(users, own, &got) == 0);
	for (const char *s = text, *end; s < text + size; s = end + 1) {
		size_t left = (size_t)(text + size - s);
		struct name other;
		uid_t number;

		end = memchr(s, '\n', left);
		end = end ? end : text + size;
		if (passwd_parse_line(s, (size_t)(end - s), &other, &number) < 0)
			continue;
		if (number == uid && !uid_is_seen)
			uid_is_seen = name_is(other, told);
		ensure(number != uid || uid_is_seen);
		if (name_is(other, own) && !name_is_seen)
			name_is_seen = number == got;
		ensure(!name_is(other, own) || name_is_seen);
	}
	free(own);
}

static void check(const struct stale_users *users, const char *text, size_t size)
{
	size_t lines = 0;

	for (const char *s = text, *end; s < text + size; s = end + 1) {
		struct name name;
		uid_t uid;

		end = memchr(s, '\n', (size_t)(text + size - s));
		end = end ? end : text + size;
		if (passwd_parse_line(s, (size_t)(end - s), &name, &uid) < 0)
			continue;
		check_line(s, (size_t)(end - s), name, uid);
		if (lines++ < 64)
			check_users(users, text, size, name, uid);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzztext_copy(data, size);
	struct stale_users *users;

	if (text && stale_users_read(fuzzfile_path(data, size), &users) == 0) {
		check(users, text, size);
		stale_users_free(users);
	}
	free(text);
	return 0;
}
