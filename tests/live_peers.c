/*
 * live_peers.c - what people typed until now, beside check_stale, on the same processes.
 *
 * Both answers are held against the truth: where a peer is right we say the same, and
 * where it is wrong its row says why.  A reason that is not needed is a failure, too.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "support/livecheck.h"
#include "support/liveplugin.h"
#include "test.h"

/* What is true of a member of the cast. */
enum truth {
	STALE_CODE = 1, /* executes a file that is no longer what its name leads to */
	STALE_SSL = 2,  /* and the file is called libssl* */
	USES_SSL = 4,   /* executes a file called libssl*, stale or not */
	HOLDS = 8,      /* has a file open that nobody can find by its name */
};

struct member {
	const char *comm; /* also the folder of its file */
	const char *file;
	const char *soname; /* not NULL: make a library ... */
	const char
		*letters; /* ... and map it so; NULL: run a program, or open the file */
	void (*after)(const struct live *live, const char *name);
	const char *path; /* that the kernel has at the end; NULL: file */
	unsigned truth;
};

static void stays(const struct live *live, const char *name)
{
	(void)live;
	(void)name;
}

static void lost(const struct live *live, const char *name)
{
	live_unlink(live, name);
}

static char *beside(const char *name, const char *suffix)
{
	char *path;

	assert_true(asprintf(&path, "%s%s", name, suffix) > 0);
	return path;
}

static void upgraded(const struct live *live, const char *name)
{
	char *new = beside(name, ".new");

	live_lib(live, new, "libssl.so.3", 'b');
	live_rename(live, new, name);
	free(new);
}

static void moved_aside(const struct live *live, const char *name)
{
	char *old = beside(name, ".old");

	live_rename(live, name, old);
	live_lib(live, name, "libssl.so.3", 'b');
	free(old);
}

/* An upgrade that was taken back: the kernel's mark stays. */
static void rolled_back(const struct live *live, const char *name)
{
	char *old = beside(name, ".dpkg-tmp"), *new = beside(name, ".dpkg-new");

	live_link(live, name, old);
	live_lib(live, new, "libssl.so.3", 'b');
	live_rename(live, new, name);
	live_rename(live, old, name);
	free(new);
	free(old);
}

#define SSL      "libssl.so.3"
#define SSL_CODE (STALE_CODE | STALE_SSL | USES_SSL)

static const struct member cast[] = {
	{"deleted", SSL, SSL, "rx", lost, NULL, SSL_CODE},
	{"replaced", SSL, SSL, "rx", upgraded, NULL, SSL_CODE},
	{"aside", SSL, SSL, "rx", moved_aside, SSL ".old", SSL_CODE},
	{"blanks", "libssl a b.so.3", SSL, "rx", lost, NULL, SSL_CODE},
	{"crypto", "libcrypto.so.3", SSL, "rx", lost, NULL, STALE_CODE},
	{"program", "daemon", NULL, NULL, lost, NULL, STALE_CODE},
	{"user", SSL, SSL, "rx", stays, NULL, USES_SSL},
	{"two words", SSL, SSL, "rx", stays, NULL, USES_SSL},
	{"fourteen bytes", SSL, SSL, "rx", stays, NULL, USES_SSL},
	{"undone", SSL, SSL, "rx", rolled_back, NULL, USES_SSL},
	{"decoy", "libssl.so (deleted)", SSL, "rx", stays, NULL, USES_SSL},
	{"memfd", SSL, NULL, "memfd", stays, NULL, 0},
	{"data", "libssl.db", SSL, "r", lost, NULL, 0},
	{"log", "libssl.log", NULL, "open", lost, NULL, HOLDS},
};
#define CAST ARRAY_LEN(cast)

#define LOG_BYTES 1048576 /* of which one is written: most of it is not on disk */

/* A descriptor that whoever is started next inherits. */
static int open_log(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT, 0644);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, "x", 1, LOG_BYTES - 1), 1);
	assert_int_equal(fsync(fd), 0);
	return fd;
}

