/*
 * notify.c - see notify.h.
 */
#include "notify.h"

#include <errno.h>
#include <string.h>

#include "cleanup.h"

/* One counted file of one process. */
struct item {
	uint32_t pid;
	uint64_t start_ticks;
	uint64_t library; /* FNV-1a of its path */
};

struct items {
	struct item *list; /* sorted; owned */
	size_t n;
};

struct notify {
	int64_t gap_ms;
	struct items now;
	struct items told;
	int64_t changed_ms, trouble_ms; /* when it was sent last */
	bool was_changed, was_trouble;  /* was it ever? */
	bool is_trouble, told_trouble;
};

int notify_new(int64_t gap_ms, struct notify **ret)
{
	struct notify *notify = calloc(1, sizeof(*notify));

	if (!notify)
		return -ENOMEM;
	notify->gap_ms = gap_ms;
	*ret = notify;
	return 0;
}

void notify_free(struct notify *notify)
{
	if (!notify)
		return;
	free(notify->now.list);
	free(notify->told.list);
	free(notify);
}

static uint64_t hash_of(const struct snapshot_text *text)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < text->len; i++)
		hash = (hash ^ (unsigned char)text->s[i]) * UINT64_C(0x100000001b3);
	return hash;
}

static int compare_process(const struct item *a, const struct item *b)
{
	if (a->pid != b->pid)
		return a->pid < b->pid ? -1 : 1;
	return (a->start_ticks > b->start_ticks) - (a->start_ticks < b->start_ticks);
}

static int compare(const void *a, const void *b)
{
	const struct item *x = a, *y = b;
	int r = compare_process(x, y);

	return r ? r : (x->library > y->library) - (x->library < y->library);
}

/* Both tables of a snapshot are sorted by pid. */
static size_t add_items(const struct snapshot *snapshot, struct item *list)
{
	size_t nprocs, nfiles, n = 0, p = 0;
	const struct snapshot_proc *procs = snapshot_procs(snapshot, &nprocs);
	const struct snapshot_file *files = snapshot_files(snapshot, &nfiles);

	for (size_t i = 0; i < nfiles; i++) {
		while (p < nprocs && procs[p].pid < files[i].pid)
			p++;
		if (p == nprocs || procs[p].pid != files[i].pid || !files[i].counted)
			continue;
		list[n++] = (struct item){
			.pid = files[i].pid,
			.start_ticks = procs[p].start_ticks,
			.library = hash_of(&files[i].path),
		};
	}
	return n;
}

int notify_see(struct notify *notify, const struct snapshot *snapshot)
{
	enum snapshot_status status = snapshot_scan(snapshot)->status;
	struct item *list;
	size_t room;

	snapshot_files(snapshot, &room);
	list = calloc(room + 1, sizeof(*list));
	if (!list)
		return -ENOMEM;
	free(notify->now.list);
	notify->now.list = list;
	notify->now.n = add_items(snapshot, list);
	qsort(list, notify->now.n, sizeof(*list), compare);
	notify->is_trouble = status == SNAPSHOT_PARTIAL || status == SNAPSHOT_FAILED;
	if (!notify->is_trouble)
		notify->told_trouble = false;
	return 0;
}

/* How many processes of a have an item that b does not have. */
static uint32_t count_new(const struct items *a, const struct items *b)
{
	const struct item *last = NULL;
	uint32_t count = 0;
	size_t j = 0;

	for (size_t i = 0; i < a->n; i++) {
		const struct item *item = &a->list[i];

		while (j < b->n && compare(&b->list[j], item) < 0)
			j++;
		if (j < b->n && compare(&b->list[j], item) == 0)
			continue;
		if (!last || compare_process(last, item) != 0)
			count++;
		last = item;
	}
	return count;
}

/* How many processes of a have no item at all in b. */
static uint32_t count_missing(const struct items *a, const struct items *b)
{
	uint32_t count = 0;
	size_t j = 0;

	for (size_t i = 0; i < a->n; i++) {
		const struct item *item = &a->list[i];

		if (i > 0 && compare_process(item - 1, item) == 0)
			continue;
		while (j < b->n && compare_process(&b->list[j], item) < 0)
			j++;
		if (j == b->n || compare_process(&b->list[j], item) != 0)
			count++;
	}
	return count;
}

/* What is so now is known to those who are to know it. */
static bool tell_items(struct notify *notify)
{
	struct item *list = calloc(notify->now.n + 1, sizeof(*list));

	if (!list)
		return false;
	if (notify->now.n)
		memcpy(list, notify->now.list, notify->now.n * sizeof(*list));
	free(notify->told.list);
	notify->told.list = list;
	notify->told.n = notify->now.n;
	return true;
}

static bool is_wanted(unsigned wanted, enum mib_notification what)
{
	return wanted & (1U << what);
}

/* Milliseconds until it may be sent, 0: now. */
static int64_t time_left(const struct notify *notify, bool was, int64_t last_ms,
			 int64_t now_ms)
{
	int64_t left = last_ms + notify->gap_ms - now_ms;

	return was && left > 0 ? left : 0;
}

static bool change_is_due(struct notify *notify, unsigned wanted, int64_t now_ms,
			  struct notify_due *ret)
{
	struct notify_due due = {
		.what = MIB_CHANGED,
		.appeared = count_new(&notify->now, &notify->told),
		.cleared = count_missing(&notify->told, &notify->now),
	};
	bool is_clear = notify->now.n == 0 && notify->told.n > 0;

	if (is_clear)
		due.what = MIB_CLEARED;
	else if (due.appeared == 0)
		return false;
	if (!is_wanted(wanted, due.what))
		return tell_items(notify) && false;
	if (!is_clear &&
	    time_left(notify, notify->was_changed, notify->changed_ms, now_ms) > 0)
		return false;
	if (!tell_items(notify))
		return false;
	if (!is_clear) {
		notify->changed_ms = now_ms;
		notify->was_changed = true;
	}
	*ret = due;
	return true;
}

static bool trouble_is_due(struct notify *notify, unsigned wanted, int64_t now_ms,
			   struct notify_due *ret)
{
	if (!notify->is_trouble || notify->told_trouble)
		return false;
	if (!is_wanted(wanted, MIB_SCAN_TROUBLE)) {
		notify->told_trouble = true;
		return false;
	}
	if (time_left(notify, notify->was_trouble, notify->trouble_ms, now_ms) > 0)
		return false;
	notify->told_trouble = true;
	notify->was_trouble = true;
	notify->trouble_ms = now_ms;
	*ret = (struct notify_due){.what = MIB_SCAN_TROUBLE};
	return true;
}

bool notify_next(struct notify *notify, unsigned wanted, int64_t now_ms,
		 struct notify_due *ret)
{
	return change_is_due(notify, wanted, now_ms, ret) ||
	       trouble_is_due(notify, wanted, now_ms, ret);
}

int64_t notify_wait(const struct notify *notify, unsigned wanted, int64_t now_ms)
{
	int64_t change = -1, trouble = -1;

	if (is_wanted(wanted, MIB_CHANGED) && count_new(&notify->now, &notify->told))
		change = time_left(notify, notify->was_changed, notify->changed_ms,
				   now_ms);
	if (is_wanted(wanted, MIB_SCAN_TROUBLE) && notify->is_trouble &&
	    !notify->told_trouble)
		trouble = time_left(notify, notify->was_trouble, notify->trouble_ms,
				    now_ms);
	if (change < 0 || (trouble >= 0 && trouble < change))
		return trouble;
	return change;
}
