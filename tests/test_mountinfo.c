/*
 * test_mountinfo.c - lines of /proc/PID/mountinfo: the device, and whom a look-up may
 * wait for.
 */
#include "test.h"

#include <errno.h>
#include <stdio.h>

#include "scan/mountinfo.h"

#define DEVICE(major, minor) ((uint64_t)(major) << 32 | (minor))

static void device_and_type_are_read_past_any_optional_fields(void **state)
{
	static const struct {
		const char *label;
		const char *line;
		uint64_t device;
		enum mountinfo_fs fs;
	} rows[] = {
		{"a folder called dash, a mount on it called dash",
		 "36 35 0:52 /- /- rw - nfs4 srv:/x rw", DEVICE(0, 52), MOUNTINFO_NFS},
		{"dash as root and mount point", "36 35 0:52 - - rw - nfs4 srv:/x rw",
		 DEVICE(0, 52), MOUNTINFO_NFS},
		{"source that looks like the end of the options",
		 "36 35 8:1 / /mnt rw shared:1 - ext4 -\\040-\\040nfs4 rw", DEVICE(8, 1),
		 MOUNTINFO_LOCAL},
		{"escaped blanks",
		 "36 35 8:1 /a\\040-\\040nfs /mnt\\040- rw shared:1 - cifs //s/x rw",
		 DEVICE(8, 1), MOUNTINFO_REMOTE},
		{"invalid UTF-8", "36 35 8:1 / /\xff\x80 rw - ext4 /dev/sda1 rw",
		 DEVICE(8, 1), MOUNTINFO_LOCAL},
		{"from proc(5)",
		 "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw",
		 DEVICE(98, 0), MOUNTINFO_LOCAL},
		{"no optional field",
		 "24 27 0:6 / /dev rw,relatime - devtmpfs devtmpfs rw,size=12334492k",
		 DEVICE(0, 6), MOUNTINFO_LOCAL},
		{"three of them, one unknown",
		 "24 27 0:6 / /n rw shared:5 master:1 x - nfs srv:/x rw", DEVICE(0, 6),
		 MOUNTINFO_NFS},
		{"empty source, as a program may mount it",
		 "24 27 0:6 / /n rw - fuse  rw", DEVICE(0, 6), MOUNTINFO_REMOTE},
		{"large numbers",
		 "4294967295 4294967295 4294967295:4294967295 / / rw - ext4 x rw",
		 UINT64_MAX, MOUNTINFO_LOCAL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char *copy = exact_copy(rows[i].line, strlen(rows[i].line));
		struct mountinfo_line line;

		row_number(rows[i].label, "result",
			   mountinfo_line_parse(copy, strlen(rows[i].line), &line), 0);
		row_number(rows[i].label, "device", line.device, rows[i].device);
		row_number(rows[i].label, "fs", line.fs, rows[i].fs);
		free(copy);
	}
}

static enum mountinfo_fs fs_of(const char *type)
{
	char text[128];
	struct mountinfo_line line;

	(void)snprintf(text, sizeof(text), "36 35 0:52 / /mnt rw shared:1 - %s src rw",
		       type);
	row_number(type, "result", mountinfo_line_parse(text, strlen(text), &line), 0);
	return line.fs;
}

static void types_that_wait_for_others_are_known(void **state)
{
	static const char *const nfs[] = {"nfs", "nfs4"};
	static const char *const remote[] = {
		"cifs",   "smb3",   "smbfs",    "fuse",         "fuseblk",  "fuse.sshfs",
		"fuse.x", "autofs", "9p",       "ceph",         "afs",      "ncpfs",
		"lustre", "fuse.",  "fuse.nfs", "fuseblk.ntfs", "virtiofs",
	};
	static const char *const local[] = {
		"ext4", "xfs",   "btrfs", "overlay", "tmpfs",    "squashfs", "zfs",
		"nfsd", "nfs41", "NFS",   "fusectl", "fuselage", "cifsd",    "autofs4",
		"9",    "gfs2",  "xnfs",  "nf",      "afs2",     "proc",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(nfs); i++)
		row_number(nfs[i], "fs", fs_of(nfs[i]), MOUNTINFO_NFS);
	for (size_t i = 0; i < ARRAY_LEN(remote); i++)
		row_number(remote[i], "fs", fs_of(remote[i]), MOUNTINFO_REMOTE);
	for (size_t i = 0; i < ARRAY_LEN(local); i++)
		row_number(local[i], "fs", fs_of(local[i]), MOUNTINFO_LOCAL);
}

static void malformed_lines_are_refused_and_change_nothing(void **state)
{
	static const struct {
		const char *label;
		const char *line;
		int want;
	} rows[] = {
		{"nothing", "", -EINVAL},
		{"no mount id", " 35 0:1 / / rw - nfs x rw", -EINVAL},
		{"no parent", "36 0:1 / / rw - nfs x rw", -EINVAL},
		{"no blank", "36x35 0:1 / / rw - nfs x rw", -EINVAL},
		{"a dot", "36 35 0.1 / / rw - nfs x rw", -EINVAL},
		{"no colon", "36 35 1 / / rw - nfs x rw", -EINVAL},
		{"no minor", "36 35 1: / / rw - nfs x rw", -EINVAL},
		{"hex minor", "36 35 1:a / / rw - nfs x rw", -EINVAL},
		{"negative major", "36 35 -1:0 / / rw - nfs x rw", -EINVAL},
		{"major of 33 bits", "36 35 4294967296:0 / / rw - nfs x rw", -ERANGE},
		{"minor of 33 bits", "36 35 0:4294967296 / / rw - nfs x rw", -ERANGE},
		{"dash instead of options", "36 35 0:1 / / - nfs x rw", -EINVAL},
		{"no dash", "36 35 0:1 / / rw shared:1 nfs x rw", -EINVAL},
		{"no type", "36 35 0:1 / / rw - ", -EINVAL},
		{"type cut", "36 35 0:1 / / rw - nf", -EINVAL},
		{"two blanks", "36 35 0:1 /  / rw - nfs x rw", -EINVAL},
	};
	struct mountinfo_line line;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char *copy = exact_copy(rows[i].line, strlen(rows[i].line));

		untouched_init(&line, sizeof(line));
		row_number(rows[i].label, "result",
			   mountinfo_line_parse(copy, strlen(rows[i].line), &line),
			   rows[i].want);
		row_number(rows[i].label, "untouched", untouched(&line, sizeof(line)),
			   true);
		free(copy);
	}
}

static void line_cut_before_its_type_ends_is_refused(void **state)
{
	static const char whole[] = "36 35 98:0 /a /b rw,noatime master:1 - nfs4 s:/x rw";
	const size_t enough = strlen(whole) - strlen("s:/x rw");

	(void)state;
	for (size_t len = 0; len <= strlen(whole); len++) {
		char *copy = exact_copy(whole, len);
		struct mountinfo_line line;

		assert_int_equal(mountinfo_line_parse(copy, len, &line),
				 len < enough ? -EINVAL : 0);
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(device_and_type_are_read_past_any_optional_fields),
		cmocka_unit_test(types_that_wait_for_others_are_known),
		cmocka_unit_test(malformed_lines_are_refused_and_change_nothing),
		cmocka_unit_test(line_cut_before_its_type_ends_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