static void start_member(struct live *live, const struct member *m)
{
	char *name, *path, *program;
	int fd;

	assert_true(asprintf(&name, "%s/%s", m->comm, m->file) > 0);
	path = live_path(live, name);
	live_mkdir(live, m->comm);
	if (m->soname) {
		live_lib(live, name, m->soname, 'a');
		live_start(live, "comm", m->comm, "map", path, m->letters);
	} else if (!m->letters) {
		live_program(live, name, "tests/holder", 0);
		program = live_path(live, name);
		live_spawn(live, program, (const char *const[]){"comm", m->comm, NULL});
		free(program);
	} else if (strcmp(m->letters, "memfd") == 0) {
		live_start(live, "comm", m->comm, "memfd", m->file);
	} else {
		fd = open_log(path);
		live_start(live, "comm", m->comm);
		close(fd);
	}
	m->after(live, name);
	free(path);
	free(name);
}

static pid_t member_pid(const struct live *live, size_t i)
{
	return live->processes[i + 1].pid; /* after the control */
}

/* How a line of an answer tells which member is meant. */
enum key {
	KEY_PID,
	KEY_NAME,
	KEY_FILE, /* PID;PATH; and more */
};

#define REASONS 6

struct peer {
	const char *name;  /* of the test */
	const char *needs; /* program that may be missing, perhaps with a condition */
	const char *typed; /* $PIDS and, at the end, $ON_PIDS keep it to our processes */
	const char *to_keys; /* its lines to keys; NULL: they are */
	const char *ours[3];
	enum key key;
	enum truth truth;
	bool for_root;    /* who is not root gets nothing from it */
	unsigned strange; /* lines of it that are no key of anybody */
	struct {
		const char *comm;
		const char *reason;
	} wrong[REASONS]; /* about whom it is wrong */
};

#define TXT   "lsof calls a program txt, not DEL, also when it is deleted"
#define ALIVE "the file is called so, and lives"
#define BACK  "the mark stays when an upgrade is taken back"
#define MEMFD "memory that was never on disk"
#define DATA  "a mapping that is not executed"
#define ASIDE "it has a name still, although not the one that is loaded"

/* Of what looks at the whole machine. */
#define OUR_PIDS " grep -Fx \"$(echo $PIDS | tr , '\\n')\""

