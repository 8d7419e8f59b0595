/*
 * test_judge.c - verdicts on files of a process that is made up: its folder in the proc
 * tree is one of ours, with links for exe, root and map_files, so that every inode and
 * device can be chosen.
 */
#include "tests/test.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scan/judge.h"
#include "scan/lookup.h"
#include "tests/support/elfmake.h"
#include "tests/support/proctree.h"

#define SECOND INT64_C(1000000000)

/* PROCESS/{root -> ., map_files/1000-2000 -> OLD} and files beside it. */
struct scene {
	struct proctree tree;
	struct findings *findings;
	struct verdicts verdicts;
	struct judge judge;
	struct roots roots;
	struct judge_process process;
	struct mapping mapping;
	struct lookup_stat old;
	char name[256];
};

static void path_of(const struct scene *s, const char *name, char path[256])
{
	assert_in_range(snprintf(path, 256, "%s/%s", s->tree.path, name), 1, 255);
}

static void elf(const struct scene *s, const char *name, const char *soname, char build)
{
	char path[256];

	path_of(s, name, path);
	assert_int_equal(
		elfmake_write(path, &(struct elfmake){.soname = soname, .build = build}),
		0);
}

static int setup(void **state)
{
	struct scene *s = calloc(1, sizeof(*s));
	const struct procfs fs = {.is_proc = true};
	char path[256];

	assert_non_null(s);
	proctree_init(&s->tree);
	path_of(s, "map_files", path);
	assert_int_equal(mkdir(path, 0755), 0);
	/* A short ctime ago: the loss of the name is later than the start. */
	proctree_link(&s->tree, "root", ".");
	proctree_write(&s->tree, "mountinfo", "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n", 35);
	assert_int_equal(findings_new(&s->findings), 0);
	verdicts_init(&s->verdicts, s->findings, 4711);
	s->judge.verdicts = &s->verdicts;
	assert_int_equal(roots_init(&s->roots, &fs, 4711), 0);
	s->process.dirfd = open(s->tree.path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	s->process.rootfd = open(s->tree.path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	s->process.mapsfd = -1;
	s->process.method = STALE_METHOD_MAPS;
	assert_int_equal(roots_find(&s->roots, s->process.dirfd, &s->process.root), 0);
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	struct scene *s = *state;

	close(s->process.dirfd);
	close(s->process.rootfd);
	roots_release(&s->roots);
	verdicts_release(&s->verdicts);
	findings_free(s->findings);
	proctree_release(&s->tree);
	free(s);
	return 0;
}

/* The process maps the file at old, and the kernel calls it kernel_name. */
static void maps(struct scene *s, const char *old, const char *kernel_name)
{
	char path[256];

	path_of(s, old, path);
	assert_int_equal(lookup_stat(-1, path, &s->old), 0);
	proctree_link(&s->tree, "map_files/1000-2000", path);
	/* The root is the tree: what the kernel says begins with it. */
	path_of(s, kernel_name, s->name);
	s->mapping = (struct mapping){
		.start = 0x1000,
		.end = 0x2000,
		.device = s->old.device,
		.inode = s->old.inode,
		.name = {s->name, strlen(s->name)},
	};
}

static void assert_in_tree(const struct scene *s, const char *path, const char *name)
{
	char want[256];

	path_of(s, name, want);
	assert_string_equal(path, want);
}

static const struct found_file *suspect(struct scene *s)
{
	const struct found_file *file = NULL;

	assert_int_equal(
		judge_suspect(&s->judge, &s->process, &s->mapping, STALE_LIB, &file), 0);
	return file;
}

static const struct found_file *live(struct scene *s)
{
	const struct found_file *file = NULL;

	assert_int_equal(
		judge_live(&s->judge, &s->process, &s->mapping, STALE_LIB, &file), 0);
	return file;
}

static void name_without_a_file_is_deleted_with_the_old_ctime(void **state)
{
	struct scene *s = *state;
	const struct found_file *file;

	elf(s, "kept", NULL, 'a');
	maps(s, "kept", "lib.so (deleted)");
	file = suspect(s);
	assert_non_null(file);
	assert_int_equal(file->why, STALE_DELETED);
	assert_in_tree(s, file->path, "lib.so");
	assert_int_equal(file->since, s->old.ctime_ns / SECOND);
	assert_int_equal(file->since_source, STALE_SINCE_OLD_INODE);
	assert_int_equal(file->build_id_len, ELFMAKE_BUILD_ID_LEN);
	assert_int_equal(file->build_id[0], 'a');
}

static void name_of_another_build_is_replaced_and_of_the_same_reinstalled(void **state)
{
	const struct row {
		const char *label;
		char old, new;
		enum stale_why why;
	} rows[] = {
		{"other build", 'a', 'b', STALE_REPLACED},
		{"same build", 'a', 'a', STALE_REINSTALLED},
		{"old one without build-id", 0, 'a', STALE_REPLACED},
		{"new one without build-id", 'a', 0, STALE_REPLACED},
		{"none has one", 0, 0, STALE_REPLACED},
	};
	struct scene *s = *state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct found_file *file;
		char path[256];

		elf(s, "kept", NULL, rows[i].old);
		elf(s, "lib.so", NULL, rows[i].new);
		maps(s, "kept", "lib.so (deleted)");
		file = suspect(s);
		row_number(rows[i].label, "stale", file != NULL, 1);
		row_number(rows[i].label, "why", file->why, rows[i].why);
		assert_in_tree(s, file->successor, "lib.so");
		path_of(s, "kept", path);
		unlink(path);
		path_of(s, "lib.so", path);
		unlink(path);
		path_of(s, "map_files/1000-2000", path);
		unlink(path);
	}
}

static void any_name_that_leads_to_the_inode_clears_the_file(void **state)
{
	const char *const files[] = {"lib.so", "lib.so (deleted)", "lib.so.dpkg-new"};
	const char *const names[] = {"lib.so (deleted)", "lib.so (deleted)",
				     "lib.so.dpkg-new (deleted)"};
	struct scene *s = *state;

	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		char path[256];

		elf(s, files[i], NULL, 'a');
		maps(s, files[i], names[i]);
		row_number(files[i], "stale", suspect(s) != NULL, 0);
		path_of(s, files[i], path);
		unlink(path);
		path_of(s, "map_files/1000-2000", path);
		unlink(path);
	}
	/* And so does the name that the package manager is about to give it. */
	elf(s, "lib.so", NULL, 'a');
	maps(s, "lib.so", "lib.so.dpkg-new (deleted)");
	assert_null(suspect(s));
}

