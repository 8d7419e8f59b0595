/*
 * faultwork.c - see faultwork.h.
 */
#include "faultwork.h"

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/test.h"

/* Work that takes longer hangs. */
#define SECONDS_MAX 60

/* None of ours is left, alive or dead. */
static bool has_child(void)
{
	return waitpid(-1, NULL, WNOHANG) != -1 || errno != ECHILD;
}

static struct faults_result run(const struct faultwork *work, const struct fault *fault,
				int *ret_rc)
{
	struct faults_result result;

	if (work->prepare)
		work->prepare();
	alarm(SECONDS_MAX);
	faults_begin(fault);
	*ret_rc = work->run();
	result = faults_end();
	alarm(0);
	return result;
}

static bool try(const struct faultwork *work, const struct fault *fault)
{
	const int nfds = faults_count_fds();
	const char *wrong;
	int rc;
	const struct faults_result result = run(work, fault, &rc);

	wrong = work->judge(rc, fault->error);
	if (!wrong && faults_count_fds() != nfds)
		wrong = "a descriptor is lost";
	if (!wrong && has_child())
		wrong = "a child is left";
	if (wrong)
		fail_msg("%s: %s %ld (%s) fails, %s: the result is %d: %s", work->label,
			 faults_name(fault->call), fault->nth, result.name,
			 strerror(fault->error), rc, wrong);
	return result.is_injected;
}

/* n calls of the i-th kind.  Returns how many faults were injected. */
static long try_call(const struct faultwork *work, size_t i, long n)
{
	struct fault fault = {.call = work->calls[i].call};
	long faults = 0;

	if (n == 0)
		fail_msg("%s: %s is never called", work->label, faults_name(fault.call));
	for (fault.nth = 0; fault.nth < n; fault.nth++)
		for (size_t k = 0; work->calls[i].errors[k]; k++) {
			fault.error = work->calls[i].errors[k];
			faults += try(work, &fault);
		}
	return faults;
}

void faultwork_try(const struct faultwork *work)
{
	const struct fault none = {0};
	long calls = 0, faults = 0;
	struct faults_result clean;
	int rc;

	clean = run(work, &none, &rc);
	assert_int_equal(rc, 0);
	for (size_t i = 0; work->calls[i].call; i++) {
		const long n = clean.counts[work->calls[i].call];

		calls += n;
		faults += try_call(work, i, n);
	}
	print_message("faults: %s: %ld calls, %ld faults injected\n", work->label, calls,
		      faults);
}
