/*
 * fuzz_agent_snapshot.c - what is published of a report made of fuzzed bytes: every column
 * of every row has a value that a manager can read, rows ascend and are found, and what
 * has no row is counted.
 *
 * Code: snmp/snapshot.c snmp/rows.c snmp/libs.c snmp/date.c snmp/mib_tables.c
 * snmp/mib_value.c
 */
#include "snmp/mib_tables.h"

#include <time.h>

#include "fuzzfound.h"

#define NOW INT64_C(1763720000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* DateAndTime in UTC, read back: eleven octets, or eight of zero. */
static void check_date(int64_t time)
{
	static const uint8_t unknown[8];
	uint8_t date[11] = {0};
	size_t len = snapshot_date(time, date);
	struct tm tm = {.tm_year = (date[0] << 8 | date[1]) - 1900,
			.tm_mon = date[2] - 1,
			.tm_mday = date[3],
			.tm_hour = date[4],
			.tm_min = date[5],
			.tm_sec = date[6]};

	if (len == 8) {
		ensure(memcmp(date, unknown, 8) == 0);
		ensure(time <= 0 || time >= INT64_C(2005949145600)); /* 65536-01-01 */
		return;
	}
	ensure(len == 11 && date[7] == 0 && date[8] == '+' && !date[9] && !date[10]);
	ensure(time > 0 && timegm(&tm) == time);
}

static void check_age(int64_t since)
{
	uint32_t age = snapshot_age(since, NOW);

	ensure((age == 0) == (since <= 0));
	if (since > 0 && since < NOW && NOW - since < UINT32_MAX)
		ensure(age == NOW - since);
}

static void check_text(const char *text, size_t len)
{
	ensure(len <= SNAPSHOT_TEXT_MAX && strlen(text) == len);
	fuzztext_check(text, len, "");
	free(fuzztext_raw(text, len, ""));
}

static void check_value(struct mib_value value)
{
	switch (value.type) {
	case ASN_INTEGER:
		ensure(value.number >= 1 && value.number <= 8);
		break;
	case ASN_UNSIGNED:
		ensure(value.number >= 0 && value.number <= UINT32_MAX);
		break;
	case ASN_OCTET_STR:
		if (value.text)
			check_text(value.text, value.len);
		else
			ensure(value.len == 1 || value.len == 8 || value.len == 11);
		break;
	default:
		abort();
	}
}

static void check_table(const struct mib_table *table, const struct snapshot *snapshot)
{
	size_t rows = table->rows(snapshot), found;
	oid last[MIB_INDEX_MAX] = {0}, index[MIB_INDEX_MAX];

	for (size_t row = 0; row < rows; row++) {
		table->index(snapshot, row, index);
		ensure(row == 0 ||
		       snmp_oid_compare(last, table->nindex, index, table->nindex) < 0);
		ensure(mib_table_find(table, snapshot, index, table->nindex, &found) &&
		       found == row);
		ensure(mib_table_next(table, snapshot, last, row ? table->nindex : 0,
				      &found) &&
		       found == row);
		for (unsigned c = MIB_FIRST_COLUMN; c <= table->last_column; c++)
			check_value(table->value(snapshot, row, c, NOW));
		memcpy(last, index, sizeof(last));
	}
	ensure(!rows || !mib_table_next(table, snapshot, last, table->nindex, &found));
}

/* 31-bit FNV-1a of the path, or one of the next where paths collide. */
static void check_libs(const struct snapshot *snapshot)
{
	size_t n;
	const struct snapshot_lib *libs = snapshot_libs(snapshot, &n);

	for (size_t i = 0; i < n; i++) {
		char *path = fuzztext_raw(libs[i].path.s, libs[i].path.len, "");
		uint32_t hash = 2166136261U;

		for (const char *s = path; *s; s++)
			hash = (hash ^ (uint8_t)*s) * 16777619U;
		hash = (hash ^ hash >> 31) & 0x7fffffff;
		ensure(libs[i].index && libs[i].index <= 0x7fffffff);
		/* What was cut may have another beginning. */
		ensure(strncmp(libs[i].path.s, "...", 3) == 0 ||
		       ((libs[i].index - hash) & 0x7fffffff) <= n);
		free(path);
	}
}

/* Rows are those of processes of the report, with their texts. */
static void check_procs(const struct snapshot *snapshot, const struct fuzzfound *f)
{
	size_t n;
	const struct snapshot_proc *procs = snapshot_procs(snapshot, &n);

	for (size_t i = 0; i < n; i++) {
		const struct stale_proc *proc;
		const char *name = procs[i].name.s;

		ensure(procs[i].pid >= 1 && procs[i].pid <= f->nprocs);
		proc = &f->procs[procs[i].pid - 1];
		ensure(procs[i].files == proc->nfiles && procs[i].scope == proc->scope);
		if (strlen(proc->comm) <= 31) { /* of 8 octets at most */
			fuzztext_expect(&name, proc->comm, "");
			ensure(*name == '\0');
		}
	}
}

static void check(const struct snapshot *snapshot, const struct fuzzfound *f,
		  const struct snapshot_source *source)
{
	const struct snapshot_totals *totals = snapshot_totals(snapshot);
	size_t nprocs, nfiles, nlibs;

	snapshot_procs(snapshot, &nprocs);
	snapshot_files(snapshot, &nfiles);
	snapshot_libs(snapshot, &nlibs);
	ensure(nprocs <= source->max_procs && nfiles <= source->max_files &&
	       nlibs <= source->max_files);
	ensure(nprocs + nfiles + totals->unpublished == f->nprocs + f->nfiles);
	ensure(totals->processes <= f->nprocs && totals->files <= f->nfiles &&
	       totals->ignored == f->nignored);
	for (size_t i = 0; i < MIB_TABLES; i++)
		check_table(&mib_tables[i], snapshot);
	check_procs(snapshot, f);
	check_libs(snapshot);
}

static void publish(struct fuzzfound *f)
{
	const struct stale_contents contents = {.procs = f->procs,
						.nprocs = f->nprocs,
						.ignored = f->ignored,
						.nignored = f->nignored,
						.unreadable = f->unreadable,
						.nunreadable = f->nunreadable};
	struct snapshot_source source = {
		.policy = {.why = f->head[5] & 0xfU, .scopes = f->head[6] & 31U},
		.now = NOW,
		.max_procs = f->head[1] & 127,
		.max_files = f->head[2] & 127,
	};
	struct stale_report *report;
	struct snapshot *snapshot;

	if (stale_report_make(&contents, &report) < 0)
		return;
	source.report = report;
	ensure(snapshot_make(&source, &snapshot) == 0);
	stale_report_free(report);
	check(snapshot, f, &source);
	snapshot_unref(snapshot);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fuzzfound f;
	int64_t time;

	if (fuzzfound_make(&f, data, size)) {
		memcpy(&time, f.head, sizeof(time));
		check_date(time);
		check_date(time >> 24);
		check_age(time);
		check_age(time >> 32);
		publish(&f);
	}
	free(f.text);
	f.text = NULL;
	return 0;
}
