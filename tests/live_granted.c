/*
 * live_granted.c - what each privilege shows of the processes of another user, as the
 * table in README.md has it; and what is said where one was granted and has no effect.
 */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <sys/capability.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/granted.h"
#include "test.h"

#define LIB     "libx.so.1"
#define SCRATCH "plugin-cache.so"
#define LOG     "log"
#define OTHER   65533
#define OTHERS  "65533"
#define NOBODYS "65534"
#define WORDS   8
#define SUDO    "/usr/bin/sudo"

/* Files that are gone: a library, one that the process itself unpacked, a log. */
static void start_others(struct live *live)
{
	char *lib = live_path(live, LIB), *scratch = live_path(live, SCRATCH),
	     *log = live_path(live, LOG);
	struct live_process *process;

	live_lib(live, LIB, LIB, 'a');
	live_text(live, LOG, "a line\n");
	live_start(live, "setuid", OTHERS, "map", lib, "rx");
	live_start(live, "setuid", OTHERS, "open", log);
	process = live_start(live, "setuid", OTHERS);
	live_lib(live, SCRATCH, NULL, 's');
	assert_int_equal(chown(scratch, OTHER, OTHER), 0);
	live_step(live, process, "map", scratch, "rx");
	live_unlink(live, SCRATCH);
	live_unlink(live, LIB);
	live_unlink(live, LOG);
	free(lib);
	free(scratch);
	free(log);
}

static int set_no_new_privs(void)
{
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0;
}

static int cut_bounding_set(void)
{
	return cap_drop_bound(CAP_SYS_PTRACE) < 0 ? -errno : 0;
}

/* As a container has it, with cap_sys_ptrace added. */
static int be_in_container(void)
{
	static const cap_value_t cut[] = {CAP_DAC_READ_SEARCH, CAP_CHECKPOINT_RESTORE,
					  CAP_SYS_ADMIN};

	for (size_t i = 0; i < ARRAY_LEN(cut); i++)
		if (cap_drop_bound(cut[i]) < 0)
			return -errno;
	return 0;
}

/* Part of the folder again, where capabilities of files have no effect. */
static void mount_nosuid(struct live *live, const char *name)
{
	char *at = live_path(live, name);

	live_own_mounts(live);
	live_mkdir(live, name);
	live_mount(live, NULL, name, ".");
	assert_int_equal(mount(NULL, at, NULL, MS_REMOUNT | MS_BIND | MS_NOSUID, NULL),
			 0);
	free(at);
}

static json_t *run_json(const char *program, const char *const words[],
			const struct granted_way *way)
{
	struct liveplugin_answer answer;
	json_t *json;

	granted_run(program, words, way, &answer);
	json = json_loads(answer.out, 0, NULL);
	if (!json || answer.nerr)
		fail_msg("%s: exit %d: %s", program, answer.status, answer.out);
	liveplugin_release(&answer);
	return json;
}

static int number_of(const json_t *json, const char *part, const char *key)
{
	const json_t *value = json_object_get(json_object_get(json, part), key);

	assert_non_null(value);
	return (int)json_integer_value(value);
}

static const char *state_of(const json_t *json)
{
	return json_string_value(json_object_get(json, "state"));
}

/* How many of the processes are dated. */
static int count_dated(const json_t *json)
{
	const json_t *processes = json_object_get(json, "processes"), *process;
	size_t i;
	int n = 0;

	json_array_foreach(processes, i, process)
	{
		const json_t *files = json_object_get(process, "files");
		const json_t *file = json_array_get(files, 0);

		n += json_is_integer(json_object_get(file, "age_seconds"));
	}
	return n;
}

struct row {
	const char *granted; /* as the table has it */
	const char *caps;    /* of the file; NULL: none */
	struct granted_way way;
	bool nosuid, sudo;
	bool privileged;   /* what the answer is to tell */
	const char *words; /* that say what is wrong; NULL: nothing is */
};

