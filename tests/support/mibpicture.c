/*
 * mibpicture.c - a snapshot, and all that is to be seen of it over SNMP.
 *
 * The table was written down, not printed by what is tested.
 */
#include "mibpicture.h"

#include <errno.h>

#include "reportmake.h"
#include "tests/test.h"

#define DAY          INT64_C(86400)
#define TEN_DAYS_AGO "07e90b0b0a0d14002b0000"
#define A_DAY_AGO    "07e90b140a0d14002b0000"
#define AN_HOUR_AGO  "07e90b15090d14002b0000"
#define THEN         "07e90b150a0d14002b0000"
#define BEGUN        "07e90b15093828002b0000"
#define UNDATED      "0000000000000000"
#define LIBC         "/usr/lib/libc.so.6"
#define SYSTEMD      "/usr/lib/systemd/systemd"

const struct mibpicture_cell mibpicture[] = {
	{"1.1.0", MIBPICTURE_INTEGER, NULL, 3},
	{"1.2.0", MIBPICTURE_UNSIGNED, NULL, MIBPICTURE_SERIAL},
	{"1.3.0", MIBPICTURE_HEX, THEN, 0},
	{"1.4.0", MIBPICTURE_AGE, NULL, 0},
	{"1.5.0", MIBPICTURE_UNSIGNED, NULL, 12},
	{"1.6.0", MIBPICTURE_UNSIGNED, NULL, 300},
	{"1.7.0", MIBPICTURE_COUNTER, NULL, UINT32_MAX},
	{"1.8.0", MIBPICTURE_COUNTER, NULL, 2},
	{"1.9.0", MIBPICTURE_HEX, BEGUN, 0},
	{"2.1.0", MIBPICTURE_UNSIGNED, NULL, 211},
	{"2.2.0", MIBPICTURE_UNSIGNED, NULL, 2},
	{"2.3.0", MIBPICTURE_UNSIGNED, NULL, 2},
	{"2.4.0", MIBPICTURE_UNSIGNED, NULL, 1},
	{"2.5.0", MIBPICTURE_UNSIGNED, NULL, 0},
	{"2.6.0", MIBPICTURE_UNSIGNED, NULL, 2},
	{"2.7.0", MIBPICTURE_AGE, NULL, DAY},
	{"2.8.0", MIBPICTURE_UNSIGNED, NULL, 1},
	{"2.9.0", MIBPICTURE_UNSIGNED, NULL, 1},
	{"2.10.0", MIBPICTURE_UNSIGNED, NULL, 1},
	{"2.11.0", MIBPICTURE_UNSIGNED, NULL, 1},
	{"2.12.0", MIBPICTURE_UNSIGNED, NULL, 0},
	{"3.1.2.1", MIBPICTURE_HEX, UNDATED, 0},
	{"3.1.2.812", MIBPICTURE_HEX, TEN_DAYS_AGO, 0},
	{"3.1.2.70000", MIBPICTURE_HEX, TEN_DAYS_AGO, 0},
	{"3.1.2.2147483647", MIBPICTURE_HEX, TEN_DAYS_AGO, 0},
	{"3.1.3.1", MIBPICTURE_TEXT, "systemd", 0},
	{"3.1.3.812", MIBPICTURE_TEXT, "s|\\n\\xffd", 0},
	{"3.1.3.70000", MIBPICTURE_TEXT, "irssi", 0},
	{"3.1.3.2147483647", MIBPICTURE_TEXT, "", 0},
	{"3.1.4.1", MIBPICTURE_TEXT, SYSTEMD, 0},
	{"3.1.4.812", MIBPICTURE_TEXT, "", 0},
	{"3.1.4.70000", MIBPICTURE_TEXT, "/usr/bin/irssi", 0},
	{"3.1.4.2147483647", MIBPICTURE_TEXT, "", 0},
	{"3.1.5.1", MIBPICTURE_UNSIGNED, NULL, 0},
	{"3.1.5.812", MIBPICTURE_UNSIGNED, NULL, 1000},
	{"3.1.5.70000", MIBPICTURE_UNSIGNED, NULL, 4294967294},
	{"3.1.5.2147483647", MIBPICTURE_UNSIGNED, NULL, 1000},
	{"3.1.6.1", MIBPICTURE_TEXT, "root", 0},
	{"3.1.6.812", MIBPICTURE_TEXT, "alice", 0},
	{"3.1.6.70000", MIBPICTURE_TEXT, "", 0},
	{"3.1.6.2147483647", MIBPICTURE_TEXT, "alice", 0},
	{"3.1.7.1", MIBPICTURE_TEXT, "init.scope", 0},
	{"3.1.7.812", MIBPICTURE_TEXT, "ssh.service", 0},
	{"3.1.7.70000", MIBPICTURE_TEXT, "session-4.scope", 0},
	{"3.1.7.2147483647", MIBPICTURE_TEXT, "", 0},
	{"3.1.8.1", MIBPICTURE_TEXT, "", 0},
	{"3.1.8.812", MIBPICTURE_TEXT, "", 0},
	{"3.1.8.70000", MIBPICTURE_TEXT, "", 0},
	{"3.1.8.2147483647", MIBPICTURE_TEXT, "4f1c0b7a9d2e", 0},
	{"3.1.9.1", MIBPICTURE_INTEGER, NULL, 2},
	{"3.1.9.812", MIBPICTURE_INTEGER, NULL, 2},
	{"3.1.9.70000", MIBPICTURE_INTEGER, NULL, 4},
	{"3.1.9.2147483647", MIBPICTURE_INTEGER, NULL, 5},
	{"3.1.10.1", MIBPICTURE_INTEGER, NULL, 1},
	{"3.1.10.812", MIBPICTURE_INTEGER, NULL, 1},
	{"3.1.10.70000", MIBPICTURE_INTEGER, NULL, 2},
	{"3.1.10.2147483647", MIBPICTURE_INTEGER, NULL, 2},
	{"3.1.11.1", MIBPICTURE_HEX, "c0", 0},
	{"3.1.11.812", MIBPICTURE_HEX, "40", 0},
	{"3.1.11.70000", MIBPICTURE_HEX, "10", 0},
	{"3.1.11.2147483647", MIBPICTURE_HEX, "2c", 0},
	{"3.1.12.1", MIBPICTURE_UNSIGNED, NULL, 2},
	{"3.1.12.812", MIBPICTURE_UNSIGNED, NULL, 1},
	{"3.1.12.70000", MIBPICTURE_UNSIGNED, NULL, 1},
	{"3.1.12.2147483647", MIBPICTURE_UNSIGNED, NULL, 3},
	{"3.1.13.1", MIBPICTURE_HEX, A_DAY_AGO, 0},
	{"3.1.13.812", MIBPICTURE_HEX, A_DAY_AGO, 0},
	{"3.1.13.70000", MIBPICTURE_HEX, UNDATED, 0},
	{"3.1.13.2147483647", MIBPICTURE_HEX, AN_HOUR_AGO, 0},
	{"3.1.14.1", MIBPICTURE_AGE, NULL, DAY},
	{"3.1.14.812", MIBPICTURE_AGE, NULL, DAY},
	{"3.1.14.70000", MIBPICTURE_AGE, NULL, -1},
	{"3.1.14.2147483647", MIBPICTURE_AGE, NULL, 3600},
	{"3.1.15.1", MIBPICTURE_INTEGER, NULL, 6},
	{"3.1.15.812", MIBPICTURE_INTEGER, NULL, 2},
	{"3.1.15.70000", MIBPICTURE_INTEGER, NULL, 5},
	{"3.1.15.2147483647", MIBPICTURE_INTEGER, NULL, 4},
	{"4.1.2.1.1", MIBPICTURE_TEXT, LIBC, 0},
	{"4.1.2.1.2", MIBPICTURE_TEXT, SYSTEMD, 0},
	{"4.1.2.812.1", MIBPICTURE_TEXT, LIBC, 0},
	{"4.1.2.70000.1", MIBPICTURE_TEXT, "/opt/a\\tb\\\\", 0},
	{"4.1.2.2147483647.1", MIBPICTURE_TEXT, "/srv/x.so.1", 0},
	{"4.1.2.2147483647.2", MIBPICTURE_TEXT, "/srv/y", 0},
	{"4.1.2.2147483647.3", MIBPICTURE_TEXT, "/srv/z", 0},
	{"4.1.3.1.1", MIBPICTURE_INTEGER, NULL, 2},
	{"4.1.3.1.2", MIBPICTURE_INTEGER, NULL, 1},
	{"4.1.3.812.1", MIBPICTURE_INTEGER, NULL, 2},
	{"4.1.3.70000.1", MIBPICTURE_INTEGER, NULL, 2},
	{"4.1.3.2147483647.1", MIBPICTURE_INTEGER, NULL, 2},
	{"4.1.3.2147483647.2", MIBPICTURE_INTEGER, NULL, 3},
	{"4.1.3.2147483647.3", MIBPICTURE_INTEGER, NULL, 4},
	{"4.1.4.1.1", MIBPICTURE_INTEGER, NULL, 2},
	{"4.1.4.1.2", MIBPICTURE_INTEGER, NULL, 1},
	{"4.1.4.812.1", MIBPICTURE_INTEGER, NULL, 2},
	{"4.1.4.70000.1", MIBPICTURE_INTEGER, NULL, 4},
	{"4.1.4.2147483647.1", MIBPICTURE_INTEGER, NULL, 3},
	{"4.1.4.2147483647.2", MIBPICTURE_INTEGER, NULL, 5},
	{"4.1.4.2147483647.3", MIBPICTURE_INTEGER, NULL, 6},
	{"4.1.5.1.1", MIBPICTURE_HEX, A_DAY_AGO, 0},
	{"4.1.5.1.2", MIBPICTURE_HEX, UNDATED, 0},
	{"4.1.5.812.1", MIBPICTURE_HEX, A_DAY_AGO, 0},
	{"4.1.5.70000.1", MIBPICTURE_HEX, UNDATED, 0},
	{"4.1.5.2147483647.1", MIBPICTURE_HEX, AN_HOUR_AGO, 0},
	{"4.1.5.2147483647.2", MIBPICTURE_HEX, UNDATED, 0},
	{"4.1.5.2147483647.3", MIBPICTURE_HEX, UNDATED, 0},
	{"4.1.6.1.1", MIBPICTURE_AGE, NULL, DAY},
	{"4.1.6.1.2", MIBPICTURE_AGE, NULL, -1},
	{"4.1.6.812.1", MIBPICTURE_AGE, NULL, DAY},
	{"4.1.6.70000.1", MIBPICTURE_AGE, NULL, -1},
	{"4.1.6.2147483647.1", MIBPICTURE_AGE, NULL, 3600},
	{"4.1.6.2147483647.2", MIBPICTURE_AGE, NULL, -1},
	{"4.1.6.2147483647.3", MIBPICTURE_AGE, NULL, -1},
	{"4.1.7.1.1", MIBPICTURE_TEXT, LIBC, 0},
	{"4.1.7.1.2", MIBPICTURE_TEXT, "", 0},
	{"4.1.7.812.1", MIBPICTURE_TEXT, LIBC, 0},
	{"4.1.7.70000.1", MIBPICTURE_TEXT, "", 0},
	{"4.1.7.2147483647.1", MIBPICTURE_TEXT, "/srv/x.so", 0},
	{"4.1.7.2147483647.2", MIBPICTURE_TEXT, "", 0},
	{"4.1.7.2147483647.3", MIBPICTURE_TEXT, "", 0},
	/* By FNV-1a: worked out by another program. */
	{"4.1.8.1.1", MIBPICTURE_UNSIGNED, NULL, 1078805498},
	{"4.1.8.1.2", MIBPICTURE_UNSIGNED, NULL, 868825601},
	{"4.1.8.812.1", MIBPICTURE_UNSIGNED, NULL, 1078805498},
	{"4.1.8.70000.1", MIBPICTURE_UNSIGNED, NULL, 1582590368},
	{"4.1.8.2147483647.1", MIBPICTURE_UNSIGNED, NULL, 1251449073},
	{"4.1.8.2147483647.2", MIBPICTURE_UNSIGNED, NULL, 1558073646},
	{"4.1.8.2147483647.3", MIBPICTURE_UNSIGNED, NULL, 1574851267},
	{"5.1.2.868825601", MIBPICTURE_TEXT, SYSTEMD, 0},
	{"5.1.2.1078805498", MIBPICTURE_TEXT, LIBC, 0},
	{"5.1.2.1251449073", MIBPICTURE_TEXT, "/srv/x.so.1", 0},
	{"5.1.2.1558073646", MIBPICTURE_TEXT, "/srv/y", 0},
	{"5.1.2.1574851267", MIBPICTURE_TEXT, "/srv/z", 0},
	{"5.1.2.1582590368", MIBPICTURE_TEXT, "/opt/a\\tb\\\\", 0},
	{"5.1.3.868825601", MIBPICTURE_INTEGER, NULL, 1},
	{"5.1.3.1078805498", MIBPICTURE_INTEGER, NULL, 2},
	{"5.1.3.1251449073", MIBPICTURE_INTEGER, NULL, 3},
	{"5.1.3.1558073646", MIBPICTURE_INTEGER, NULL, 5},
	{"5.1.3.1574851267", MIBPICTURE_INTEGER, NULL, 6},
	{"5.1.3.1582590368", MIBPICTURE_INTEGER, NULL, 4},
	{"5.1.4.868825601", MIBPICTURE_UNSIGNED, NULL, 1},
	{"5.1.4.1078805498", MIBPICTURE_UNSIGNED, NULL, 2},
	{"5.1.4.1251449073", MIBPICTURE_UNSIGNED, NULL, 1},
	{"5.1.4.1558073646", MIBPICTURE_UNSIGNED, NULL, 1},
	{"5.1.4.1574851267", MIBPICTURE_UNSIGNED, NULL, 1},
	{"5.1.4.1582590368", MIBPICTURE_UNSIGNED, NULL, 1},
	{"5.1.5.868825601", MIBPICTURE_HEX, UNDATED, 0},
	{"5.1.5.1078805498", MIBPICTURE_HEX, A_DAY_AGO, 0},
	{"5.1.5.1251449073", MIBPICTURE_HEX, AN_HOUR_AGO, 0},
	{"5.1.5.1558073646", MIBPICTURE_HEX, UNDATED, 0},
	{"5.1.5.1574851267", MIBPICTURE_HEX, UNDATED, 0},
	{"5.1.5.1582590368", MIBPICTURE_HEX, UNDATED, 0},
	{"5.1.6.868825601", MIBPICTURE_AGE, NULL, -1},
	{"5.1.6.1078805498", MIBPICTURE_AGE, NULL, DAY},
	{"5.1.6.1251449073", MIBPICTURE_AGE, NULL, 3600},
	{"5.1.6.1558073646", MIBPICTURE_AGE, NULL, -1},
	{"5.1.6.1574851267", MIBPICTURE_AGE, NULL, -1},
	{"5.1.6.1582590368", MIBPICTURE_AGE, NULL, -1},
};

