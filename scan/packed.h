/*
 * packed.h - the bytes of a packed report: what pack.c writes and unpack.c reads.
 *
 * The numbers are as this machine writes them: both ends are the same program.  There is
 * no pointer in it, and no byte that nobody has set.  The strings lie there as in the
 * report, each once.
 */
#ifndef SCAN_PACKED_H
#define SCAN_PACKED_H

#include <stdint.h>

/* Another layout, another number. */
#define PACKED_MAGIC                                                                     \
	{                                                                                \
		's', 't', 'a', 'l', 'e', '\n', '\0', 1                                   \
	}

/* In this order, each as often as the head says; the strings are the rest. */
struct packed_head {
	char magic[8];
	uint64_t nprocs, nfiles, nignored, nunreadable, strings_size;
	uint64_t listed, seen, scanned, vanished, denied, failed;
	uint64_t kernel_threads, unselected;
	int32_t at, error;
	uint8_t method, proc_fs, hidden, finished;
	uint8_t zero[4];
};

/* Of strings: where they begin, from 1 on; 0: NULL. */
struct packed_proc {
	uint64_t nfiles, nfiles_left_out;
	uint64_t comm, exe, cmdline, cmdline_len;
	uint64_t unit, runtime, container;
	uint64_t start_ticks;
	int64_t started;
	int32_t pid, ppid;
	uint32_t uid, owner;
	uint8_t scope, advice, is_leftover;
	uint8_t zero[5];
};

struct packed_file {
	uint64_t path, successor, build_id;
	uint64_t device, inode;
	int64_t since, bytes;
	int32_t fd;
	uint32_t id;
	uint8_t build_id_len;
	uint8_t since_source, kind, why;
	uint8_t zero[4];
};

struct packed_ignored {
	uint64_t path, rule;
	int32_t pid;
	uint8_t zero[4];
};

struct packed_unreadable {
	int32_t pid, error;
};

/* Sums of the members: the compiler leaves no holes between them. */
_Static_assert(sizeof(struct packed_head) == 8 + 13 * 8 + 2 * 4 + 8, "holes in head");
_Static_assert(sizeof(struct packed_proc) == 11 * 8 + 4 * 4 + 8, "holes in proc");
_Static_assert(sizeof(struct packed_file) == 7 * 8 + 2 * 4 + 8, "holes in file");
_Static_assert(sizeof(struct packed_ignored) == 2 * 8 + 4 + 4, "holes in ignored");
_Static_assert(sizeof(struct packed_unreadable) == 4 + 4, "holes in unreadable");

#endif