static const struct row rows[] = {
	{.granted = "nothing",
	 .way = {.user = LIVECHILD_PLAIN},
	 .words =
		 "To see the processes of all users run as root, or as root once: setcap "
		 "cap_sys_ptrace,cap_dac_read_search,cap_checkpoint_restore=p "},
	{.granted = "`cap_sys_ptrace`",
	 .caps = GRANTED_PTRACE,
	 .way = {.user = LIVECHILD_PLAIN},
	 .privileged = true,
	 .words = "Without cap_dac_read_search and cap_checkpoint_restore ages, scratch "
		  "code and what others hold open may be unknown\nTo see these, too, as "
		  "root once: setcap "},
	{.granted = "all three",
	 .caps = GRANTED_ALL,
	 .way = {.user = LIVECHILD_PLAIN},
	 .privileged = true},
	{.granted = "root", .way = {.user = LIVECHILD_SAME}, .privileged = true},
	{.granted = "`sudo -n`",
	 .way = {.user = LIVECHILD_PLAIN},
	 .sudo = true,
	 .privileged = true},
	{.granted = "all three, started with `no_new_privs`",
	 .caps = GRANTED_ALL,
	 .way = {.user = LIVECHILD_PLAIN, .before = set_no_new_privs},
	 .words = "cap_sys_ptrace is granted to the program, but has no effect: "
		  "no_new_privs is set (NoNewPrivileges= of a service)\n"},
	{.granted = "all three, mounted `nosuid`",
	 .caps = GRANTED_ALL,
	 .way = {.user = LIVECHILD_PLAIN},
	 .nosuid = true,
	 .words = "cap_sys_ptrace is granted to the program, but has no effect: its file "
		  "system is mounted nosuid\n"},
};

/* In our own mounts: nobody may run this program as root, and nothing else. */
static void allow_sudo(struct live *live, const char *program)
{
	char *rule, *path = live_path(live, "sudoers");

	live_own_mounts(live);
	assert_true(asprintf(&rule, "nobody ALL=(root) NOPASSWD: %s\n", program) > 0);
	live_text(live, "sudoers", rule);
	assert_int_equal(chmod(path, 0440), 0);
	live_mount(live, NULL, "/etc/sudoers", "sudoers");
	free(rule);
	free(path);
}

/* The words of a run: sudo's, the processes, and what else is asked for. */
static void fill_words(const struct row *row, const char *program, const char *pids,
		       const char *const more[2], const char *words[WORDS])
{
	size_t n = 0;

	if (row->sudo) {
		words[n++] = "-n";
		words[n++] = program;
	}
	words[n++] = pids;
	words[n++] = "--count=all";
	words[n++] = more[0];
	words[n++] = more[1];
	words[n] = NULL;
}

static json_t *ask(const struct row *row, const char *program, const char *pids,
		   const char *kind)
{
	const char *const more[2] = {"--format=json", kind};
	const char *words[WORDS];

	fill_words(row, program, pids, more, words);
	return run_json(row->sudo ? SUDO : program, words, &row->way);
}

/* One line of the table.  Owned by the caller. */
static char *make_line(const struct row *row, const char *program, const char *pids)
{
	json_t *code = ask(row, program, pids, "--kind=code");
	json_t *fds = ask(row, program, pids, "--kind=fd");
	const json_t *privileged =
		json_object_get(json_object_get(code, "scan"), "privileged");
	char *line;

	row_number(row->granted, "privileged", json_is_true(privileged), row->privileged);
	assert_true(asprintf(&line, "| %s | %s | %d of %d | %d | %d | %d | %s, %d |\n",
			     row->granted, state_of(code),
			     number_of(code, "scan", "scanned"),
			     number_of(code, "scan", "seen"),
			     number_of(code, "totals", "processes"), count_dated(code),
			     number_of(code, "totals", "ignored"), state_of(fds),
			     number_of(fds, "totals", "fd_files")) > 0);
	json_decref(code);
	json_decref(fds);
	return line;
}

/* What stands in the way is told, and nothing that does not. */
static void compare_words(const struct row *row, const char *answer)
{
	static const char *const signs[] = {"setcap ",
					    "has no effect",
					    "This is root without",
					    "no_new_privs is set",
					    "mounted nosuid",
					    "in the bounding set"};

	if (row->words && !strstr(answer, row->words))
		fail_msg("%s: no \"%s\" in\n%s", row->granted, row->words, answer);
	for (size_t i = 0; i < ARRAY_LEN(signs); i++) {
		const bool is_due = row->words && strstr(row->words, signs[i]);

		/* How to grant what is not granted stands beside the rest. */
		if (!is_due && strstr(answer, signs[i]) && (i > 0 || !row->words))
			fail_msg("%s: \"%s\" in\n%s", row->granted, signs[i], answer);
	}
}

static void expect_words(const struct row *row, const char *program, const char *pids)
{
	static const char *const verbose[2] = {"-v", NULL};
	struct liveplugin_answer answer;
	const char *words[WORDS];

	fill_words(row, program, pids, verbose, words);
	granted_run(row->sudo ? SUDO : program, words, &row->way, &answer);
	compare_words(row, answer.out);
	row_number(row->granted, "is UNKNOWN", answer.status == 3, !row->privileged);
	liveplugin_release(&answer);
}