const size_t mibpicture_cells = ARRAY_LEN(mibpicture);

static void add_service(struct reportmake *m)
{
	struct stale_proc *proc = reportmake_unit(m, 812,
						  "s|\n\xff"
						  "d",
						  STALE_SCOPE_SYSTEM, "ssh.service");

	proc->exe = NULL;
	reportmake_file(m, LIBC, STALE_REPLACED, DAY)->successor = LIBC;
}

static void add_init(struct reportmake *m)
{
	struct stale_proc *proc =
		reportmake_unit(m, 1, "systemd", STALE_SCOPE_SYSTEM, "init.scope");

	proc->exe = SYSTEMD;
	proc->uid = 0;
	proc->started = 0;
	proc->advice = STALE_REBOOT;
	reportmake_file(m, SYSTEMD, STALE_DELETED, -1)->kind = STALE_EXE;
	reportmake_file(m, LIBC, STALE_REPLACED, DAY)->successor = LIBC;
}

static void add_session(struct reportmake *m)
{
	struct stale_proc *proc = reportmake_unit(m, 70000, "irssi", STALE_SCOPE_SESSION,
						  "session-4.scope");

	proc->exe = "/usr/bin/irssi";
	proc->uid = 4294967294;
	reportmake_file(m, "/opt/a\tb\\", STALE_REINSTALLED, -1);
}