static struct peer peers[] = {
	{
		.name = "lsof_grep_DEL",
		.needs = "lsof",
		.typed = "lsof -nnP -p $PIDS | grep DEL",
		.to_keys = "awk '{ print $2 }'",
		.ours = {"-fpids"},
		.truth = STALE_CODE,
		.wrong = {{"program", TXT},
			  {"aside", ASIDE},
			  {"decoy", ALIVE},
			  {"memfd", MEMFD},
			  {"data", DATA}},
	},
	{
		.name = "lsof_grep_DEL_of_a_library",
		.needs = "lsof",
		.typed = "lsof -p $PIDS | grep 'DEL.*libssl'",
		.to_keys = "awk '{ print $2 }'",
		.ours = {"--library=libssl*", "-fpids"},
		.truth = STALE_SSL,
		.wrong = {{"aside", ASIDE},
			  {"decoy", ALIVE},
			  {"memfd", MEMFD},
			  {"data", DATA}},
	},
	{
		.name = "lsof_F_awk",
		.needs = "lsof",
		.typed = "lsof -p $PIDS -F pfn | awk '/^p/ { pid = substr($0, 2) } "
			 "/^f/ { del = $0 == \"fDEL\" } "
			 "/^n/ && del { print pid \";\" substr($0, 2) \";\" }'",
		.ours = {"-fmachine"},
		.key = KEY_FILE,
		.truth = STALE_CODE,
		.strange = 2, /* of the decoy a file that is not there, and the memfd */
		.wrong = {{"program", TXT}, {"aside", ASIDE}, {"data", DATA}},
	},
	{
		.name = "lsof_grep_a_library_sort_uniq",
		.needs = "lsof",
		.typed = "lsof -p $PIDS | grep libssl | awk '{ print $1 }' | sort | uniq",
		.ours = {"--using=libssl*", "-fnames"},
		.key = KEY_NAME,
		.truth = USES_SSL,
		.strange = 2, /* "two\x20wo" and "fourteen\": made of the next two */
		.wrong = {{"two words", "lsof writes a blank in a name as \\x20"},
			  {"fourteen bytes", "and cuts names to 9 bytes"},
			  {"memfd", MEMFD},
			  {"data", DATA},
			  {"log", "an open file that is no library"}},
	},
	{
		.name = "grep_deleted_in_maps",
		.needs = "grep",
		.typed = "for p in $(echo $PIDS | tr , ' '); do "
			 "grep -H '(deleted)' /proc/$p/maps; done",
		.to_keys = "cut -d/ -f3",
		.ours = {"-fpids"},
		.truth = STALE_CODE,
		.wrong = {{"aside", ASIDE},
			  {"undone", BACK},
			  {"decoy", ALIVE},
			  {"memfd", MEMFD},
			  {"data", DATA}},
	},
	{
		.name = "checkrestart_v",
		.for_root = true,
		/* Later ones list no processes. */
		.needs = "checkrestart && grep -q 'DEBUG. Process' "
			 "\"$(command -v checkrestart)\"",
		.typed = "checkrestart -v 2>/dev/null",
		.to_keys = "sed -n 's/^\\[DEBUG\\] Process .*(PID: \\([0-9]*\\)) "
			   "*$/\\1/p' |" OUR_PIDS,
		.ours = {"-fpids"},
		.truth = STALE_CODE,
		.wrong = {{"aside", ASIDE},
			  {"decoy", ALIVE},
			  {"data", DATA},
			  {"log", "an open file that is no library"}},
	},
	{
		.name = "needrestart_p",
		.needs = "needrestart && readlink /proc/1/ns/pid",
		.for_root = true,
		.typed = "needrestart -v -p -l -r l 2>&1", /* lists, restarts nothing */
		.to_keys =
			"sed -n 's/^\\[main\\] #\\([0-9]*\\) uses .*/\\1/p' |" OUR_PIDS,
		.ours = {"-fpids"},
		.truth = STALE_CODE,
		.wrong = {{"aside", ASIDE}, {"undone", BACK}, {"decoy", ALIVE}},
	},
	{
		.name = "lsof_L1",
		.needs = "lsof",
		.typed = "lsof -a -p $PIDS +L1",
		.to_keys = "sed 1d | awk '{ print $2 }'",
		.ours = {"--kind=fd", "-fpids"},
		.truth = HOLDS,
		.wrong = {{"program", "a program, not an open file: --kind=code"}},
	},
};

static char *key_of(const struct live *live, const struct peer *peer, size_t i)
{
	const struct member *m = &cast[i];
	char *key = NULL;

	switch (peer->key) {
	case KEY_PID:
		assert_true(asprintf(&key, "%d", member_pid(live, i)) > 0);
		break;
	case KEY_NAME:
		return strdup(m->comm);
	case KEY_FILE:
		assert_true(asprintf(&key, "%d;%s/%s/%s;", member_pid(live, i), live->dir,
				     m->comm, m->path ? m->path : m->file) > 0);
	}
	return key;
}

static bool line_has_key(const struct peer *peer, const char *line, const char *key)
{
	return peer->key == KEY_FILE ? strncmp(line, key, strlen(key)) == 0
				     : strcmp(line, key) == 0;
}

/* Who is meant by the lines of an answer.  Returns how many lines mean nobody. */
static unsigned read_answer(const struct live *live, const struct peer *peer,
			    const char *answer, bool told[CAST])
{
	char *copy = strdup(answer), *rest = copy, *line;
	unsigned strange = 0;

	while ((line = strsep(&rest, "\n")) != NULL) {
		bool is_known = *line == '\0';

		for (size_t i = 0; i < CAST; i++) {
			char *key = key_of(live, peer, i);

			if (line_has_key(peer, line, key))
				told[i] = is_known = true;
			free(key);
		}
		strange += !is_known;
	}
	free(copy);
	return strange;
}

