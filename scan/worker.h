/*
 * worker.h - reads processes one after another and puts down what it finds.
 */
#ifndef SCAN_WORKER_H
#define SCAN_WORKER_H

#include "findings.h"
#include "folders.h"
#include "judge.h"
#include "mapread.h"
#include "procfs.h"
#include "roots.h"
#include "table.h"

/* What one worker remembers from process to process. */
struct worker {
	const struct stale_options *opt; /* borrowed */
	const struct procfs *fs;         /* borrowed */
	struct findings *findings;       /* borrowed */
	struct roots *roots;             /* borrowed; of all workers */
	struct judge judge;
	struct mapreader reader;
	struct table verdicts;   /* of every file judged so far */
	struct folders *folders; /* borrowed; NULL: not wanted */
	uint32_t turn;           /* number of the reading that is under way */
	/* Stale files of the process in hand: room for WORKER_FILES_MAX. */
	struct found_use *files; /* owned; what its elements point to is borrowed */
	size_t nfiles;
	size_t nfiles_left_out;
	size_t room;
	unsigned nr;
	bool is_selective; /* opt->select excludes something */
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
	struct folders *folders; /* NULL: not wanted */
	uint64_t seed;           /* see table_init() */
};

/* nr: of the worker, below FINDINGS_WORKERS.  Allocates nothing. */
void worker_init(struct worker *worker, const struct worker_shared *shared, unsigned nr);
void worker_release(struct worker *worker);

/*
 * Reads one process and counts how it went.  Returns 0 whatever happened to the process,
 * or -ENOMEM, -EMFILE, -ENFILE.
 */
int worker_scan(struct worker *worker, pid_t pid);

#endif
