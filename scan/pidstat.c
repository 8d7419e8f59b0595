/*
 * pidstat.c - the few fields of /proc/PID/stat, /proc/PID/status and /proc/stat that a
 * scan needs.
 *
 * The name of a process is chosen by its user, so that no field is looked for across it.
 * A text that was cut short is refused: a number at its end could have lost digits.
 */
#include "pidstat.h"

#include <limits.h>
#include <stdbool.h>
#include <string.h>

#include "cursor.h"

static bool take_char(struct cursor *cur, char c)
{
	if (cur->at == cur->end || *cur->at != c)
		return false;
	cur->at++;
	return true;
}

/* Fields that do not matter; some are negative.  Each ends with a blank. */
static bool skip_fields(struct cursor *cur, unsigned n)
{
	while (n--) {
		const char *blank = memchr(cur->at, ' ', (size_t)(cur->end - cur->at));

		if (!blank || blank == cur->at)
			return false;
		cur->at = blank + 1;
	}
	return true;
}

/* "812 (sshd) ": the kernel leaves newlines and brackets in the name as they are, and
 * only numbers follow it; do_task_stat() in fs/proc/array.c. */
static int take_pid_and_comm(struct cursor *cur, struct pidstat *st)
{
	const char *close;
	uint64_t pid;
	int r;

	r = cursor_take_number(cur, INT_MAX, ' ', &pid);
	if (r < 0)
		return r;
	if (!take_char(cur, '('))
		return -EINVAL;
	close = memrchr(cur->at, ')', (size_t)(cur->end - cur->at));
	if (!close)
		return -EINVAL;
	st->pid = (pid_t)pid;
	st->comm = cur->at;
	st->comm_len = (size_t)(close - cur->at);
	cur->at = close + 1;
	return take_char(cur, ' ') ? 0 : -EINVAL;
}

/* "S ": one letter. */
static bool take_state(struct cursor *cur, char *ret)
{
	if (cur->at == cur->end)
		return false;
	*ret = *cur->at++;
	return ((*ret >= 'A' && *ret <= 'Z') || (*ret >= 'a' && *ret <= 'z')) &&
	       take_char(cur, ' ');
}

/*
 * 812 (sshd) S 1 812 812 0 -1 4194560 1021 0 3 0 1 2 0 0 20 0 1 0 1214 15433728 ...
 *
 * proc_pid_stat(5).
 */
int pidstat_parse(const char *buf, size_t len, struct pidstat *ret)
{
	struct cursor cur = {buf, buf + len};
	struct pidstat st;
	uint64_t ppid, flags;
	int r;

	r = take_pid_and_comm(&cur, &st);
	if (r < 0)
		return r;
	if (!take_state(&cur, &st.state))
		return -EINVAL;
	r = cursor_take_number(&cur, INT_MAX, ' ', &ppid);
	if (r < 0)
		return r;
	if (!skip_fields(&cur, 2)) /* 5 and 6: pgrp session */
		return -EINVAL;
	st.has_tty = cur.at < cur.end && *cur.at != '0';
	if (!skip_fields(&cur, 2)) /* 7 and 8: tty_nr tpgid */
		return -EINVAL;
	r = cursor_take_number(&cur, UINT32_MAX, ' ', &flags);
	if (r < 0)
		return r;
	if (!skip_fields(&cur, 12)) /* 10 minflt to 21 itrealvalue */
		return -EINVAL;
	r = cursor_take_number(&cur, UINT64_MAX, ' ', &st.start_ticks);
	if (r < 0)
		return r;
	st.ppid = (pid_t)ppid;
	st.flags = (uint32_t)flags;
	*ret = st;
	return 0;
}

/* Moves to what follows the first line that begins with key. */
static bool find_line(struct cursor *cur, const char *key)
{
	const size_t key_len = strlen(key);

	for (;;) {
		size_t left = (size_t)(cur->end - cur->at);
		const char *newline;

		if (left >= key_len && memcmp(cur->at, key, key_len) == 0) {
			cur->at += key_len;
			return true;
		}
		newline = memchr(cur->at, '\n', left);
		if (!newline)
			return false;
		cur->at = newline + 1;
	}
}

/* "Tgid:\t812\n" */
static int take_tgid(struct cursor cur, pid_t *ret)
{
	uint64_t tgid;
	int r;

	if (!find_line(&cur, "Tgid:\t"))
		return -EINVAL;
	r = cursor_take_number(&cur, INT_MAX, '\n', &tgid);
	if (r < 0)
		return r;
	*ret = (pid_t)tgid;
	return 0;
}

/* "Uid:\t1000\t1000\t1000\t1000\n": real, effective, saved, file system. */
static int take_euid(struct cursor cur, uid_t *ret)
{
	uint64_t uid;
	int r;

	if (!find_line(&cur, "Uid:\t"))
		return -EINVAL;
	r = cursor_take_number(&cur, UINT32_MAX, '\t', &uid);
	if (r < 0)
		return r;
	r = cursor_take_number(&cur, UINT32_MAX, '\t', &uid);
	if (r < 0)
		return r;
	*ret = (uid_t)uid;
	return 0;
}

/*
 * Name:	sshd
 * Umask:	0022
 * State:	S (sleeping)
 * Tgid:	812
 *
 * proc_pid_status(5).
 */
int pidstatus_parse(const char *buf, size_t len, struct pidstatus *ret)
{
	const struct cursor cur = {buf, buf + len};
	struct pidstatus st;
	int r;

	r = take_tgid(cur, &st.tgid);
	if (r < 0)
		return r;
	r = take_euid(cur, &st.euid);
	if (r < 0)
		return r;
	*ret = st;
	return 0;
}

/*
 * ctxt 1180345
 * btime 1763748540
 * processes 4279
 *
 * proc_stat(5).
 */
int pidstat_btime_parse(const char *buf, size_t len, int64_t *ret)
{
	struct cursor cur = {buf, buf + len};
	uint64_t btime;
	int r;

	if (!find_line(&cur, "btime "))
		return -EINVAL;
	r = cursor_take_number(&cur, INT64_MAX, '\n', &btime);
	if (r < 0)
		return r;
	*ret = (int64_t)btime;
	return 0;
}

int64_t pidstat_start_ns(int64_t boot_ns, uint64_t start_ticks)
{
	int64_t start_ns;

	if (!boot_ns || __builtin_mul_overflow(start_ticks, PIDSTAT_TICK_NS, &start_ns) ||
	    __builtin_add_overflow(start_ns, boot_ns, &start_ns) ||
	    start_ns > PIDSTAT_FAR_NS)
		return 0;
	return start_ns;
}
