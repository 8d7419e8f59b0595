/*
 * live_names.c - what a file is called must not matter: names as hostile as a file system
 * lets them be, and names that look as if the kernel had written them.
 */
#include "support/livecheck.h"
#include "support/liverow.h"
#include "test.h"

/* A row for a library that is deleted. */
#define DELETED_AS(sentence, file)                                                       \
	{                                                                                \
		.name = (sentence), .before = {LIB((file), "libx.so.1", "a")},           \
		.map = (file), .after = {UNLINK((file))}, .verdict = DELETED,            \
	}
/* And for one that lives. */
#define LIVE_AS(sentence, file)                                                          \
	{                                                                                \
		.name = (sentence), .before = {LIB((file), "libx.so.1", "a")},           \
		.map = (file), .verdict = CURRENT,                                       \
	}

static struct liverow rows[] = {
	DELETED_AS("blanks_in_a_name_are_part_of_it", "lib a  b.so.1"),
	DELETED_AS("a_leading_blank_is_part_of_the_name", " libx.so.1"),
	DELETED_AS("a_trailing_blank_is_part_of_the_name", "libx.so.1 "),
	DELETED_AS("a_trailing_newline_is_part_of_the_name", "libx.so.1\n"),
	DELETED_AS("a_newline_in_a_name_does_not_end_it", "lib\nx.so.1"),
	DELETED_AS("a_newline_does_not_start_a_line_of_maps",
		   "x\n7f0000000000-7f0000001000 r-xp 00000000 08:01 1 fake (deleted)"),
	DELETED_AS("backslash_012_is_taken_literally", "lib\\012x.so.1"),
	DELETED_AS("a_tab_is_part_of_the_name", "lib\tx.so.1"),
	DELETED_AS("escape_sequences_are_part_of_the_name", "lib\033[31mx\033[0m.so.1"),
	DELETED_AS("a_carriage_return_is_part_of_the_name", "lib\rx.so.1"),
	DELETED_AS("invalid_utf8_is_part_of_the_name", "lib\xff\xfe\xc3(x.so.1"),
	DELETED_AS("c1_controls_are_part_of_the_name", "lib\xc2\x9bx.so.1"),
	DELETED_AS("a_pipe_is_part_of_the_name", "lib|x.so.1"),
	DELETED_AS("perfdata_in_a_name_stays_in_it", "lib | processes=0;0;;0 x.so.1"),
	DELETED_AS("html_is_part_of_the_name", "lib<b>x<br>&amp;.so.1"),
	DELETED_AS("quotes_and_dollars_are_part_of_the_name", "lib\"'`$(id);x.so.1"),
	DELETED_AS("a_closing_bracket_is_part_of_the_name", "lib) R 1 x.so.1"),
	DELETED_AS("a_deleted_file_really_named_deleted_is_unmarked_once",
		   "x.so (deleted)"),
	DELETED_AS("a_deleted_file_twice_named_deleted_is_unmarked_once",
		   "x.so (deleted) (deleted)"),
	DELETED_AS("a_file_named_as_the_mark_alone", " (deleted)"),
	DELETED_AS("a_file_named_as_system_v_memory_is_a_file", "SYSV00000000"),
	DELETED_AS("a_file_named_as_a_memfd_is_a_file", "memfd:libx.so.1"),
	DELETED_AS("a_file_named_as_an_aio_ring_is_a_file", "[aio]"),
	DELETED_AS("a_file_named_as_a_graphics_object_is_a_file", "i915"),
	DELETED_AS("a_file_named_drm_mm_object_is_a_file", "drm mm object"),
	DELETED_AS("a_file_with_the_number_of_another_inode_is_no_tmpfile", "#1"),
	LIVE_AS("a_live_file_really_named_deleted_is_current", "x.so (deleted)"),
	LIVE_AS("a_live_file_named_as_nfs_names_deleted_ones_is_current",
		".nfs0000000001c2a5d300000003"),
	LIVE_AS("a_live_file_with_a_newline_is_current", "lib\nx.so (deleted)"),
	LIVE_AS("a_live_file_with_backslash_012_is_current", "lib\\012x.so (deleted)"),
	{
		.name = "a_live_decoy_named_deleted_does_not_hide_a_deleted_file",
		.before = {LIB("x.so", "x.so", "a"), LIB("x.so (deleted)", "x.so", "a")},
		.map = "x.so",
		.after = {UNLINK("x.so")},
		.verdict = DELETED,
	},
	{
		.name = "a_dead_decoy_does_not_turn_a_live_file_stale",
		.before = {LIB("x.so", "x.so", "b"), LIB("x.so (deleted)", "x.so", "a")},
		.map = "x.so (deleted)",
		.after = {UNLINK("x.so")},
		.verdict = CURRENT,
	},
	{
		.name = "a_file_named_as_the_text_of_maps_shows_another_is_no_successor",
		.before = {LIB("lib\nx.so", NULL, "a"), LIB("lib\\012x.so", NULL, "b")},
		.map = "lib\nx.so",
		.after = {UNLINK("lib\nx.so")},
		.verdict = DELETED,
	},
	{
		.name = "a_replaced_file_with_a_newline_has_a_successor",
		.before = {LIB("lib\nx.so", NULL, "a"), LIB("new", NULL, "b")},
		.map = "lib\nx.so",
		.after = {RENAME("new", "lib\nx.so")},
		.verdict = REPLACED,
	},
	{
		.name = "a_file_with_a_newline_is_superseded",
		.before = {LIB("lib\nz.so.1", "lib\nz.so.1", "a")},
		.map = "lib\nz.so.1",
		.after = {RENAME("lib\nz.so.1", "lib\nz.so.1.old"),
			  LIB("lib\nz.so.1", "lib\nz.so.1", "b")},
		.verdict = SUPERSEDED,
		.path = "lib\nz.so.1.old",
	},
	{
		.name = "the_temporary_name_of_rpm_is_undone",
		.before = {LIB("libx.so.1;5f3a91c2", NULL, "a")},
		.map = "libx.so.1;5f3a91c2",
		.after = {UNLINK("libx.so.1;5f3a91c2")},
		.verdict = DELETED,
		.path = "libx.so.1",
	},
	{
		.name = "the_successor_of_a_temporary_name_is_the_final_one",
		.before = {LIB("libx.so.1;5f3a91c2", NULL, "a"),
			   LIB("libx.so.1", NULL, "b")},
		.map = "libx.so.1;5f3a91c2",
		.after = {UNLINK("libx.so.1;5f3a91c2")},
		.verdict = REPLACED,
		.path = "libx.so.1",
	},
	{
		.name = "the_temporary_name_of_dpkg_is_undone",
		.before = {LIB("libx.so.1.dpkg-new", NULL, "a")},
		.map = "libx.so.1.dpkg-new",
		.after = {UNLINK("libx.so.1.dpkg-new")},
		.verdict = DELETED,
		.path = "libx.so.1",
	},
};

int main(void)
{
	return liverow_run_group("live_names", rows, ARRAY_LEN(rows));
}
