/*
 * fuzzview.h - a view made of fuzzed bytes, for the fuzz targets of renderers.
 *
 * Strings ended by NUL; the first byte of each says what it is: 'P' a process, 'F' a file
 * of it, 'G' the same with a successor, 'I' ignored, 'U' unreadable.  Before them 8 bytes
 * of numbers.
 */
#ifndef FUZZVIEW_H
#define FUZZVIEW_H

#include <stdlib.h>
#include <string.h>

#include "verdict.h"

#define FUZZVIEW_HEAD 8
#define FUZZVIEW_MAX  64

struct fuzzview {
	struct view view;
	struct rules rules;
	struct verdict verdict;
	struct stale_scan_info info;
	struct stale_proc procs[FUZZVIEW_MAX];
	struct stale_file files[FUZZVIEW_MAX];
	struct stale_ignored ignored[FUZZVIEW_MAX];
	struct stale_unreadable unreadable[FUZZVIEW_MAX];
	size_t nfiles;
	uint8_t head[FUZZVIEW_HEAD];
	char *text; /* owned; all strings are in it */
};

static inline void fuzzview_file(struct fuzzview *f, const char *s, bool successor)
{
	uint8_t bits = f->head[f->nfiles % FUZZVIEW_HEAD];

	if (f->nfiles == FUZZVIEW_MAX || f->view.nprocs == 0)
		return;
	f->files[f->nfiles++] = (struct stale_file){
		.path = s,
		.successor = successor ? s : NULL,
		.build_id = successor ? f->head : NULL,
		.build_id_len = successor ? FUZZVIEW_HEAD : 0,
		.inode = bits * UINT64_C(0x0101010101010101),
		.bytes = bits & 8 ? bits * 4096 : -1,
		.fd = bits & 16 ? bits : -1,
		.id = bits,
		.since = bits & 1 ? (int64_t)bits * 1000000 : 0,
		.since_source = bits & 1 ? STALE_SINCE_OLD_INODE : STALE_SINCE_UNKNOWN,
		.kind = (enum stale_kind)(bits / 2 % STALE_KIND_COUNT),
		.why = (enum stale_why)(bits / 4 % STALE_WHY_COUNT),
	};
	f->procs[f->view.nprocs - 1].nfiles++;
}

static inline void fuzzview_string(struct fuzzview *f, const char *s)
{
	pid_t pid = (pid_t)(f->view.nprocs + 1);
	uint8_t bits = f->head[(size_t)pid % FUZZVIEW_HEAD];

	if (*s == 'P' && f->view.nprocs < FUZZVIEW_MAX && f->nfiles < FUZZVIEW_MAX) {
		f->procs[f->view.nprocs++] = (struct stale_proc){
			.files = &f->files[f->nfiles],
			.comm = s + 1,
			.exe = f->head[0] & 1 ? s + 1 : NULL,
			.cmdline = s + 1,
			.cmdline_len = strlen(s + 1),
			.pid = pid,
			.owner = bits & 1 ? bits : (uid_t)-1,
			.scope = (enum stale_scope)(bits / 2 % STALE_SCOPE_COUNT),
			.unit = bits & 32 ? s + 1 : NULL,
			.runtime = bits & 64 ? s + 1 : NULL,
			.container = bits & 128 ? s + 1 : NULL,
			.is_leftover = bits & 1,
			.advice = (enum stale_advice)(bits % STALE_ADVICE_COUNT),
		};
		fuzzview_file(f, s, false); /* at least one */
	} else if (*s == 'F' || *s == 'G') {
		fuzzview_file(f, s + 1, *s == 'G');
	} else if (*s == 'I' && f->view.nignored < FUZZVIEW_MAX) {
		f->ignored[f->view.nignored++] =
			(struct stale_ignored){.path = s + 1, .rule = s + 1, .pid = pid};
	} else if (*s == 'U' && f->view.nunreadable < FUZZVIEW_MAX) {
		f->unreadable[f->view.nunreadable++] =
			(struct stale_unreadable){.pid = pid, .error = s[1]};
	}
}

static inline void fuzzview_judge(struct fuzzview *f)
{
	f->rules.limits.warning[METRIC_PROCESSES].set = true;
	f->rules.unreadable = (enum state)(f->head[1] & 3);
	f->rules.timeout = (enum state)(f->head[1] >> 2 & 3);
	f->info.denied = f->view.nunreadable;
	f->info.scanned = f->view.nprocs;
	f->info.seen = f->info.listed = f->info.denied + f->info.scanned;
	f->info.hidden = f->head[2] & 1;
	f->info.finished = f->head[2] & 2;
	f->info.at = f->head[2] & 4 ? 1 : 0;
	f->view.timed_out = !f->info.finished && f->head[2] & 8;
	f->view.error = f->head[2] & 16 ? f->head[3] : 0;
	f->view.signal = f->head[2] & 32 ? 9 : 0;
	f->view.privileged = f->head[2] & 64;
	f->view.timeout = 8;
	for (size_t i = 0; i < f->view.nprocs; i++) {
		if (view_proc_counts(&f->view, &f->procs[i]))
			f->view.totals.processes++;
	}
	f->view.totals.files = f->nfiles;
	f->view.totals.oldest = f->head[4];
	verdict_reach(&f->view, &f->rules, &f->verdict);
}

/* Returns whether there was enough to make a view of.  Free f->text. */
static inline bool fuzzview_make(struct fuzzview *f, const uint8_t *data, size_t size)
{
	memset(f, 0, sizeof(*f));
	if (size < FUZZVIEW_HEAD)
		return false;
	memcpy(f->head, data, FUZZVIEW_HEAD);
	size -= FUZZVIEW_HEAD;
	f->text = malloc(size + 1);
	if (!f->text)
		return false;
	memcpy(f->text, data + FUZZVIEW_HEAD, size);
	f->text[size] = '\0';
	f->view = (struct view){
		.info = &f->info,
		.procs = f->procs,
		.ignored = f->ignored,
		.unreadable = f->unreadable,
		.policy = {.why = f->head[5] & 0xfU,
			   .scopes = f->head[6] & 31U,
			   .kinds = f->head[5] >> 4,
			   .min_age = f->head[6],
			   .is_using = f->head[2] & 128},
		.now = (int64_t)f->head[7] * 1000000,
	};
	for (size_t at = 0; at <= size; at += strlen(f->text + at) + 1)
		fuzzview_string(f, f->text + at);
	fuzzview_judge(f);
	return true;
}

#endif
