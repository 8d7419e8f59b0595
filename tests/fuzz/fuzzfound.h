/*
 * fuzzfound.h - what a scan may have found, made of fuzzed bytes.
 *
 * Strings ended by NUL; the first byte of each says what it is: 'P' a process, 'A' one
 * more of its arguments, 'F' a file of it, 'G' the same with a successor, 'I' ignored, 'U'
 * unreadable.  Before them 8 bytes of numbers.
 */
#ifndef FUZZFOUND_H
#define FUZZFOUND_H

#include "fuzztext.h"
#include "scan/stale.h"

#define FUZZFOUND_HEAD 8
#define FUZZFOUND_MAX  64

struct fuzzfound {
	struct stale_proc procs[FUZZFOUND_MAX]; /* pids 1, 2, 3, ... */
	struct stale_file files[FUZZFOUND_MAX];
	struct stale_ignored ignored[FUZZFOUND_MAX];
	struct stale_unreadable unreadable[FUZZFOUND_MAX];
	size_t nprocs, nfiles, nignored, nunreadable;
	uint8_t head[FUZZFOUND_HEAD];
	char *text; /* owned; all strings are in it */
};

static inline void fuzzfound_file(struct fuzzfound *f, const char *s, bool successor)
{
	uint8_t bits = f->head[f->nfiles % FUZZFOUND_HEAD];

	if (f->nfiles == FUZZFOUND_MAX || f->nprocs == 0)
		return;
	f->files[f->nfiles++] = (struct stale_file){
		.path = s,
		.successor = successor ? s : NULL,
		.build_id = successor ? f->head : NULL,
		.build_id_len = successor ? FUZZFOUND_HEAD : 0,
		.inode = bits * UINT64_C(0x0101010101010101),
		.bytes = bits & 8 ? bits * 4096 : -1,
		.fd = bits & 16 ? bits : -1,
		.id = bits,
		.since = bits & 1 ? (int64_t)bits * 1000000 : 0,
		.since_source = bits & 1 ? STALE_SINCE_OLD_INODE : STALE_SINCE_UNKNOWN,
		.kind = (enum stale_kind)(bits / 2 % STALE_KIND_COUNT),
		.why = (enum stale_why)(bits / 4 % STALE_WHY_COUNT),
	};
	f->procs[f->nprocs - 1].nfiles++;
}

static inline void fuzzfound_proc(struct fuzzfound *f, const char *s)
{
	const pid_t pid = (pid_t)f->nprocs + 1;
	uint8_t bits = f->head[(size_t)pid % FUZZFOUND_HEAD];

	if (f->nprocs == FUZZFOUND_MAX || f->nfiles == FUZZFOUND_MAX)
		return;
	f->procs[f->nprocs++] = (struct stale_proc){
		.files = &f->files[f->nfiles],
		.comm = s + 1,
		.exe = f->head[0] & 1 ? s + 1 : NULL,
		.cmdline = s + 1,
		.cmdline_len = strlen(s), /* with its NUL */
		.pid = pid,
		.uid = bits,
		.owner = bits & 1 ? bits : (uid_t)-1,
		.scope = (enum stale_scope)(bits / 2 % STALE_SCOPE_COUNT),
		.unit = bits & 32 ? s + 1 : NULL,
		.runtime = bits & 64 ? s + 1 : NULL,
		.container = bits & 128 ? s + 1 : NULL,
		.is_leftover = bits & 1,
		.advice = (enum stale_advice)(bits % STALE_ADVICE_COUNT),
	};
	fuzzfound_file(f, s, false); /* at least one */
}

/* Only right behind the other arguments. */
static inline void fuzzfound_argument(struct fuzzfound *f, const char *s)
{
	struct stale_proc *proc = f->nprocs ? &f->procs[f->nprocs - 1] : NULL;

	if (proc && proc->cmdline + proc->cmdline_len == s &&
	    proc->cmdline_len + strlen(s) < 4096)
		proc->cmdline_len += strlen(s) + 1;
}

static inline void fuzzfound_string(struct fuzzfound *f, const char *s)
{
	pid_t pid = (pid_t)(f->nprocs + 1);

	if (*s == 'P')
		fuzzfound_proc(f, s);
	else if (*s == 'A')
		fuzzfound_argument(f, s);
	else if (*s == 'F' || *s == 'G')
		fuzzfound_file(f, s + 1, *s == 'G');
	else if (*s == 'I' && f->nignored < FUZZFOUND_MAX)
		f->ignored[f->nignored++] =
			(struct stale_ignored){.path = s + 1, .rule = s + 1, .pid = pid};
	else if (*s == 'U' && f->nunreadable < FUZZFOUND_MAX)
		f->unreadable[f->nunreadable++] = (struct stale_unreadable){
			.pid = pid, .error = (unsigned char)s[1] + 1};
}

/* Returns whether there was enough to make anything of.  Free f->text. */
static inline bool fuzzfound_make(struct fuzzfound *f, const uint8_t *data, size_t size)
{
	memset(f, 0, sizeof(*f));
	if (size < FUZZFOUND_HEAD)
		return false;
	memcpy(f->head, data, FUZZFOUND_HEAD);
	size -= FUZZFOUND_HEAD;
	f->text = fuzztext_string(data + FUZZFOUND_HEAD, size);
	if (!f->text)
		return false;
	for (size_t at = 0; at <= size; at += strlen(f->text + at) + 1)
		fuzzfound_string(f, f->text + at);
	return true;
}

#endif
