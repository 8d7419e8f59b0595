/*
 * crew.c - workers that take the next few processes from one counter until none is left.
 *
 * Each judges for itself: a verdict takes longer to ask a neighbour for, under a lock, than
 * to come to twice.  Which of two verdicts on one file counts is for uses.c to say.
 */
#include "crew.h"

#include <pthread.h>
#include <sched.h>
#include <semaphore.h>

/* Processes differ by the thousand in what they cost: the last ones are to end together. */
#define BATCH 8

#define MANY_PROCESSES 1000
#define JOBS_BY_CPUS   4

/* Of a thread: what the look-ups need at their deepest is a tenth of it. */
#define STACK_SIZE ((size_t)1 << 20)

struct crew {
	const struct worker_shared *shared; /* borrowed */
	const pid_t *pids;                  /* borrowed */
	size_t n;
	_Atomic size_t next;
	_Atomic unsigned started;
	_Atomic int error; /* -errno */
	sem_t apart;       /* how many threads have descriptors of their own */
};

static unsigned cpus(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) < 0)
		return 1;
	return (unsigned)CPU_COUNT(&set);
}

unsigned crew_size(const struct stale_options *opt, size_t n)
{
	size_t size = opt->jobs;

	if (opt->want_folders)
		return 1;
	if (!size && n >= MANY_PROCESSES)
		size = cpus() < JOBS_BY_CPUS ? cpus() : JOBS_BY_CPUS;
	if (size > FINDINGS_WORKERS)
		size = FINDINGS_WORKERS;
	if (size > n)
		size = n;
	return size ? (unsigned)size : 1;
}

static void *work(void *arg)
{
	struct crew *crew = arg;
	struct worker worker;
	int rc = 0;

	worker_init(&worker, crew->shared, atomic_fetch_add(&crew->started, 1));
	while (rc == 0 && !atomic_load(&crew->error)) {
		const size_t first = atomic_fetch_add(&crew->next, BATCH);

		if (first >= crew->n)
			break;
		for (size_t i = first; rc == 0 && i < crew->n && i < first + BATCH; i++)
			rc = worker_scan(&worker, crew->pids[i]);
	}
	if (rc == 0)
		rc = worker_finish(&worker, &crew->error);
	worker_release(&worker);
	if (rc < 0) {
		int none = 0;

		atomic_compare_exchange_strong(&crew->error, &none, rc);
	}
	return NULL;
}

/*
 * Where threads share their descriptors, the kernel counts who uses one at every system
 * call: 3% of a scan.  What is open by now is all that they have in common, and /proc/self
 * is of another thread: look-ups go by /proc/thread-self.
 */
static void *work_apart(void *arg)
{
	struct crew *crew = arg;

#ifndef __SANITIZE_THREAD__          /* it takes equal numbers for one descriptor */
	(void)!unshare(CLONE_FILES); /* without it is only slower */
#endif
	sem_post(&crew->apart);
	return work(arg);
}

/* Returns how many threads there are, at most size. */
static unsigned start(struct crew *crew, pthread_t *threads, unsigned size)
{
	pthread_attr_t attr;
	unsigned n = 0;

	if (pthread_attr_init(&attr) != 0)
		return 0;
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	while (n < size && pthread_create(&threads[n], &attr, work_apart, crew) == 0)
		n++;
	pthread_attr_destroy(&attr);
	return n;
}

int crew_scan(const struct worker_shared *shared, const pid_t *pids, size_t n)
{
	struct crew crew = {.shared = shared, .pids = pids, .n = n};
	pthread_t threads[FINDINGS_WORKERS];
	unsigned nthreads;

	sem_init(&crew.apart, 0, 0);
	nthreads = start(&crew, threads, crew_size(shared->opt, n) - 1);
	/* Else they would hold on to what we have open of processes by then. */
	for (unsigned i = 0; i < nthreads; i++)
		while (sem_wait(&crew.apart) < 0)
			; /* a signal */
	work(&crew);
	while (nthreads > 0)
		pthread_join(threads[--nthreads], NULL);
	sem_destroy(&crew.apart);
	return atomic_load(&crew.error);
}
