/*
 * scanchild.c - the child that scans, and after that watches folders.
 */
#include "scanchild.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <unistd.h>

#include "cleanup.h"
#include "privilege.h"
#include "spawn.h"

/* What the child says: a whole one at once, or nothing. */
struct word {
	int32_t stage;
	int32_t rc;
};

/* It reads what others wrote: no more than this is taken from it. */
static bool is_right(const struct word *word)
{
	return (word->stage == SCANCHILD_SCANNED || word->stage == SCANCHILD_WATCHED) &&
	       word->rc <= 0 && word->rc >= -4095;
}

void scanchild_init(struct scanchild *child)
{
	*child = (struct scanchild){.channel = -1};
}

static void say(int channel, enum scanchild_stage stage, int rc)
{
	const struct word word = {.stage = (int32_t)stage, .rc = rc};

	if (write(channel, &word, sizeof(word)) != sizeof(word))
		_exit(1); /* nobody listens */
}

static int watch(const struct scanchild *child, const struct watches *watches)
{
	size_t n;
	const char *const *list = stale_scanner_folders(child->scanner, &n);

	return watches_watch(watches, list, n);
}

static _Noreturn void run_child(const struct scanchild *child, int channel,
				const struct watches *watches, pid_t parent)
{
	int rc = spawn_tie(parent, SIGKILL);

	if (rc < 0)
		_exit(1);
	spawn_reset_signals();
	spawn_close_but((const int[]){channel, watches ? watches->next : -1}, 2);
	rc = spawn_null();
	if (rc == 0)
		rc = privilege_raise();
	if (rc == 0)
		rc = stale_scanner_run(child->scanner);
	say(channel, SCANCHILD_SCANNED, rc);
	if (rc == 0 && watches)
		say(channel, SCANCHILD_WATCHED, watch(child, watches));
	_exit(0);
}

/* Returns 0 or -errno. */
static int fork_child(struct scanchild *child, const struct watches *watches)
{
	cleanup_close int ours = -1;
	cleanup_close int its = -1;
	const pid_t parent = getpid();
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
		return -errno;
	ours = ends[0];
	its = ends[1];
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0)
		run_child(child, its, watches, parent);
	child->pid = pid;
	child->channel = take_fd(&ours);
	return 0;
}

int scanchild_start(struct scanchild *child, const struct stale_options *opt,
		    const struct watches *watches)
{
	int rc;

	scanchild_init(child);
	child->opt = *opt;
	child->opt.want_folders = watches != NULL;
	rc = stale_scanner_new(&child->opt, &child->scanner);
	if (rc == 0)
		rc = fork_child(child, watches);
	if (rc < 0)
		scanchild_release(child);
	else
		child->stage = SCANCHILD_SCANS;
	return rc;
}

void scanchild_listen(struct scanchild *child)
{
	struct word word;

	while (child->channel >= 0) {
		ssize_t n = read(child->channel, &word, sizeof(word));

		if (n < 0)
			return; /* nothing more by now */
		if (n != sizeof(word) || !is_right(&word)) {
			close(child->channel); /* else poll(2) returns for ever */
			child->channel = -1;
			return;
		}
		child->stage = (enum scanchild_stage)word.stage;
		if (child->stage == SCANCHILD_SCANNED)
			child->scan_rc = word.rc;
		else
			child->watch_rc = word.rc;
	}
}

void scanchild_kill(const struct scanchild *child)
{
	if (child->pid > 0)
		kill(child->pid, SIGKILL);
}

void scanchild_release(struct scanchild *child)
{
	stale_scanner_free(child->scanner);
	if (child->channel >= 0)
		close(child->channel);
	scanchild_init(child);
}
