/*
 * fuzzlines.h - what lib_users' lines are made of, taken apart again: PIDs, files, the
 * command line.
 */
#ifndef FUZZLINES_H
#define FUZZLINES_H

#include "fuzzfound.h"

/* Takes "1,3": a bit for each process, by its position. */
static inline uint64_t fuzzlines_pids(const char **s, const struct fuzzfound *f)
{
	uint64_t set = 0;

	for (;;) {
		char *end;
		unsigned long pid = strtoul(*s, &end, 10);
		uint64_t bit = UINT64_C(1) << (pid - 1) % 64;

		ensure(**s >= '1' && **s <= '9' && pid <= f->nprocs && bit > set);
		set |= bit;
		*s = end;
		if (*end != ',')
			return set;
		++*s;
	}
}

/* Has any of these processes such a file?  Notes each that is. */
static inline bool fuzzlines_find(const struct fuzzfound *f, uint64_t procs,
				  const char *path, bool *told)
{
	bool found = false;

	for (size_t i = 0; i < f->nprocs; i++) {
		const struct stale_proc *proc = &f->procs[i];

		for (size_t k = 0; k < proc->nfiles && procs >> i & 1; k++) {
			if (strcmp(proc->files[k].path, path) != 0)
				continue;
			told[&proc->files[k] - f->files] = true;
			found = true;
		}
	}
	return found;
}

/* Takes "FILE,FILE": each file of these processes once, sorted, and no other. */
static inline void fuzzlines_files(const char **s, const struct fuzzfound *f,
				   uint64_t procs)
{
	bool told[FUZZFOUND_MAX] = {false};
	char *last = NULL;

	for (;; ++*s) {
		size_t len = strcspn(*s, ",;\n");
		char *path = fuzztext_raw(*s, len, ",;");

		ensure(fuzzlines_find(f, procs, path, told));
		ensure(!last || strcmp(last, path) < 0);
		free(last);
		last = path;
		*s += len;
		if (**s != ',')
			break;
	}
	free(last);
	for (size_t i = 0; i < f->nprocs; i++) {
		for (size_t k = 0; k < f->procs[i].nfiles && procs >> i & 1; k++)
			ensure(told[&f->procs[i].files[k] - f->files]);
	}
}

static inline bool fuzzlines_is_blank(char c)
{
	return c && strchr(" \t\n\v\f\r", c);
}

/* Is raw, which is freed, the command line of all of these processes? */
static inline void fuzzlines_cmdline(char *raw, const struct fuzzfound *f, uint64_t procs)
{
	for (size_t i = 0; i < f->nprocs; i++) {
		const struct stale_proc *proc = &f->procs[i];
		char *want = fuzztext_string((const uint8_t *)proc->cmdline,
					     proc->cmdline_len);
		size_t begin = 0, end = proc->cmdline_len;
		size_t comm = strlen(proc->comm);

		ensure(want != NULL);
		for (size_t k = 0; k < end; k++)
			if (!want[k])
				want[k] = ' ';
		while (end > 0 && fuzzlines_is_blank(want[end - 1]))
			want[--end] = '\0';
		while (fuzzlines_is_blank(want[begin]))
			begin++;
		if (procs >> i & 1 && begin < end)
			ensure(strcmp(raw, want + begin) == 0);
		else if (procs >> i & 1)
			ensure(raw[0] == '[' && strlen(raw) == comm + 2 &&
			       raw[comm + 1] == ']' &&
			       memcmp(raw + 1, proc->comm, comm) == 0);
		free(want);
	}
	free(raw);
}

/* As many bits as there are processes. */
static inline uint64_t fuzzlines_all(const struct fuzzfound *f)
{
	return f->nprocs == 64 ? UINT64_MAX : (UINT64_C(1) << f->nprocs) - 1;
}

#endif
