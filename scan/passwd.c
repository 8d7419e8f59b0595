/*
 * passwd.c - names and numbers of users, from one text that is kept, its lines ended by
 * NUL behind the name.
 *
 * Asks nobody but the file; knows no groups, homes or shells.
 */
#include "passwd.h"

#include <fcntl.h>
#include <string.h>

#include "cursor.h"
#include "input.h"
#include "util.h"

#define SIZE_LIMIT ((size_t)16 << 20)

#define cleanup_users __attribute__((cleanup(release_users)))

struct user {
	const char *name; /* borrowed from the text; the later the line, the higher */
	uid_t uid;
};

struct stale_users {
	char *text;         /* owned: free() */
	struct user *users; /* owned: free(); by uid, then as they stand in the file */
	size_t n;
};

void stale_users_free(struct stale_users *users)
{
	if (!users)
		return;
	free(users->text);
	free(users->users);
	free(users);
}

static void release_users(struct stale_users **users)
{
	stale_users_free(*users);
}

/*
 * sshd:x:106:65534::/run/sshd:/usr/sbin/nologin
 *
 * passwd(5).  "+bob::::::" and "-bob::::::" are orders for nsswitch's "compat", comments
 * begin with '#'; getpwent(3) knows both.
 */
int passwd_parse_line(const char *line, size_t len, struct name *ret_name, uid_t *ret_uid)
{
	const char *const end = line + len;
	const char *colon = memchr(line, ':', len);
	const char *password = colon ? colon + 1 : end;
	struct cursor cur = {memchr(password, ':', (size_t)(end - password)), end};
	uint64_t uid = 0;
	int r;

	if (!cur.at || colon == line || memchr("+-#", *line, 3) ||
	    memchr(line, '\0', (size_t)(colon - line)))
		return -EINVAL;
	cur.at++;
	/* (uid_t)-1 is how the kernel says "none". */
	r = cursor_take_number(&cur, UINT32_MAX - 1, ':', &uid);
	if (r < 0)
		return r;
	*ret_name = (struct name){line, (size_t)(colon - line)};
	*ret_uid = (uid_t)uid;
	return 0;
}

/* Returns the length of the text, which is the caller's and has room for one more byte,
 * or -errno and leaves *ret_text alone. */
static ssize_t read_text(const char *path, char **ret_text)
{
	cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	cleanup_free char *text = NULL;
	char *smaller;
	ssize_t len;

	if (fd < 0 && errno != ENOENT)
		return -errno;
	/* What is not written to costs no memory. */
	text = malloc(SIZE_LIMIT + 1);
	if (!text)
		return -ENOMEM;
	len = fd < 0 ? 0 : input_read(fd, text, SIZE_LIMIT + 1);
	if (len < 0)
		return len;
	if ((size_t)len > SIZE_LIMIT)
		return -EFBIG;
	smaller = realloc(text, (size_t)len + 1);
	if (!smaller)
		return -ENOMEM;
	text = NULL;
	*ret_text = smaller;
	return len;
}

/* Finds the entries and ends their names by NUL. */
static int index_text(struct stale_users *users, size_t len)
{
	cleanup_free void *list = NULL;
	char *line = users->text;
	char *const end = line + len;
	size_t n = 0, room = 0;

	while (line < end) {
		char *newline = memchr(line, '\n', (size_t)(end - line));
		size_t line_len = (size_t)((newline ? newline : end) - line);
		struct name name;
		uid_t uid;

		if (passwd_parse_line(line, line_len, &name, &uid) == 0) {
			if (util_grow(&list, &room, n, sizeof(struct user)) < 0)
				return -ENOMEM;
			line[name.len] = '\0';
			((struct user *)list)[n++] = (struct user){line, uid};
		}
		line += line_len + 1;
	}
	users->users = take_ptr(&list);
	users->n = n;
	return 0;
}

static int by_uid(const void *pa, const void *pb)
{
	const struct user *a = pa, *b = pb;

	if (a->uid != b->uid)
		return a->uid < b->uid ? -1 : 1;
	return (a->name > b->name) - (a->name < b->name);
}

int stale_users_read(const char *path, struct stale_users **ret)
{
	cleanup_users struct stale_users *users = calloc(1, sizeof(*users));
	ssize_t len;

	if (!users)
		return -ENOMEM;
	len = read_text(path ? path : "/etc/passwd", &users->text);
	if (!users->text)
		return (int)len;
	if (index_text(users, (size_t)len) < 0)
		return -ENOMEM;
	if (users->n)
		qsort(users->users, users->n, sizeof(*users->users), by_uid);
	*ret = take_ptr(&users);
	return 0;
}

const char *stale_users_name(const struct stale_users *users, uid_t uid)
{
	size_t low = 0, high = users->n;

	/* The first one that is not below uid. */
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (users->users[middle].uid < uid)
			low = middle + 1;
		else
			high = middle;
	}
	return low < users->n && users->users[low].uid == uid ? users->users[low].name
							      : NULL;
}

/* Asked for a few names of a command line: not worth another order. */
int stale_users_uid(const struct stale_users *users, const char *name, uid_t *ret)
{
	const struct user *first = NULL;

	for (size_t i = 0; i < users->n; i++) {
		const struct user *user = &users->users[i];

		if (strcmp(user->name, name) == 0 && (!first || user->name < first->name))
			first = user;
	}
	if (!first)
		return -ENOENT;
	*ret = first->uid;
	return 0;
}