static const char *reason_of(const struct peer *peer, const char *comm)
{
	for (size_t i = 0; i < REASONS && peer->wrong[i].comm; i++)
		if (strcmp(peer->wrong[i].comm, comm) == 0)
			return peer->wrong[i].reason;
	return NULL;
}

/* The number of differences between an answer and the truth; prints them. */
static unsigned judge(const struct live *live, const struct peer *peer,
		      const char *answer, bool is_ours)
{
	bool told[CAST] = {false};
	unsigned strange = read_answer(live, peer, answer, told);
	unsigned differences = strange != (is_ours ? 0 : peer->strange);

	for (size_t i = 0; i < CAST; i++) {
		const char *reason = is_ours ? NULL : reason_of(peer, cast[i].comm);
		bool is_right = told[i] == !!(cast[i].truth & peer->truth);

		if (is_right == !reason)
			continue;
		print_error("  %s: %s is %stold, reason: %s\n",
			    is_ours ? peer->ours[0] : peer->typed, cast[i].comm,
			    told[i] ? "" : "not ", reason ? reason : "none");
		differences++;
	}
	if (differences)
		print_error("  %u lines mean nobody in\n%s\n", strange, answer);
	return differences;
}

static void run_shell(const char *pids, const char *command,
		      struct liveplugin_answer *ret)
{
	char *script;

	assert_true(asprintf(&script, "PIDS=%s; %s", strchr(pids, '=') + 1, command) > 0);
	liveplugin_run("/bin/sh", (const char *const[]){"-c", script, NULL}, ret);
	free(script);
}

/* lsof and the like: from the distribution, not installed by us. */
static void need(const struct live *live, const char *program)
{
	struct liveplugin_answer answer;
	char *command, reason[128];
	int status;

	assert_true(asprintf(&command, "command -v %s", program) > 0);
	run_shell("=", command, &answer);
	status = answer.status;
	liveplugin_release(&answer);
	free(command);
	if (status == 0)
		return;
	snprintf(reason, sizeof(reason), "missing: %s", program);
	live_skip(live, reason);
}

static unsigned ask_peer(const struct live *live, const struct peer *peer,
			 const char *pids)
{
	struct liveplugin_answer answer;
	unsigned differences;
	char *command;

	assert_true(asprintf(&command, "%s%s%s", peer->typed, peer->to_keys ? " | " : "",
			     peer->to_keys ? peer->to_keys : "") > 0);
	run_shell(pids, command, &answer);
	differences = judge(live, peer, answer.out, false);
	liveplugin_release(&answer);
	free(command);
	return differences;
}

static unsigned ask_us(const struct live *live, const struct peer *peer, const char *pids)
{
	const char *const words[] = {pids,          "--count=all", peer->ours[0],
				     peer->ours[1], peer->ours[2], NULL};
	struct liveplugin_answer answer;
	unsigned differences;

	liveplugin_run(NULL, words, &answer);
	differences = judge(live, peer, answer.out, true);
	if (answer.status != 1 || answer.nerr) {
		print_error("  exit %d, %zu bytes of stderr\n", answer.status,
			    answer.nerr);
		differences++;
	}
	liveplugin_release(&answer);
	return differences;
}

static void start_cast(struct live *live)
{
	for (size_t i = 0; i < CAST; i++)
		start_member(live, &cast[i]);
}

static void compare(void **state)
{
	struct live *live = *state;
	const struct peer *peer = live->row;
	unsigned differences;
	char *pids;

	need(live, peer->needs);
	if (strstr(live->dir, "DEL"))
		live_skip(live, "the folder is called so, by chance");
	if (peer->for_root)
		live_need_root(live);
	start_cast(live);
	pids = liveplugin_pids(live);
	differences = ask_peer(live, peer, pids) + ask_us(live, peer, pids);
	free(pids);
	assert_int_equal(differences, 0);
}

int main(void)
{
	struct CMUnitTest tests[ARRAY_LEN(peers)];

	for (size_t i = 0; i < ARRAY_LEN(peers); i++)
		tests[i] = (struct CMUnitTest)LIVE_ROW(compare, &peers[i]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
