/*
 * mountinfo.h - /proc/PID/mountinfo, parsed for one question: may a look-up on this
 * device wait for somebody else?  Pure: takes bytes, reads nothing.
 */
#ifndef SCAN_MOUNTINFO_H
#define SCAN_MOUNTINFO_H

#include <stddef.h>
#include <stdint.h>

enum mountinfo_fs {
	MOUNTINFO_LOCAL,
	MOUNTINFO_NFS,    /* nfs, nfs4: removes open files by renaming them to .nfs* */
	MOUNTINFO_REMOTE, /* cifs, smb3, fuse, fuse.*, fuseblk, autofs, 9p, ceph, afs, ... */
};

struct mountinfo_line {
	uint64_t device; /* major << 32 | minor */
	enum mountinfo_fs fs;
};

/*
 * Parses one line, without its newline.  Returns 0, -EINVAL or -ERANGE; *ret is written
 * only on success.
 */
int mountinfo_line_parse(const char *line, size_t len, struct mountinfo_line *ret);

#endif