/* A new tmpfs numbers its files from the beginning. */
static bool mount_tmpfs(const struct scene *s, const char *name)
{
	char path[256];

	path_of(s, name, path);
	return mkdir(path, 0755) == 0 && mount("tmpfs", path, "tmpfs", 0, NULL) == 0;
}

static void equal_inode_number_on_another_device_does_not_clear_it(void **state)
{
	struct scene *s = *state;
	struct lookup_stat st;
	char path[256];

	if (unshare(CLONE_NEWNS) < 0 || mount("", "/", "", MS_REC | MS_PRIVATE, "") < 0 ||
	    !mount_tmpfs(s, "old") || !mount_tmpfs(s, "new")) {
		print_message("# skip %s: needs the privilege to mount\n", __func__);
		skip();
	}
	/* Of the new mount namespace, or it would not see the mounts. */
	close(s->process.rootfd);
	s->process.rootfd = open(s->tree.path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	elf(s, "old/lib.so", NULL, 'a');
	elf(s, "new/lib.so", NULL, 'b');
	maps(s, "old/lib.so", "new/lib.so (deleted)");
	path_of(s, "new/lib.so", path);
	assert_int_equal(lookup_stat(-1, path, &st), 0);
	assert_int_equal(st.inode, s->mapping.inode);
	assert_non_null(suspect(s));
	assert_int_equal(suspect(s)->why, STALE_REPLACED);
	path_of(s, "old", path);
	umount2(path, MNT_DETACH);
	path_of(s, "new", path);
	umount2(path, MNT_DETACH);
}

static void folder_in_the_place_of_the_file_is_no_successor(void **state)
{
	struct scene *s = *state;
	char path[256];

	elf(s, "kept", NULL, 'a');
	path_of(s, "lib.so", path);
	assert_int_equal(mkdir(path, 0755), 0);
	maps(s, "kept", "lib.so (deleted)");
	assert_int_equal(suspect(s)->why, STALE_DELETED);
	assert_null(suspect(s)->successor);
}

static void old_inode_out_of_reach_is_dated_by_its_successor(void **state)
{
	struct scene *s = *state;
	const struct found_file *file;
	struct lookup_stat st;
	char path[256];

	elf(s, "kept", NULL, 'a');
	elf(s, "lib.so", NULL, 'b');
	maps(s, "kept", "lib.so (deleted)");
	path_of(s, "map_files/1000-2000", path);
	unlink(path);
	path_of(s, "lib.so", path);
	assert_int_equal(lookup_stat(-1, path, &st), 0);
	file = suspect(s);
	if (!st.birth_ns) {
		assert_int_equal(file->since_source, STALE_SINCE_SUCCESSOR_CHANGE);
		return;
	}
	assert_int_equal(file->since_source, STALE_SINCE_SUCCESSOR_BIRTH);
	assert_int_equal(file->since, st.birth_ns / SECOND);
	/* Unknown, hence not the same build: the kernel's word stands. */
	assert_int_equal(file->why, STALE_REPLACED);
}

static void ctime_from_before_the_start_is_no_loss_of_a_name(void **state)
{
	struct scene *s = *state;

	/* As on overlayfs, which hides a lower file and leaves its inode alone. */
	elf(s, "kept", NULL, 'a');
	maps(s, "kept", "lib.so (deleted)");
	s->process.start_ns = s->old.ctime_ns + SECOND;
	assert_int_equal(suspect(s)->since_source, STALE_SINCE_UNKNOWN);
	elf(s, "lib.so", NULL, 'b');
	assert_int_not_equal(suspect(s)->since_source, STALE_SINCE_OLD_INODE);
	s->process.start_ns = s->old.ctime_ns - SECOND;
	assert_int_equal(suspect(s)->since_source, STALE_SINCE_OLD_INODE);
}

static void unknown_root_leaves_the_word_of_the_kernel(void **state)
{
	struct scene *s = *state;

	elf(s, "lib.so", NULL, 'a');
	maps(s, "lib.so", "lib.so (deleted)");
	assert_null(suspect(s));
	close(s->process.rootfd);
	s->process.rootfd = -1;
	assert_int_equal(suspect(s)->why, STALE_DELETED);
}

static void soname_that_leads_to_another_build_supersedes(void **state)
{
	const struct row {
		const char *label;
		const char *file;   /* what is mapped, with soname libz.so.1 */
		char build;         /* of it */
		const char *target; /* libz.so.1 */
		char target_build;
		bool want;
	} rows[] = {
		{"version kept", "libz.so.1.2.11", 'a', "libz.so.1", 'b', true},
		{"moved aside", "libz.so.1.old", 'a', "libz.so.1", 'b', true},
		{"backup with a tilde", "libz.so.1~", 'a', "libz.so.1", 'b', true},
		{"with a dash", "libz.so.1-2020", 'a', "libz.so.1", 'b', true},
		{"same build", "libz.so.1.2.11", 'a', "libz.so.1", 'a', false},
		{"old one has none", "libz.so.1.2.11", 0, "libz.so.1", 'b', false},
		{"new one has none", "libz.so.1.2.11", 'a', "libz.so.1", 0, false},
		{"only a longer sibling", "libz.so.1.2.11", 'a', "libz.so.1.2", 'b',
		 false},
		{"no suffix", "libz.so.12", 'a', "libz.so.1", 'b', false},
		{"nothing beside it", "libz.so.1.2.11", 'a', "other.so", 'b', false},
	};
	struct scene *s = *state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct found_file *file;
		char path[256];

		elf(s, rows[i].file, "libz.so.1", rows[i].build);
		elf(s, rows[i].target, "libz.so.1", rows[i].target_build);
		maps(s, rows[i].file, rows[i].file);
		file = live(s);
		row_number(rows[i].label, "superseded", file != NULL, rows[i].want);
		if (file) {
			assert_int_equal(file->why, STALE_SUPERSEDED);
			assert_in_tree(s, file->successor, "libz.so.1");
			assert_int_equal(file->build_id[0], rows[i].build);
		}
		path_of(s, rows[i].file, path);
		unlink(path);
		path_of(s, rows[i].target, path);
		unlink(path);
		path_of(s, "map_files/1000-2000", path);
		unlink(path);
	}
}

