/*
 * test_findings.c - the memory that a scan and its waiter share.
 */
#include "tests/test.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scan/findings.h"

static void what_a_killed_child_published_is_whole(void **state)
{
	struct findings *f;
	const struct found_proc *p;
	int status;
	pid_t child;

	(void)state;
	assert_int_equal(findings_new(&f), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct found_proc *proc = findings_alloc(f, sizeof(*proc));

		proc->pid = 17;
		proc->comm = findings_copy(f, "sshd", 4);
		findings_add_proc(f, proc);
		atomic_store(&f->scanned, 5);
		raise(SIGKILL);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	p = atomic_load(&f->procs);
	assert_non_null(p);
	assert_int_equal(p->pid, 17);
	assert_string_equal(p->comm, "sshd");
	assert_int_equal(atomic_load(&f->scanned), 5);
	findings_free(f);
}

static void full_findings_refuse_and_stay_usable(void **state)
{
	struct findings *f;
	size_t n = 0;

	(void)state;
	assert_int_equal(findings_new(&f), 0);
	assert_null(findings_alloc(f, SIZE_MAX));
	assert_null(findings_alloc(f, SIZE_MAX - 8));
	while (findings_alloc(f, (size_t)1 << 20))
		n++;
	assert_in_range(n, 15, 255);
	while (findings_alloc(f, sizeof(struct found_error)))
		;
	assert_false(findings_add_error(f, 1, EACCES));
	assert_null(atomic_load(&f->errors));
	findings_clear(f);
	assert_true(findings_add_error(f, 1, EACCES));
	assert_int_equal(atomic_load(&f->errors)->error, EACCES);
	findings_free(f);
}

static void memory_after_clear_is_zero_and_aligned(void **state)
{
	struct findings *f;
	unsigned char *p;

	(void)state;
	assert_int_equal(findings_new(&f), 0);
	p = findings_alloc(f, 100);
	memset(p, 0xff, 100);
	findings_add_error(f, 1, 1);
	findings_clear(f);
	assert_null(atomic_load(&f->errors));
	findings_alloc(f, 1);
	p = findings_alloc(f, 200);
	assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
	for (size_t i = 0; i < 200; i++)
		assert_int_equal(p[i], 0);
	findings_free(f);
}

static void free_accepts_null(void **state)
{
	(void)state;
	findings_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_killed_child_published_is_whole),
		cmocka_unit_test(full_findings_refuse_and_stay_usable),
		cmocka_unit_test(memory_after_clear_is_zero_and_aligned),
		cmocka_unit_test(free_accepts_null),
	};

	return cmocka_run_group_tests_name("findings", tests, NULL, NULL);
}