static void add_container(struct reportmake *m)
{
	reportmake_container(m, 2147483647, "", "docker", "4f1c0b7a9d2e");
	reportmake_file(m, "/srv/x.so.1", STALE_SUPERSEDED, 3600)->successor =
		"/srv/x.so";
	reportmake_file(m, "/srv/y", STALE_MODIFIED, -1)->kind = STALE_DATA;
	reportmake_file(m, "/srv/z", STALE_CURRENT, -1)->kind = STALE_FD;
}

struct snapshot *mibpicture_snapshot(void)
{
	struct snapshot_source source = {
		.policy = {.why = STALE_WHY_DEFAULT},
		.now = REPORTMAKE_NOW,
		.max_procs = 100,
		.max_files = 100,
		.scan = {SNAPSHOT_PARTIAL, MIBPICTURE_SERIAL, REPORTMAKE_NOW, 12, 300,
			 UINT32_MAX, 2, REPORTMAKE_NOW - 1000},
	};
	struct stale_users *users =
		reportmake_users("root:x:0:0::/:\nalice:x:1000:1000::/:\n");
	struct reportmake m;
	struct stale_report *report;
	struct snapshot *snapshot;

	reportmake_init(&m);
	add_service(&m);
	add_container(&m);
	add_init(&m);
	add_session(&m);
	reportmake_ignored(&m, 812, "/tmp/x", "scratch");
	reportmake_unreadable(&m, 5, EACCES);
	report = reportmake_report(&m);
	source.report = report;
	source.users = users;
	assert_int_equal(snapshot_make(&source, &snapshot), 0);
	stale_report_free(report);
	stale_users_free(users);
	reportmake_release(&m);
	return snapshot;
}
