/*
 * liverow.c - see liverow.h.
 */
#include "liverow.h"

#include <stdlib.h>

#include "livecheck.h"
#include "tests/test.h"

static void do_op(const struct live *live, const struct liverow_op *op)
{
	char build = 0;

	if (op->c)
		build = op->c[0];
	switch (op->verb) {
	case ROW_END:
		return;
	case ROW_LIB:
		live_lib(live, op->a, op->b, build);
		return;
	case ROW_TEXT:
		live_text(live, op->a, "not a library\n");
		return;
	case ROW_MKDIR:
		live_mkdir(live, op->a);
		return;
	case ROW_LINK:
		live_link(live, op->a, op->b);
		return;
	case ROW_SYMLINK:
		live_symlink(live, op->a, op->b);
		return;
	case ROW_COPY:
		live_copy(live, op->a, op->b);
		return;
	case ROW_RENAME:
		live_rename(live, op->a, op->b);
		return;
	case ROW_UNLINK:
		live_unlink(live, op->a);
	}
}

static void do_ops(const struct live *live, const struct liverow_op ops[LIVEROW_OPS])
{
	for (size_t i = 0; i < LIVEROW_OPS; i++)
		do_op(live, &ops[i]);
}

void liverow_run(void **state)
{
	static const enum stale_why why[] = {
		[DELETED] = STALE_DELETED,
		[REPLACED] = STALE_REPLACED,
		[SUPERSEDED] = STALE_SUPERSEDED,
		[REINSTALLED] = STALE_REINSTALLED,
	};
	struct live *live = *state;
	const struct liverow *row = live->row;
	char *map = live_path(live, row->map);
	const struct live_process *holder;

	if (row->verdict == REINSTALLED) /* the build-id of the old file is needed */
		live_need_root(live);
	do_ops(live, row->before);
	holder = live_start(live, "map", map, row->letters ? row->letters : "rx");
	do_ops(live, row->after);
	if (row->verdict != CURRENT)
		live_expect(live, holder->pid, STALE_LIB,
			    row->path ? row->path : row->map, why[row->verdict]);
	free(map);
	live_assert(live);
}

int liverow_run_group(const char *name, struct liverow *rows, size_t n)
{
	struct CMUnitTest *tests = calloc(n, sizeof(*tests));
	int failed;

	assert_non_null(tests);
	for (size_t i = 0; i < n; i++)
		tests[i] = (struct CMUnitTest)LIVE_ROW(liverow_run, &rows[i]);
	failed = _cmocka_run_group_tests(name, tests, n, NULL, NULL);
	free(tests);
	return failed;
}