static char *read_readme(void)
{
	const char *src = getenv("STALE_SRC");
	char *path, *text = NULL;
	size_t room = 0;
	FILE *file;

	assert_true(asprintf(&path, "%s/README.md", src ? src : ".") > 0);
	file = fopen(path, "re");
	free(path);
	if (!file)
		return NULL;
	assert_true(getdelim(&text, &room, '\0', file) > 0);
	fclose(file);
	return text;
}

static const char head[] = "| granted | answer | processes read | outdated | of known "
			   "age | ignored as scratch "
			   "| `--kind=fd` |\n|---|---|---|---|---|---|---|\n";

/* Nothing but these lines may stand there, in this order; one that could not be tried is
 * NULL. */
static void compare_with_readme(char *const lines[])
{
	char *readme = read_readme();
	const char *at = readme ? strstr(readme, head) : NULL;
	bool differs = !at;

	if (at)
		at += strlen(head);
	for (size_t i = 0; at && i < ARRAY_LEN(rows); i++) {
		const char *end = strchr(at, '\n');

		differs |= !end ||
			   (lines[i] && strncmp(at, lines[i], strlen(lines[i])) != 0);
		at = end ? end + 1 : NULL;
	}
	differs |= !at || *at != '\n';
	free(readme);
	if (!differs)
		return;
	print_error("the table in README.md is not what was found:\n%s", head);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		print_error("%s", lines[i] ? lines[i] : "| (no sudo here) |\n");
	fail();
}

/* The program of a row; owned by the caller. */
static char *program_of(struct live *live, const struct row *row)
{
	char name[32], *program, *elsewhere;

	snprintf(name, sizeof(name), "plugin%d", (int)(row - rows));
	program = granted_copy(live, name, row->caps);
	if (row->sudo)
		allow_sudo(live, program);
	if (!row->nosuid)
		return program;
	mount_nosuid(live, "nosuid");
	assert_true(asprintf(&elsewhere, "%s/nosuid/%s", live->dir, name) > 0);
	free(program);
	return elsewhere;
}

static void readme_shows_what_each_privilege_sees(void **state)
{
	struct live *live = *state;
	char *lines[ARRAY_LEN(rows)] = {NULL}, *pids;

	live_need_root(live);
	live_start(live, "setuid", NOBODYS);
	start_others(live);
	pids = liveplugin_pids(live);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char *program;

		if (rows[i].sudo && access(SUDO, X_OK) < 0)
			continue;
		program = program_of(live, &rows[i]);
		lines[i] = make_line(&rows[i], program, pids);
		expect_words(&rows[i], program, pids);
		free(program);
	}
	compare_with_readme(lines);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		free(lines[i]);
	free(pids);
}

/* What helps nobody is not advised. */
static void a_hint_that_would_not_help_says_so(void **state)
{
	static const struct row hints[] = {
		{.granted = "cut from the bounding set",
		 .caps = GRANTED_ALL,
		 .way = {.user = LIVECHILD_PLAIN, .before = cut_bounding_set},
		 .words = "has no effect: cap_sys_ptrace is not in the bounding set "},
		{.granted = "not granted, no_new_privs",
		 .way = {.user = LIVECHILD_PLAIN, .before = set_no_new_privs},
		 .words = "That has no effect as long as no_new_privs is set "},
		{.granted = "not granted, no_new_privs, nosuid",
		 .way = {.user = LIVECHILD_PLAIN, .before = set_no_new_privs},
		 .nosuid = true,
		 .words = "That has no effect as long as no_new_privs is set "
			  "(NoNewPrivileges= of a service) and its file system is "
			  "mounted nosuid\n"},
		{.granted = "root of a container",
		 .way = {.user = LIVECHILD_SAME, .before = be_in_container},
		 .privileged = true,
		 .words = "unknown\nThis is root without cap_checkpoint_restore: let the "
			  "container or service have it "},
		{.granted = "root without it",
		 .way = {.user = LIVECHILD_SAME, .before = cut_bounding_set},
		 .words = "This is root without cap_sys_ptrace: "},
	};
	struct live *live = *state;
	char *pids;

	live_need_root(live);
	start_others(live);
	pids = liveplugin_pids(live);
	mount_nosuid(live, "nosuid");
	for (size_t i = 0; i < ARRAY_LEN(hints); i++) {
		char name[16], *program;

		snprintf(name, sizeof(name), "hint%zu", i);
		free(granted_copy(live, name, hints[i].caps));
		assert_true(asprintf(&program, "%s/%s%s", live->dir,
				     hints[i].nosuid ? "nosuid/" : "", name) > 0);
		expect_words(&hints[i], program, pids);
		free(program);
	}
	free(pids);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(readme_shows_what_each_privilege_sees),
		LIVE_TEST(a_hint_that_would_not_help_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
