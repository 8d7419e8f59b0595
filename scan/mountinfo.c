/*
 * mountinfo.c - which mounts may keep a look-up waiting for a server or a daemon.
 *
 * Tells by the type of the file system alone: it asks no server and looks at no mount.
 * A type that it does not know is local.
 */
#include "mountinfo.h"

#include <stdbool.h>
#include <string.h>

#include "cursor.h"

struct field {
	const char *s;
	size_t len;
};

/* A field and the blank after it; blanks within a field are written as \040. */
static bool take_field(struct cursor *cur, struct field *ret)
{
	const char *blank = memchr(cur->at, ' ', (size_t)(cur->end - cur->at));

	if (!blank || blank == cur->at)
		return false;
	ret->s = cur->at;
	ret->len = (size_t)(blank - cur->at);
	cur->at = blank + 1;
	return true;
}

static bool field_is(struct field field, const char *word)
{
	return field.len == strlen(word) && memcmp(field.s, word, field.len) == 0;
}

static bool field_begins(struct field field, const char *word)
{
	return field.len >= strlen(word) && memcmp(field.s, word, strlen(word)) == 0;
}

/*
 * Types as in /proc/filesystems.  show_type() in the kernel's fs/proc_namespace.c appends
 * the subtype: fuse.sshfs.  gfs2 and ocfs2 are local here: their disks are, and a node
 * that waits for the locks of another one waits for a fence, not for ever.
 */
static enum mountinfo_fs fs_of_type(struct field type)
{
	static const char *const remote[] = {
		"9p",   "acfs",     "afs",  "auristorfs", "autofs", "beegfs",   "ceph",
		"cifs", "coda",     "fuse", "fuseblk",    "gpfs",   "lustre",   "ncpfs",
		"ncp",  "orangefs", "smb3", "smbfs",      "vboxsf", "virtiofs",
	};

	if (field_is(type, "nfs") || field_is(type, "nfs4"))
		return MOUNTINFO_NFS;
	if (field_begins(type, "fuse.") || field_begins(type, "fuseblk."))
		return MOUNTINFO_REMOTE;
	for (size_t i = 0; i < sizeof(remote) / sizeof(remote[0]); i++)
		if (field_is(type, remote[i]))
			return MOUNTINFO_REMOTE;
	return MOUNTINFO_LOCAL;
}

/* "98:0 " */
static int take_device(struct cursor *cur, uint64_t *ret)
{
	uint64_t major, minor;
	int r;

	r = cursor_take_number(cur, UINT32_MAX, ':', &major);
	if (r < 0)
		return r;
	r = cursor_take_number(cur, UINT32_MAX, ' ', &minor);
	if (r < 0)
		return r;
	*ret = major << 32 | minor;
	return 0;
}

/*
 * "/mnt1 /mnt2 rw,noatime master:1 - ext3 ": between the sixth field and the dash there
 * are any number of optional ones.  A folder called "-" stands before it.
 */
static bool take_type(struct cursor *cur, struct field *ret)
{
	struct field field;

	for (int i = 4; i <= 6; i++)
		if (!take_field(cur, &field))
			return false;
	do {
		if (!take_field(cur, &field))
			return false;
	} while (!field_is(field, "-"));
	return take_field(cur, ret);
}

/*
 * 36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue
 * 24 27 0:6 / /dev rw,relatime - devtmpfs devtmpfs rw,size=12334492k
 *
 * proc_pid_mountinfo(5).
 */
int mountinfo_line_parse(const char *line, size_t len, struct mountinfo_line *ret)
{
	struct cursor cur = {line, line + len};
	struct field type;
	uint64_t device;
	uint64_t id; /* of the mount and of the one it is on: no matter */
	int r;

	for (int i = 1; i <= 2; i++) {
		r = cursor_take_number(&cur, UINT32_MAX, ' ', &id);
		if (r < 0)
			return r;
	}
	r = take_device(&cur, &device);
	if (r < 0)
		return r;
	if (!take_type(&cur, &type))
		return -EINVAL;
	ret->device = device;
	ret->fs = fs_of_type(type);
	return 0;
}