static void file_under_a_mount_is_not_superseded(void **state)
{
	struct scene *s = *state;

	/* The name leads to something else without a mark: only a mount does that. */
	elf(s, "kept", "libz.so.1", 'a');
	elf(s, "libz.so.1.2", "libz.so.1", 'b');
	elf(s, "libz.so.1", "libz.so.1", 'b');
	maps(s, "kept", "libz.so.1.2");
	assert_null(live(s));
}

static void superseded_since_the_later_of_link_and_target(void **state)
{
	struct scene *s = *state;
	struct lookup_stat st;
	char path[256];

	elf(s, "libz.so.1.2.11", "libz.so.1", 'a');
	elf(s, "libz.so.1.2.13", "libz.so.1", 'b');
	proctree_link(&s->tree, "libz.so.1", "libz.so.1.2.13");
	path_of(s, "libz.so.1.2.13", path);
	assert_int_equal(chmod(path, 0700), 0);
	assert_int_equal(lookup_stat(-1, path, &st), 0);
	maps(s, "libz.so.1.2.11", "libz.so.1.2.11");
	assert_int_equal(live(s)->since_source, STALE_SINCE_SUCCESSOR_CHANGE);
	assert_in_range(live(s)->since, st.ctime_ns / SECOND, st.ctime_ns / SECOND + 2);
}

