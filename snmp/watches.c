/*
 * watches.c - the folders of mapped code: has anything been put in, taken out, renamed?
 */
#include "watches.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"

/*
 * What makes code stale: a rename over it or away, an unlink, a link that is made anew.
 * Nothing of that comes from reading, opening, or writing into a file.
 */
#define EVENTS                                                                           \
	(IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE | IN_CREATE | IN_DELETE_SELF |          \
	 IN_MOVE_SELF)

/* A queue holds 16,384 events by default; what a turn leaves, the next one takes. */
#define READ_SIZE 16384
#define READS_MAX 32

struct watches_set {
	bool is_same; /* as what is watched already: nothing was done */
	size_t n;
	uint64_t list[WATCHES_MAX]; /* ascending */
};

static uint64_t random_seed(void)
{
	const void *bytes = (const void *)getauxval(AT_RANDOM);
	uint64_t seed = 0;

	if (bytes)
		memcpy(&seed, bytes, sizeof(seed));
	return seed;
}

int watches_init(struct watches *watches)
{
	void *shared = mmap(NULL, sizeof(struct watches_set), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (shared == MAP_FAILED)
		return -ENOMEM;
	*watches = (struct watches){
		.fd = -1, .next = -1, .shared = shared, .seed = random_seed()};
	return 0;
}

void watches_cancel(struct watches *watches)
{
	if (watches->next >= 0)
		close(watches->next);
	watches->next = -1;
}

void watches_forget(struct watches *watches)
{
	watches_cancel(watches);
	if (watches->fd >= 0)
		close(watches->fd);
	watches->fd = -1;
	free(watches->known);
	watches->known = NULL;
	watches->nknown = 0;
	watches->is_broken = false;
}

void watches_release(struct watches *watches)
{
	watches_forget(watches);
	if (watches->shared)
		munmap(watches->shared, sizeof(*watches->shared));
	watches->shared = NULL;
}

int watches_prepare(struct watches *watches)
{
	int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

	if (fd < 0)
		return -errno;
	watches_cancel(watches);
	watches->next = fd;
	watches->shared->n = 0;
	watches->shared->is_same = false;
	return 0;
}

/* FNV-1a. */
static uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t len)
{
	const uint8_t *byte = bytes;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ byte[i]) * UINT64_C(0x100000001b3);
	return hash;
}

/* Another folder by the same name is another folder. */
static uint64_t hash_folder(uint64_t seed, const char *path, const struct stat *st)
{
	uint64_t hash = seed ^ UINT64_C(0xcbf29ce484222325);

	hash = hash_bytes(hash, path, strlen(path));
	hash = hash_bytes(hash, &st->st_dev, sizeof(st->st_dev));
	return hash_bytes(hash, &st->st_ino, sizeof(st->st_ino));
}

static int compare_hashes(const void *x, const void *y)
{
	const uint64_t *a = x;
	const uint64_t *b = y;

	return (*a > *b) - (*a < *b);
}

static bool is_within(const char *path, const char *folder)
{
	size_t len = strlen(folder);

	return strncmp(path, folder, len) == 0 && (path[len] == '/' || path[len] == '\0');
}

bool watches_is_scratch(const char *path)
{
	static const char *const scratch[] = {
		"/tmp", "/var/tmp", "/dev/shm", "/run", "/var/run",
	};

	for (size_t i = 0; i < sizeof(scratch) / sizeof(scratch[0]); i++)
		if (is_within(path, scratch[i]))
			return true;
	return false;
}

static bool is_to_be_watched(const char *path, struct stat *ret_st)
{
	return !watches_is_scratch(path) &&
	       fstatat(AT_FDCWD, path, ret_st, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) ==
		       0 &&
	       S_ISDIR(ret_st->st_mode);
}

static void put_down(const struct watches *watches, const char *const *list, size_t n)
{
	struct watches_set *set = watches->shared;

	set->n = 0;
	for (size_t i = 0; i < n && set->n < WATCHES_MAX; i++) {
		struct stat st;

		if (is_to_be_watched(list[i], &st))
			set->list[set->n++] = hash_folder(watches->seed, list[i], &st);
	}
	qsort(set->list, set->n, sizeof(set->list[0]), compare_hashes);
}

static bool is_same(const struct watches *watches)
{
	const struct watches_set *set = watches->shared;

	return watches->fd >= 0 && !watches->is_broken && set->n == watches->nknown &&
	       (set->n == 0 ||
		memcmp(watches->known, set->list, set->n * sizeof(uint64_t)) == 0);
}

int watches_watch(const struct watches *watches, const char *const *list, size_t n)
{
	put_down(watches, list, n);
	watches->shared->is_same = is_same(watches);
	if (watches->shared->is_same)
		return 0;
	for (size_t i = 0; i < n; i++) {
		if (watches_is_scratch(list[i]))
			continue;
		if (inotify_add_watch(watches->next, list[i],
				      EVENTS | IN_ONLYDIR | IN_DONT_FOLLOW |
					      IN_EXCL_UNLINK) < 0 &&
		    (errno == ENOSPC || errno == ENOMEM))
			return -errno;
	}
	return 0;
}

/* Is any of list not among those known? */
static bool is_any_new(const struct watches *watches, const uint64_t *list, size_t n)
{
	size_t k = 0;

	if (watches->is_broken)
		return true;
	for (size_t i = 0; i < n; i++) {
		while (k < watches->nknown && watches->known[k] < list[i])
			k++;
		if (k == watches->nknown || watches->known[k] != list[i])
			return true;
	}
	return false;
}

int watches_adopt(struct watches *watches, enum watches_change *ret)
{
	const struct watches_set *set = watches->shared;
	const size_t n = set->n < WATCHES_MAX ? set->n : WATCHES_MAX;
	enum watches_change change;
	uint64_t *known;
	int fd;

	/* What the worker saw, not what is so now: a watch may be lost by then. */
	if (set->is_same) {
		watches_cancel(watches);
		*ret = WATCHES_SAME;
		return 0;
	}
	known = malloc((n + 1) * sizeof(*known));
	if (!known)
		return -ENOMEM;
	memcpy(known, set->list, n * sizeof(*known));
	change = is_any_new(watches, known, n) ? WATCHES_GREW : WATCHES_FEWER;
	fd = take_fd(&watches->next);
	watches_forget(watches);
	watches->fd = fd;
	watches->known = known;
	watches->nknown = n;
	*ret = change;
	return 0;
}

/* IN_IGNORED: a folder is gone, or its file system, and with it the watch. */
static bool loses_watch(const char *events, size_t len)
{
	struct inotify_event event;

	for (size_t at = 0; at + sizeof(event) <= len; at += sizeof(event) + event.len) {
		memcpy(&event, events + at, sizeof(event));
		if (event.mask & IN_IGNORED)
			return true;
	}
	return false;
}

bool watches_drain(struct watches *watches)
{
	char events[READ_SIZE];
	bool any = false;

	for (int i = 0; watches->fd >= 0 && i < READS_MAX; i++) {
		ssize_t n = read(watches->fd, events, sizeof(events));

		if (n <= 0)
			break;
		any = true;
		if (loses_watch(events, (size_t)n))
			watches->is_broken = true;
	}
	return any;
}
