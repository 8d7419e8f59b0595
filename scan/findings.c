/*
 * findings.c - an arena of shared memory that only grows, and two lists in it.
 *
 * Lock-free, because a lock would stay taken when its holder is killed.  Knows nothing
 * of how a finding is made or read.
 */
#include "findings.h"

#include <string.h>
#include <sys/mman.h>

#include "util.h"

/*
 * Address space, not memory: pages come when they are written.  The smaller size is for
 * whoever runs under a limit of address space (RLIMIT_AS).
 */
#define FINDINGS_SIZE       ((size_t)256 << 20)
#define FINDINGS_SIZE_SMALL ((size_t)16 << 20)

#define FINDINGS_ALIGN _Alignof(max_align_t)

static void *map_shared(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

static size_t aligned(size_t size)
{
	return (size + FINDINGS_ALIGN - 1) & ~(FINDINGS_ALIGN - 1);
}

int findings_new(struct findings **ret_findings)
{
	size_t size = FINDINGS_SIZE;
	struct findings *f = map_shared(size);

	if (!f) {
		size = FINDINGS_SIZE_SMALL;
		f = map_shared(size);
	}
	if (!f)
		return -ENOMEM;
	f->size = size;
	findings_clear(f);
	*ret_findings = f;
	return 0;
}

void findings_free(struct findings *findings)
{
	if (findings)
		munmap(findings, findings->size);
}

void findings_clear(struct findings *findings)
{
	size_t size = findings->size;
	size_t used = atomic_load(&findings->used);

	/* Nothing but zeroes may lie where the next scan allocates. */
	memset(findings, 0, used > sizeof(*findings) ? used : sizeof(*findings));
	findings->size = size;
	atomic_store(&findings->used, aligned(sizeof(*findings)));
}

void *findings_alloc(struct findings *findings, size_t size)
{
	size_t at = atomic_load(&findings->used);

	if (size > findings->size)
		return NULL;
	size = aligned(size);
	do {
		if (size > findings->size - at)
			return NULL;
	} while (!atomic_compare_exchange_weak(&findings->used, &at, at + size));
	return (char *)findings + at;
}

char *findings_copy(struct findings *findings, const void *bytes, size_t len)
{
	char *copy = findings_alloc(findings, len + 1);

	if (copy)
		memcpy(copy, bytes, len);
	return copy;
}

void findings_add_proc(struct findings *findings, struct found_proc *proc)
{
	proc->next = atomic_load(&findings->procs);
	while (!atomic_compare_exchange_weak(&findings->procs, &proc->next, proc))
		;
}

bool findings_add_error(struct findings *findings, pid_t pid, int error)
{
	struct found_error *e = findings_alloc(findings, sizeof(*e));

	if (!e)
		return false;
	e->pid = pid;
	e->error = error;
	e->next = atomic_load(&findings->errors);
	while (!atomic_compare_exchange_weak(&findings->errors, &e->next, e))
		;
	return true;
}
