/*
 * worker.h - reads processes one after another and puts down what it finds.
 */
#ifndef SCAN_WORKER_H
#define SCAN_WORKER_H

#include "findings.h"
#include "folders.h"
#include "judge.h"
#include "leftover.h"
#include "mapread.h"
#include "owner.h"
#include "procfs.h"
#include "roots.h"
#include "table.h"

/* Processes whose turn is not yet. */
struct worker_later {
	pid_t *pids; /* owned */
	size_t n;
	size_t room;
};

/*
 * What one worker remembers from process to process.
 *
 * A scan has a deadline, and room for so many findings; any user can make it spend both.
 * So files are judged for root's processes first, then for those of system units, then for
 * all others: what users do costs only users their place in the answer.
 */
struct worker {
	const struct stale_options *opt; /* borrowed */
	const struct procfs *fs;         /* borrowed */
	struct findings *findings;       /* borrowed */
	struct roots *roots;             /* borrowed; of all workers */
	struct judge judge;
	struct mapreader reader;
	struct table verdicts; /* of every file judged so far */
	struct leftovers leftovers;
	struct folders *folders; /* borrowed; NULL: not wanted */
	uint32_t turn;           /* number of the reading that is under way */
	/* Stale files of the process in hand: room for WORKER_FILES_MAX. */
	struct found_use *files; /* owned; what its elements point to is borrowed */
	size_t nfiles;
	size_t nfiles_left_out;
	size_t room;
	unsigned nr;
	unsigned turn_of; /* enum owner_rank: who comes after it has to wait */
	struct worker_later later[OWNER_RANKS]; /* by rank; the first has none */
	bool is_selective;                      /* opt->select excludes something */
};

/* One process may have tens of thousands of mappings: the rest is only counted. */
#define WORKER_FILES_MAX 4096

/*
 * What the workers of one scan share; all borrowed.  Folders are for one worker only.
 */
struct worker_shared {
	const struct stale_options *opt;
	const struct procfs *fs;
	struct findings *findings;
	struct roots *roots;
	struct verdicts *verdicts;
	struct folders *folders; /* NULL: not wanted */
	uint64_t seed;           /* see table_init() */
};

/* nr: of the worker, below FINDINGS_WORKERS.  Allocates nothing. */
void worker_init(struct worker *worker, const struct worker_shared *shared, unsigned nr);
void worker_release(struct worker *worker);

/*
 * Reads one process and counts how it went, or puts it off.  Returns 0 whatever happened
 * to the process, or -ENOMEM, -EMFILE, -ENFILE.
 */
int worker_scan(struct worker *worker, pid_t pid);

/*
 * The same for all that were put off, when there are no others left.  Half of the room for
 * findings is not for users: other workers may still be at root's processes.  Ends early
 * when *stop is not 0.
 */
int worker_finish(struct worker *worker, const _Atomic int *stop);

#endif