static void file_systems_of_other_hosts_are_not_looked_at(void **state)
{
	const struct row {
		const char *type;
		bool want;
	} rows[] = {
		{"ext4", true}, {"nfs4", false}, {"cifs", false}, {"fuse.sshfs", false}};
	struct scene *s = *state;

	elf(s, "libz.so.1.2", "libz.so.1", 'a');
	elf(s, "libz.so.1", "libz.so.1", 'b');
	maps(s, "libz.so.1.2", "libz.so.1.2");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct procfs fs = {.is_proc = true};
		char line[200];
		int n = snprintf(line, sizeof(line), "1 0 %u:%u / / rw - %s x rw\n",
				 (unsigned)(s->old.device >> 32), (unsigned)s->old.device,
				 rows[i].type);

		proctree_write(&s->tree, "mountinfo", line, (size_t)n);
		roots_release(&s->roots);
		assert_int_equal(roots_init(&s->roots, &fs, 4711), 0);
		assert_int_equal(
			roots_find(&s->roots, s->process.dirfd, &s->process.root), 0);
		row_number(rows[i].type, "superseded", live(s) != NULL, rows[i].want);
	}
}

static void open_file_that_nfs_renamed_is_deleted(void **state)
{
	struct scene *s = *state;
	const struct procfs fs = {.is_proc = true};
	char line[200];
	int n;

	elf(s, ".nfs00000000002400a100000001", NULL, 'a');
	maps(s, ".nfs00000000002400a100000001", ".nfs00000000002400a100000001");
	/* On any other file system it is just a name. */
	assert_null(live(s));
	n = snprintf(line, sizeof(line), "1 0 %u:%u / / rw - nfs4 x rw\n",
		     (unsigned)(s->old.device >> 32), (unsigned)s->old.device);
	proctree_write(&s->tree, "mountinfo", line, (size_t)n);
	roots_release(&s->roots);
	assert_int_equal(roots_init(&s->roots, &fs, 4711), 0);
	assert_int_equal(roots_find(&s->roots, s->process.dirfd, &s->process.root), 0);
	assert_int_equal(live(s)->why, STALE_DELETED);
}

static void findings_without_room_are_told(void **state)
{
	struct scene *s = *state;
	const struct found_file *file = NULL;

	elf(s, "kept", NULL, 'a');
	maps(s, "kept", "lib.so (deleted)");
	while (findings_alloc(s->findings, 64))
		;
	assert_int_equal(
		judge_suspect(&s->judge, &s->process, &s->mapping, STALE_LIB, &file),
		-ENOBUFS);
	assert_null(file);
}

#define SCENE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE(name_without_a_file_is_deleted_with_the_old_ctime),
		SCENE(name_of_another_build_is_replaced_and_of_the_same_reinstalled),
		SCENE(any_name_that_leads_to_the_inode_clears_the_file),
		SCENE(equal_inode_number_on_another_device_does_not_clear_it),
		SCENE(folder_in_the_place_of_the_file_is_no_successor),
		SCENE(old_inode_out_of_reach_is_dated_by_its_successor),
		SCENE(ctime_from_before_the_start_is_no_loss_of_a_name),
		SCENE(unknown_root_leaves_the_word_of_the_kernel),
		SCENE(soname_that_leads_to_another_build_supersedes),
		SCENE(file_under_a_mount_is_not_superseded),
		SCENE(superseded_since_the_later_of_link_and_target),
		SCENE(file_systems_of_other_hosts_are_not_looked_at),
		SCENE(open_file_that_nfs_renamed_is_deleted),
		SCENE(findings_without_room_are_told),
	};

	return cmocka_run_group_tests_name("judge", tests, NULL, NULL);
}
