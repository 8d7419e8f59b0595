/*
 * mib_tables.c - the rows and columns of the tables, as a snapshot has them.
 */
#include "mib_tables.h"

/* Enumerations of the core begin with 0, those of the MIB with 1. */
static struct mib_value enumerated(int value)
{
	return mib_value_integer(value + 1);
}

static size_t proc_rows(const struct snapshot *snapshot)
{
	size_t n;

	snapshot_procs(snapshot, &n);
	return n;
}

static void proc_index(const struct snapshot *snapshot, size_t row,
		       oid ret_index[MIB_INDEX_MAX])
{
	size_t n;

	ret_index[0] = snapshot_procs(snapshot, &n)[row].pid;
}

static struct mib_value proc_value(const struct snapshot *snapshot, size_t row,
				   unsigned column, int64_t now)
{
	size_t n;
	const struct snapshot_proc *proc = &snapshot_procs(snapshot, &n)[row];

	switch ((enum mib_proc_column)column) {
	case MIB_PROC_PID:
		break;
	case MIB_PROC_START:
		return mib_value_date(proc->started);
	case MIB_PROC_NAME:
		return mib_value_text(proc->name);
	case MIB_PROC_EXECUTABLE:
		return mib_value_text(proc->executable);
	case MIB_PROC_UID:
		return mib_value_unsigned(proc->uid);
	case MIB_PROC_USER:
		return mib_value_text(proc->user);
	case MIB_PROC_UNIT:
		return mib_value_text(proc->unit);
	case MIB_PROC_CONTAINER:
		return mib_value_text(proc->container);
	case MIB_PROC_SCOPE:
		return enumerated((int)proc->scope);
	case MIB_PROC_COUNTED:
		return mib_value_truth(proc->counted);
	case MIB_PROC_WHY:
		return mib_value_bits(proc->why);
	case MIB_PROC_FILES:
		return mib_value_unsigned(proc->files);
	case MIB_PROC_SINCE:
		return mib_value_date(proc->since);
	case MIB_PROC_AGE:
		return mib_value_unsigned(snapshot_age(proc->since, now));
	case MIB_PROC_ADVICE:
		return enumerated((int)proc->advice);
	}
	return mib_value_none();
}

static size_t file_rows(const struct snapshot *snapshot)
{
	size_t n;

	snapshot_files(snapshot, &n);
	return n;
}

static void file_index(const struct snapshot *snapshot, size_t row,
		       oid ret_index[MIB_INDEX_MAX])
{
	size_t n;
	const struct snapshot_file *file = &snapshot_files(snapshot, &n)[row];

	ret_index[0] = file->pid;
	ret_index[1] = file->n;
}

static struct mib_value file_value(const struct snapshot *snapshot, size_t row,
				   unsigned column, int64_t now)
{
	size_t n;
	const struct snapshot_file *file = &snapshot_files(snapshot, &n)[row];

	switch ((enum mib_file_column)column) {
	case MIB_FILE_INDEX:
		break;
	case MIB_FILE_PATH:
		return mib_value_text(file->path);
	case MIB_FILE_KIND:
		return enumerated((int)file->kind);
	case MIB_FILE_WHY:
		return enumerated((int)file->why);
	case MIB_FILE_SINCE:
		return mib_value_date(file->since);
	case MIB_FILE_AGE:
		return mib_value_unsigned(snapshot_age(file->since, now));
	case MIB_FILE_SUCCESSOR:
		return mib_value_text(file->successor);
	case MIB_FILE_LIBRARY:
		return mib_value_unsigned(file->library);
	}
	return mib_value_none();
}

static size_t lib_rows(const struct snapshot *snapshot)
{
	size_t n;

	snapshot_libs(snapshot, &n);
	return n;
}

static void lib_index(const struct snapshot *snapshot, size_t row,
		      oid ret_index[MIB_INDEX_MAX])
{
	size_t n;

	ret_index[0] = snapshot_libs(snapshot, &n)[row].index;
}

static struct mib_value lib_value(const struct snapshot *snapshot, size_t row,
				  unsigned column, int64_t now)
{
	size_t n;
	const struct snapshot_lib *lib = &snapshot_libs(snapshot, &n)[row];

	switch ((enum mib_lib_column)column) {
	case MIB_LIB_INDEX:
		break;
	case MIB_LIB_PATH:
		return mib_value_text(lib->path);
	case MIB_LIB_WHY:
		return enumerated((int)lib->why);
	case MIB_LIB_PROCESSES:
		return mib_value_unsigned(lib->processes);
	case MIB_LIB_SINCE:
		return mib_value_date(lib->since);
	case MIB_LIB_AGE:
		return mib_value_unsigned(snapshot_age(lib->since, now));
	}
	return mib_value_none();
}

const struct mib_table mib_tables[MIB_TABLES] = {
	{"staleProcTable", MIB_PROC_TABLE, 1, MIB_PROC_ADVICE, proc_rows, proc_index,
	 proc_value},
	{"staleFileTable", MIB_FILE_TABLE, 2, MIB_FILE_LIBRARY, file_rows, file_index,
	 file_value},
	{"staleLibTable", MIB_LIB_TABLE, 1, MIB_LIB_AGE, lib_rows, lib_index, lib_value},
};

static int compare(const struct mib_table *table, const struct snapshot *snapshot,
		   size_t row, const oid *index, size_t len)
{
	oid own[MIB_INDEX_MAX];

	table->index(snapshot, row, own);
	return snmp_oid_compare(own, table->nindex, index, len);
}

/* The first row whose index, compared with this one, is at least least. */
static size_t search(const struct mib_table *table, const struct snapshot *snapshot,
		     const oid *index, size_t len, int least)
{
	size_t low = 0, high = table->rows(snapshot);

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare(table, snapshot, middle, index, len) < least)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool mib_table_find(const struct mib_table *table, const struct snapshot *snapshot,
		    const oid *index, size_t len, size_t *ret_row)
{
	size_t row = search(table, snapshot, index, len, 0);

	if (row == table->rows(snapshot) ||
	    compare(table, snapshot, row, index, len) != 0)
		return false;
	*ret_row = row;
	return true;
}

bool mib_table_next(const struct mib_table *table, const struct snapshot *snapshot,
		    const oid *index, size_t len, size_t *ret_row)
{
	size_t row = search(table, snapshot, index, len, 1);

	if (row == table->rows(snapshot))
		return false;
	*ret_row = row;
	return true;
}
