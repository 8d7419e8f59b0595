/*
 * exits.c - see exits.h.  A pidfd for each process, all of them in one epoll(7).
 */
#include "exits.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "cleanup.h"
#include "log.h"

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif

#define FILES_MAX   8192 /* limit of open files that is wanted */
#define FILES_SPARE 128  /* for all the others */
#define EVENTS_MAX  64
/* Low numbers are left to libnetsnmp, which may use select(2). */
#define FIRST_FD 1024

struct watched {
	struct stale_identity who;
	int fd; /* -1: could not be had */
};

struct exits {
	int epoll;
	size_t max;
	struct watched *list; /* by pid */
	size_t n;
	struct stale_identity *gone; /* room for as many as there are in the list */
	size_t ngone, room;
	bool taken;     /* what is in gone was told */
	bool has_limit; /* the log knows that not all can be watched */
};

static size_t raise_limit(size_t max)
{
	struct rlimit limit;
	size_t spare = FIRST_FD + FILES_SPARE;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return 0;
	if (limit.rlim_cur < FILES_MAX) {
		limit.rlim_cur = limit.rlim_max < FILES_MAX ? limit.rlim_max : FILES_MAX;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	if (limit.rlim_cur <= spare)
		return 0;
	return limit.rlim_cur - spare < max ? limit.rlim_cur - spare : max;
}

int exits_new(size_t max, struct exits **ret)
{
	struct exits *exits = calloc(1, sizeof(*exits));

	if (!exits)
		return -ENOMEM;
	exits->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (exits->epoll < 0) {
		int err = errno;

		free(exits);
		return -err;
	}
	exits->max = raise_limit(max < EXITS_MAX ? max : EXITS_MAX);
	*ret = exits;
	return 0;
}

static void unwatch(struct watched *watched)
{
	if (watched->fd >= 0)
		close(watched->fd); /* epoll forgets it with that */
	watched->fd = -1;
}

void exits_free(struct exits *exits)
{
	if (!exits)
		return;
	for (size_t i = 0; i < exits->n; i++)
		unwatch(&exits->list[i]);
	close(exits->epoll);
	free(exits->list);
	free(exits->gone);
	free(exits);
}

/*
 * 4242 (a (strange) name) S 1 4242 ... 580139 ...: field 22, proc(5).  Returns 0, or
 * -errno where it cannot be read, as with hidepid.
 */
static int read_start(pid_t pid, uint64_t *ret_ticks)
{
	char path[32], stat[1024];
	cleanup_close int fd = -1;
	const char *field;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = read(fd, stat, sizeof(stat) - 1);
	if (n <= 0)
		return n < 0 ? -errno : -EINVAL;
	stat[n] = '\0';
	field = strrchr(stat, ')');
	for (int i = 2; field && i < 22; i++)
		field = strchr(field + 1, ' ');
	if (!field)
		return -EINVAL;
	*ret_ticks = strtoull(field + 1, NULL, 10);
	return 0;
}

/* Returns a descriptor, -ESRCH where the process has ended, or another -errno. */
static int open_process(const struct stale_identity *who)
{
	cleanup_close int low = (int)syscall(SYS_pidfd_open, who->pid, 0U);
	int fd = low < 0 ? -1 : fcntl(low, F_DUPFD_CLOEXEC, FIRST_FD);
	uint64_t start = 0;

	if (fd < 0)
		return -errno;
	/* Looked at after it was opened: else another could get the number meanwhile. */
	if (read_start(who->pid, &start) == 0 && start != who->start_ticks) {
		close(fd);
		return -ESRCH;
	}
	return fd;
}

static void say_limit(struct exits *exits, const char *why)
{
	if (!exits->has_limit)
		log_say(LOG_NOTICE,
			"not all stale processes are watched (%s): some will be "
			"missed for a while when they end",
			why);
	exits->has_limit = true;
}

static void add_gone(struct exits *exits, const struct stale_identity *who)
{
	exits->gone[exits->ngone++] = *who;
}

/* Watches one more; nopen: how many are. */
static void watch(struct exits *exits, struct watched *watched, size_t nopen)
{
	struct epoll_event event = {.events = EPOLLIN};
	int fd;

	watched->fd = -1;
	if (nopen >= exits->max) {
		say_limit(exits, "the limit is reached");
		return;
	}
	fd = open_process(&watched->who);
	if (fd == -ESRCH) {
		add_gone(exits, &watched->who);
		return;
	}
	event.data.u64 = (uint64_t)watched->who.pid;
	if (fd >= 0 && epoll_ctl(exits->epoll, EPOLL_CTL_ADD, fd, &event) < 0) {
		int err = errno;

		close(fd);
		fd = -err;
	}
	if (fd < 0)
		say_limit(exits, strerror(-fd));
	watched->fd = fd < 0 ? -1 : fd;
}

/* Takes over what is watched already; what the report does not have is let go. */
static void keep_known(struct exits *exits, struct watched *list, size_t n)
{
	size_t j = 0;

	for (size_t i = 0; i < exits->n; i++) {
		struct watched *old = &exits->list[i];

		while (j < n && list[j].who.pid < old->who.pid)
			j++;
		if (j < n && list[j].who.pid == old->who.pid &&
		    list[j].who.start_ticks == old->who.start_ticks)
			list[j].fd = old->fd;
		else
			unwatch(old);
	}
}

/* Room for all that may end from now on, beside what was not taken yet. */
static int reserve(struct exits *exits, size_t n)
{
	struct stale_identity *gone;

	if (exits->taken)
		exits->ngone = 0;
	exits->taken = false;
	if (exits->room >= exits->ngone + n)
		return 0;
	gone = reallocarray(exits->gone, exits->ngone + n, sizeof(*gone));
	if (!gone)
		return -ENOMEM;
	exits->gone = gone;
	exits->room = exits->ngone + n;
	return 0;
}

int exits_watch(struct exits *exits, const struct stale_report *report)
{
	size_t n = 0, nopen = 0;
	const struct stale_proc *procs = report ? stale_report_procs(report, &n) : NULL;
	cleanup_free struct watched *list = calloc(n + 1, sizeof(*list));

	if (!list || reserve(exits, n) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		list[i].who.pid = procs[i].pid;
		list[i].who.start_ticks = procs[i].start_ticks;
		list[i].fd = -1;
	}
	keep_known(exits, list, n);
	for (size_t i = 0; i < n; i++)
		nopen += list[i].fd >= 0;
	for (size_t i = 0; i < n; i++)
		if (list[i].fd < 0) {
			watch(exits, &list[i], nopen);
			nopen += list[i].fd >= 0;
		}
	free(exits->list);
	exits->list = list;
	exits->n = n;
	list = NULL;
	return 0;
}

int exits_fd(const struct exits *exits)
{
	return exits->epoll;
}

static int compare_pid(const void *key, const void *element)
{
	const pid_t *pid = key;
	const struct watched *watched = element;

	return (*pid > watched->who.pid) - (*pid < watched->who.pid);
}

void exits_read(struct exits *exits)
{
	struct epoll_event events[EVENTS_MAX];
	int n = epoll_wait(exits->epoll, events, EVENTS_MAX, 0);

	if (exits->taken)
		exits->ngone = 0;
	exits->taken = false;
	for (int i = 0; i < n; i++) {
		pid_t pid = (pid_t)events[i].data.u64;
		struct watched *ended = bsearch(&pid, exits->list, exits->n,
						sizeof(*exits->list), compare_pid);

		if (!ended || ended->fd < 0)
			continue;
		unwatch(ended);
		add_gone(exits, &ended->who);
	}
}

size_t exits_take(struct exits *exits, const struct stale_identity **ret_list)
{
	size_t n = exits->taken ? 0 : exits->ngone;

	exits->taken = true;
	*ret_list = n ? exits->gone : NULL;
	return n;
}

size_t exits_count(const struct exits *exits)
{
	size_t n = 0;

	for (size_t i = 0; i < exits->n; i++)
		n += exits->list[i].fd >= 0;
	return n;
}
