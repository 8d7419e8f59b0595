/*
 * evidence.h - what can be learned of a mapped file that has lost its name.
 */
#ifndef SCAN_EVIDENCE_H
#define SCAN_EVIDENCE_H

#include "elf.h"
#include "judge.h"
#include "lookup.h"

/* An error that ends the scan, whatever it happened on. */
bool evidence_is_fatal(int rc);

/*
 * The name of a mapping with its newlines as such, through /proc/PID/map_files
 * (cap_checkpoint_restore).  Returns its length in buf, or -errno.
 */
ssize_t evidence_raw_name(const struct judge_process *process,
			  const struct mapping *mapping, char *buf, size_t size);

/*
 * The old inode, through /proc/PID/exe (cap_sys_ptrace) or map_files
 * (cap_checkpoint_restore).  Returns 0 or -errno.
 */
int evidence_old_stat(const struct judge_process *process, const struct mapping *mapping,
		      enum stale_kind kind, struct lookup_stat *ret);

/*
 * The GNU build-id of the old file, from the kernel where it tells, else from the file.
 * old: evidence_old_stat()'s, NULL where that failed.  Returns its length, 0 for none or
 * unknown, -ENOENT where the process or its mapping went away meanwhile, or the -errno of
 * a fatal error.
 */
int evidence_old_build_id(const struct judge_process *process,
			  const struct mapping *mapping, enum stale_kind kind,
			  const struct lookup_stat *old,
			  uint8_t ret_id[static ELF_BUILD_ID_MAX]);

/*
 * SONAME and build-id of a regular file by its O_PATH descriptor; empty where they cannot
 * be read.  Returns 0, or the -errno of a fatal error.
 */
int evidence_ids(int pathfd, struct elf_ids *ret);

/*
 * Opens path and reads what it is.  Returns a descriptor that the caller owns, -ENOENT
 * for all that keeps it from being known, or the -errno of a fatal error.
 */
int evidence_open(const struct lookup_root *root, struct name path,
		  struct lookup_stat *ret);

#endif
