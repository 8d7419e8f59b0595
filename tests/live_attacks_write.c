/*
 * live_attacks_write.c - a local user cannot make root's check write outside its output,
 * not even where the folder of the output is his.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/granted.h"
#include "test.h"

#define VICTIM "roots-file"
#define TEXT   "root's\n"
#define RUNS   40

/* The user's folder, with a link beside it that leads to root's; owned by the caller. */
static char *make_folders(struct live *live)
{
	char *users, *link;

	live_need_root(live);
	users = live_path(live, "users");
	link = live_path(live, "users/link");
	live_mkdir(live, "roots");
	live_mkdir(live, "users");
	live_text(live, "roots/" VICTIM, TEXT);
	live_symlink(live, "../roots", "users/link");
	assert_int_equal(lchown(link, LIVECHILD_NOBODY, LIVECHILD_NOBODY), 0);
	assert_int_equal(chown(users, LIVECHILD_NOBODY, LIVECHILD_NOBODY), 0);
	free(link);
	return users;
}

static void expect_victim_untouched(struct live *live)
{
	char *path = live_path(live, "roots/" VICTIM), text[64] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	assert_true(fd >= 0 && fstat(fd, &st) == 0);
	assert_int_equal(read(fd, text, sizeof(text) - 1), strlen(TEXT));
	assert_string_equal(text, TEXT);
	assert_int_equal(st.st_mode & 0777, 0644);
	close(fd);
	free(path);
}

/* Runs it as root, on the control alone. */
static void run_with_output(struct live *live, const char *name,
			    struct liveplugin_answer *ret)
{
	const struct granted_way way = {.user = LIVECHILD_SAME};
	char *program = live_built("check_stale"), *pids = liveplugin_pids(live), *word;

	assert_true(asprintf(&word, "-o%s/%s", live->dir, name) > 0);
	granted_run(program, (const char *const[]){pids, "-fjson", word, NULL}, &way,
		    ret);
	free(program);
	free(pids);
	free(word);
}

static void a_users_link_does_not_lead_root_to_another_folder(void **state)
{
	struct live *live = *state;
	char *users = make_folders(live);
	struct liveplugin_answer answer;

	run_with_output(live, "users/link/" VICTIM, &answer);
	if (answer.status != 3 || !strstr(answer.out, "links of other users are not"))
		fail_msg("exit %d: %s", answer.status, answer.out);
	liveplugin_release(&answer);
	expect_victim_untouched(live);
	/* The same name without the link is written, so that it is the link's fault. */
	run_with_output(live, "users/out", &answer);
	row_number("the user's folder", "exit", answer.status, 0);
	liveplugin_release(&answer);
	free(users);
}

/* Puts links to root's file in the place of all that appears. */
static void __attribute__((noreturn)) swap(const char *folder, int count)
{
	DIR *dir = opendir(folder);

	for (;;) {
		struct dirent *entry;

		rewinddir(dir);
		while ((entry = readdir(dir))) {
			if (strncmp(entry->d_name, "out", 3) != 0 &&
			    strncmp(entry->d_name, ".out.", 5) != 0)
				continue;
			if (unlinkat(dirfd(dir), entry->d_name, 0) == 0 &&
			    symlinkat("../roots/" VICTIM, dirfd(dir), entry->d_name) == 0)
				(void)!write(count, "x", 1);
		}
	}
}

static pid_t start_swapping(const char *folder, int count)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	assert_true(pid >= 0);
	if (pid > 0)
		return pid;
	if (livechild_become(LIVECHILD_PLAIN) == 0 &&
	    prctl(PR_SET_PDEATHSIG, SIGKILL) == 0)
		swap(folder, count);
	_exit(1);
}

static void who_owns_the_folder_wins_nothing_but_what_is_in_it(void **state)
{
	struct live *live = *state;
	char *users = make_folders(live);
	int count[2];
	char swaps[4096];
	pid_t pid;

	assert_int_equal(pipe2(count, O_CLOEXEC | O_NONBLOCK), 0);
	pid = start_swapping(users, count[1]);
	for (int i = 0; i < RUNS; i++) {
		struct liveplugin_answer answer;
		char name[32];

		snprintf(name, sizeof(name), "users/out%d", i);
		run_with_output(live, name, &answer);
		if (answer.status != 0 && answer.status != 3)
			fail_msg("exit %d: %s", answer.status, answer.out);
		liveplugin_release(&answer);
	}
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	expect_victim_untouched(live);
	assert_true(read(count[0], swaps, sizeof(swaps)) > 0); /* there was an attack */
	close(count[0]);
	close(count[1]);
	free(users);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(a_users_link_does_not_lead_root_to_another_folder),
		LIVE_TEST(who_owns_the_folder_wins_nothing_but_what_is_in_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
