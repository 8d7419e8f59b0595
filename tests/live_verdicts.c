/*
 * live_verdicts.c - deleted, replaced, superseded, reinstalled or current: what package
 * managers and people do to a library that is in use.
 */
#include "support/livecheck.h"
#include "support/liverow.h"
#include "test.h"

#define Z   "libz.so.1"
#define OLD "libz.so.1.2.11"
#define NEW "libz.so.1.2.13"

static struct liverow rows[] = {
	{
		.name = "an_untouched_library_is_current",
		.before = {LIB(Z, Z, "a")},
		.map = Z,
		.verdict = CURRENT,
	},
	{
		.name = "a_removed_library_is_deleted",
		.before = {LIB(Z, Z, "a")},
		.map = Z,
		.after = {UNLINK(Z)},
		.verdict = DELETED,
	},
	{
		.name = "a_library_removed_with_its_folder_is_deleted",
		.before = {MKDIR("d"), LIB("d/" Z, Z, "a")},
		.map = "d/" Z,
		.after = {UNLINK("d/" Z), RENAME("d", "e")},
		.verdict = DELETED,
		.path = "e/" Z, /* the kernel knows the folder by its new name */
	},
	{
		.name = "a_folder_in_place_of_the_library_is_no_successor",
		.before = {LIB(Z, Z, "a")},
		.map = Z,
		.after = {UNLINK(Z), MKDIR(Z)},
		.verdict = DELETED,
	},
	{
		.name = "an_upgrade_by_dpkg_replaces",
		.before = {LIB(Z, Z, "a")},
		.map = Z,
		.after = {LINK(Z, Z ".dpkg-tmp"), LIB(Z ".dpkg-new", Z, "b"),
			  RENAME(Z ".dpkg-new", Z), UNLINK(Z ".dpkg-tmp")},
		.verdict = REPLACED,
	},
	{
		.name = "an_upgrade_by_dpkg_that_left_the_old_link_replaces",
		.before = {LIB(Z, Z, "a")},
		.map = Z,
		.after = {LINK(Z, Z ".dpkg-tmp"), LIB(Z ".dpkg-new", Z, "b"),
			  RENAME(Z ".dpkg-new", Z)},
		.verdict = REPLACED,
	},
	{
		.name = "an_upgrade_rolled_back_is_current",
		.before = {LIB(Z, Z, "a")},
		.map = Z,
		.after = {LINK(Z, Z ".dpkg-tmp"), LIB(Z ".dpkg-new", Z, "b"),
			  RENAME(Z ".dpkg-new", Z), RENAME(Z ".dpkg-tmp", Z)},
		.verdict = CURRENT,
	},
	{
		.name = "a_deleted_name_is_deleted_while_another_link_lives",
		.before = {LIB(Z, Z, "a"), LINK(Z, "backup")},
		.map = Z,
		.after = {UNLINK(Z)},
		.verdict = DELETED,
	},
	{
		.name = "a_replaced_name_is_replaced_while_another_link_lives",
		.before = {LIB(Z, Z, "a"), LINK(Z, "backup"), LIB("new", Z, "b")},
		.map = Z,
		.after = {RENAME("new", Z)},
		.verdict = REPLACED,
	},
	{
		.name = "the_other_link_of_a_deleted_name_is_current",
		.before = {LIB(Z, Z, "a"), LINK(Z, "backup")},
		.map = "backup",
		.after = {UNLINK(Z)},
		.verdict = CURRENT,
	},
	{
		.name = "a_renamed_library_is_current",
		.before = {LIB(Z, Z, "a")},
		.map = Z,
		.after = {RENAME(Z, "elsewhere.so")},
		.verdict = CURRENT,
	},
	{
		.name = "a_symbolic_link_to_the_library_in_its_place_is_current",
		.before = {LIB(Z, Z, "a"), LINK(Z, "store")},
		.map = Z,
		.after = {UNLINK(Z), SYMLINK("store", Z)},
		.verdict = CURRENT,
	},
	{
		.name = "the_same_build_again_is_reinstalled",
		.before = {LIB(Z, Z, "a")},
		.map = Z,
		.after = {COPY(Z, "new"), RENAME("new", Z)},
		.verdict = REINSTALLED,
	},
	{
		.name = "the_same_bytes_without_a_build_id_are_replaced",
		.before = {LIB(Z, Z, NULL)},
		.map = Z,
		.after = {COPY(Z, "new"), RENAME("new", Z)},
		.verdict = REPLACED,
	},
	{
		.name = "a_successor_that_lost_its_build_id_replaces",
		.before = {LIB(Z, Z, "a"), LIB("new", Z, NULL)},
		.map = Z,
		.after = {RENAME("new", Z)},
		.verdict = REPLACED,
	},
	{
		.name = "a_successor_that_is_no_library_replaces",
		.before = {LIB(Z, Z, "a"), TEXT("new")},
		.map = Z,
		.after = {RENAME("new", Z)},
		.verdict = REPLACED,
	},
	{
		.name = "moved_aside_as_old_with_a_new_one_installed_is_superseded",
		.before = {LIB(Z, Z, "a")},
		.map = Z,
		.after = {RENAME(Z, Z ".old"), LIB(Z, Z, "b")},
		.verdict = SUPERSEDED,
		.path = Z ".old",
	},
	{
		.name = "moved_aside_with_a_dash_is_superseded",
		.before = {LIB(Z, Z, "a")},
		.map = Z,
		.after = {RENAME(Z, Z "-20260101"), LIB(Z, Z, "b")},
		.verdict = SUPERSEDED,
		.path = Z "-20260101",
	},
	{
		.name = "moved_aside_with_a_tilde_is_superseded",
		.before = {LIB(Z, Z, "a")},
		.map = Z,
		.after = {RENAME(Z, Z "~"), LIB(Z, Z, "b")},
		.verdict = SUPERSEDED,
		.path = Z "~",
	},
	{
		.name = "moved_aside_under_another_name_is_current",
		.before = {LIB(Z, Z, "a")},
		.map = Z,
		.after = {RENAME(Z, Z "old"), LIB(Z, Z, "b")},
		.verdict = CURRENT,
	},
	{
		.name = "moved_aside_with_nothing_installed_is_current",
		.before = {LIB(Z, Z, "a")},
		.map = Z,
		.after = {RENAME(Z, Z ".old")},
		.verdict = CURRENT,
	},
	{
		.name = "moved_to_another_folder_is_current",
		.before = {MKDIR("old"), LIB(Z, Z, "a")},
		.map = Z,
		.after = {RENAME(Z, "old/" Z ".old"), LIB(Z, Z, "b")},
		.verdict = CURRENT,
	},
	{
		.name = "moved_aside_with_the_same_build_installed_is_current",
		.before = {LIB(Z, Z, "a")},
		.map = Z,
		.after = {COPY(Z, "new"), RENAME(Z, Z ".old"), RENAME("new", Z)},
		.verdict = CURRENT,
	},
	{
		.name = "an_old_version_whose_soname_link_moved_on_is_superseded",
		.before = {LIB(OLD, Z, "a"), SYMLINK(OLD, Z), LIB(NEW, Z, "b")},
		.map = Z,
		.after = {SYMLINK(NEW, "new"), RENAME("new", Z)},
		.verdict = SUPERSEDED,
		.path = OLD,
	},
	{
		.name = "a_version_that_the_soname_link_leads_to_is_current",
		.before = {LIB(OLD, Z, "a"), SYMLINK(OLD, Z), LIB(NEW, Z, "b")},
		.map = Z,
		.verdict = CURRENT,
	},
	{
		.name = "an_unrelated_text_file_in_place_supersedes_nothing",
		.before = {LIB(OLD, Z, "a"), SYMLINK(OLD, Z), TEXT("new")},
		.map = Z,
		.after = {RENAME("new", Z)},
		.verdict = CURRENT,
	},
	{
		.name = "a_library_without_build_id_in_place_supersedes_nothing",
		.before = {LIB(OLD, Z, "a"), SYMLINK(OLD, Z), LIB("new", Z, NULL)},
		.map = Z,
		.after = {RENAME("new", Z)},
		.verdict = CURRENT,
	},
	{
		.name = "an_old_version_without_build_id_is_not_superseded",
		.before = {LIB(OLD, Z, NULL), SYMLINK(OLD, Z), LIB("new", Z, "b")},
		.map = Z,
		.after = {RENAME("new", Z)},
		.verdict = CURRENT,
	},
	{
		.name = "an_old_version_without_soname_is_not_superseded",
		.before = {LIB(OLD, NULL, "a"), SYMLINK(OLD, Z), LIB("new", Z, "b")},
		.map = Z,
		.after = {RENAME("new", Z)},
		.verdict = CURRENT,
	},
	{
		.name = "a_dangling_soname_link_supersedes_nothing",
		.before = {LIB(OLD, Z, "a"), SYMLINK(OLD, Z)},
		.map = Z,
		.after = {SYMLINK("nowhere", "new"), RENAME("new", Z)},
		.verdict = CURRENT,
	},
	{
		.name = "a_folder_in_place_of_the_soname_supersedes_nothing",
		.before = {LIB(OLD, Z, "a"), MKDIR(Z)},
		.map = OLD,
		.verdict = CURRENT,
	},
	{
		/* libomp-14.so.5 has the SONAME libomp.so.5, which is another package's */
		.name = "a_name_that_does_not_begin_with_its_soname_is_current",
		.before = {LIB("libomp-14.so.5", "libomp.so.5", "a"),
			   LIB("libomp.so.5", "libomp.so.5", "b")},
		.map = "libomp-14.so.5",
		.verdict = CURRENT,
	},
	{
		.name = "a_name_that_begins_with_the_soname_of_another_is_current",
		.before = {LIB("libz.so.1.2", "libq.so.1", "a"), LIB(Z, Z, "b")},
		.map = "libz.so.1.2",
		.verdict = CURRENT,
	},
	{
		/* libpython3.12.so.1.0 and libpython3.so */
		.name = "a_name_that_begins_like_another_library_is_current",
		.before = {LIB("libpython3.so.1.0", "libpython3.so.1.0", "a"),
			   LIB("libpython3.so", "libpython3.so", "b")},
		.map = "libpython3.so.1.0",
		.verdict = CURRENT,
	},
	{
		.name = "a_soname_that_leads_out_of_the_folder_is_not_followed",
		.before = {MKDIR("libz.so.1"), LIB("libz.so.1/b", Z, "b"),
			   LIB("libz.so.1.2", "libz.so.1/b", "a")},
		.map = "libz.so.1.2",
		.verdict = CURRENT,
	},
	{
		.name = "an_execute_only_mapping_is_code",
		.before = {LIB(Z, Z, "a")},
		.map = Z,
		.letters = "x",
		.after = {UNLINK(Z)},
		.verdict = DELETED,
	},
	{
		.name = "a_writable_and_executable_mapping_is_code",
		.before = {LIB(Z, Z, "a")},
		.map = Z,
		.letters = "rwx",
		.after = {UNLINK(Z)},
		.verdict = DELETED,
	},
	{
		.name = "a_readable_mapping_is_data",
		.before = {LIB(Z, Z, "a")},
		.map = Z,
		.letters = "r",
		.after = {UNLINK(Z)},
		.verdict = CURRENT,
	},
	{
		.name = "a_writable_mapping_is_data",
		.before = {LIB(Z, Z, "a")},
		.map = Z,
		.letters = "rw",
		.after = {UNLINK(Z)},
		.verdict = CURRENT,
	},
	{
		.name = "a_readable_mapping_of_a_superseded_file_is_data",
		.before = {LIB(Z, Z, "a")},
		.map = Z,
		.letters = "r",
		.after = {RENAME(Z, Z ".old"), LIB(Z, Z, "b")},
		.verdict = CURRENT,
	},
};

int main(void)
{
	return liverow_run_group("live_verdicts", rows, ARRAY_LEN(rows));
}
