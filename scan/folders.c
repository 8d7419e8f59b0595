/*
 * folders.c - one look at each folder of each device; every other mapping costs the hash
 * of its folder.
 *
 * By folder and not by inode, which on btrfs are the same in several subvolumes.
 */
#include "folders.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>

#include "evidence.h"
#include "util.h"

/* Folders of devices that are remembered: the others are looked at again. */
#define SEEN_MAX ((size_t)4 * FOLDERS_MAX)

/* As the device of a key: of any.  The kernel has no such device. */
#define NO_DEVICE UINT64_MAX

/* In the table: the key says it all. */
static const char done;

int folders_init(struct folders *folders, uint64_t seed)
{
	int rc;

	*folders = (struct folders){0};
	table_init(&folders->seen, seed);
	rc = lookup_mark(AT_FDCWD, "/", &folders->own_root);
	return procfs_is_fatal(rc) ? rc : 0;
}

void folders_finish(struct folders *folders)
{
	table_release(&folders->seen);
	folders->last = NULL;
}

void folders_release(struct folders *folders)
{
	folders_finish(folders);
	for (size_t i = 0; i < folders->n; i++)
		free(folders->list[i]);
	free(folders->list);
	folders->list = NULL;
	folders->n = folders->room = 0;
}

/* The name of a root says little: that of one unmounted meanwhile is "/" as well. */
static bool is_our_root(const struct folders *f, const struct root *root)
{
	return root->same_mounts && f->own_root.inode &&
	       lookup_mark_is(&root->self, &f->own_root) && root->prefix.len == 1 &&
	       root->prefix.s[0] == '/';
}

static bool is_of_this_host(struct folders *f, const struct root *root)
{
	if (root != f->last) {
		f->last_is_ours = is_our_root(f, root);
		f->last = root;
	}
	return f->last_is_ours;
}

/* What the path is in; "/" for what is in the root. */
static struct name folder_of(struct name path)
{
	const struct name base = name_base(path);

	return (struct name){path.s,
			     path.len - base.len > 1 ? path.len - base.len - 1 : 1};
}

static struct table_key key_of(const struct folders *f, uint64_t device,
			       struct name folder)
{
	return (struct table_key){device, table_hash(f->seen.seed, folder.s, folder.len),
				  folder.len};
}

static int remember(struct folders *f, const struct table_key *key)
{
	struct table_slot *slot;

	if (f->seen.n >= SEEN_MAX)
		return 0;
	return table_add(&f->seen, key, &done, &slot);
}

static int append(struct folders *f, struct name folder)
{
	void *array = f->list;
	int rc = util_grow(&array, &f->room, f->n, sizeof(*f->list));
	char **copy;

	if (rc < 0)
		return rc;
	f->list = array;
	copy = &f->list[f->n];
	*copy = calloc(folder.len + 1, 1);
	if (!*copy)
		return -ENOMEM;
	memcpy(*copy, folder.s, folder.len);
	f->n++;
	return 0;
}

static int list_once(struct folders *f, struct name folder)
{
	const struct table_key key = key_of(f, NO_DEVICE, folder);
	struct table_slot *slot;
	int rc;

	if (table_find(&f->seen, &key))
		return 0;
	rc = append(f, folder);
	return rc ? rc : table_add(&f->seen, &key, &done, &slot);
}

/* For a folder that is new on this device. */
static int take_new(struct folders *f, const struct judge_process *process,
		    const struct mapping *mapping, struct name path)
{
	const struct name folder = folder_of(path);
	const struct table_key key = key_of(f, mapping->device, folder);
	enum mountinfo_fs fs;
	int rc;

	rc = roots_fs_of(process->root, process->dirfd, mapping->device, &fs);
	if (rc < 0)
		return rc;
	/* To watch a folder of another host might wait for that host. */
	if (fs != MOUNTINFO_LOCAL)
		return remember(f, &key);
	rc = list_once(f, folder);
	return rc ? rc : remember(f, &key);
}

/*
 * The text of maps writes "\012" for a newline, and for itself.  Where it cannot be asked
 * which, the folder is listed as it stands there.  Returns 0 or a fatal error.
 */
static int raw_name(const struct judge_process *process, const struct mapping *mapping,
		    char buf[static PATH_MAX], struct name *ret)
{
	ssize_t n = -ENOENT;

	if (mapping->is_escaped && memchr(mapping->name.s, '\\', mapping->name.len))
		n = evidence_raw_name(process, mapping, buf, PATH_MAX);
	if (procfs_is_fatal((int)n))
		return (int)n;
	*ret = n > 0 ? (struct name){buf, (size_t)n} : mapping->name;
	return 0;
}

int folders_take(struct folders *folders, const struct judge_process *process,
		 const struct mapping *mapping)
{
	struct name path;
	struct table_key key;
	char buf[PATH_MAX];
	int rc;

	if (folders->n >= FOLDERS_MAX || !is_of_this_host(folders, process->root))
		return 0;
	rc = raw_name(process, mapping, buf, &path);
	if (rc < 0)
		return rc;
	/* The kernel's mark stands behind the folder; a name with one in front is not in
	 * the table. */
	key = key_of(folders, mapping->device, folder_of(path));
	if (table_find(&folders->seen, &key))
		return 0;
	name_unmark(path, &path);
	if (!name_begins(path, "/") || name_is_kernel_object(path, mapping->inode))
		return 0;
	return take_new(folders, process, mapping, path);
}
