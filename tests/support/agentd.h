/*
 * agentd.h - stale-agentx below a real snmpd, with snmptrapd where it is wanted.
 *
 * All of it in a private folder, on free ports of the loopback address and a socket of
 * its own; no configuration of the machine leaks in.  Each daemon dies with the test.
 * Every function that cannot do its work fails the test and prints what the daemons
 * logged; where the machine lacks a program the test is skipped.
 */
#ifndef TESTS_AGENTD_H
#define TESTS_AGENTD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum agentd_who {
	AGENTD_SNMPD,
	AGENTD_TRAPD,
	AGENTD_AGENT, /* the keeper of stale-agentx */
};
#define AGENTD_COUNT 3

struct agentd_daemon {
	pid_t pid; /* 0: does not run */
	int pidfd; /* -1 */
};

struct agentd {
	const char *name; /* of the test; borrowed */
	char dir[64];     /* "/tmp/agentd.XXXXXX", 0755; removed at the end */
	char base[128];   /* ".1.3.6...": where the module is */
	char address[32]; /* of snmpd, as the tools want it; final after agentd_wait() */
	char socket[96];  /* "unix:..." as -x wants it; socket + 5 is the path */
	uint16_t port;
	uint16_t trap_port;
	/* Lines that snmpd.conf is to have besides; borrowed, NULL.  What is there without:
	 * communities public (read only) and private, agentXPerms 0660 0750, trap2sink. */
	const char *more_conf;
	/* What runs instead of the built stale-agentx; borrowed, NULL. */
	const char *program;
	/* Called in the child before the program begins; returns 0 or -errno.  NULL. */
	int (*before)(void);
	struct agentd_daemon daemons[AGENTD_COUNT];
	unsigned starts; /* of all daemons, so that each has a log of its own */
};

/* Initial state: struct agentd_row.  State: struct agentd.  Nothing runs yet. */
struct agentd_row {
	const char *name;
	const char *base; /* "1, 3, 6, ..." */
};
int agentd_setup(void **state);
int agentd_teardown(void **state);

#define AGENTD_WORDS_(...) #__VA_ARGS__
#define AGENTD_WORDS(...)  AGENTD_WORDS_(__VA_ARGS__)
/* For an array in main(), where snmp/mib.h is included. */
#define AGENTD_TEST(f)                                                                   \
	{                                                                                \
#f, f, agentd_setup, agentd_teardown, &(struct agentd_row)               \
		{                                                                        \
#f, AGENTD_WORDS(STALE_MIB_BASE)                                 \
		}                                                                        \
	}

/* Prints why and leaves the test. */
void agentd_skip(const struct agentd *d, const char *reason) __attribute__((noreturn));
/* Prints the logs and fails. */
void agentd_fail(const struct agentd *d, const char *format, ...)
	__attribute__((noreturn, format(printf, 2, 3)));

/*
 * Starts a daemon, with more words for its command line (ended by NULL; or NULL).
 * stale-agentx gets -f, -x, -p, -c (an empty file), -Lf and --ping-interval=1 from here;
 * a word that begins with one of these options takes the place of it.  It is not waited
 * for: see agentd_wait().
 */
void agentd_start(struct agentd *d, enum agentd_who who, const char *const words[]);
/* Waits until it answers: snmpd sysUpTime, stale-agentx the number of its snapshot through
 * snmpd, snmptrapd by its port.  At most 20 s. */
void agentd_wait(struct agentd *d, enum agentd_who who);
/* Both; snmpd first, then stale-agentx. */
void agentd_start_both(struct agentd *d, const char *const words[]);

/* To the daemon: SIGSTOP, SIGCONT, SIGHUP. */
void agentd_signal(const struct agentd *d, enum agentd_who who, int signal);
/* Sends the signal (0: none) and waits for its end, at most 20 s.  Returns the seconds
 * that took; *ret_status, which may be NULL, is that of waitpid(2). */
double agentd_end(struct agentd *d, enum agentd_who who, int signal, int *ret_status);
/* Does it run? */
bool agentd_runs(struct agentd *d, enum agentd_who who);

/* The SNMP side of stale-agentx: the child of the keeper that is called so.  0: none. */
pid_t agentd_snmp_side(const struct agentd *d);

struct agentd_answer {
	char *out; /* standard output and error; owned, ended by NUL */
	size_t len;
	int status; /* exit code; -1: killed, also when its time was up */
	double seconds;
};
/*
 * Runs a tool ("snmpwalk") with words ended by NULL, for at most so many seconds.  In its
 * environment are MIBS="", the folder of the MIB file, and no configuration.
 */
void agentd_run(const struct agentd *d, const char *const words[], double seconds,
		struct agentd_answer *ret);
void agentd_answer_release(struct agentd_answer *answer);

/* An object below the module ("1.1.2.0"), or of any other (".1.3.6.1.2.1.1.3.0").  Owned
 * by the caller. */
char *agentd_oid(const struct agentd *d, const char *oid);
/*
 * GET with snmpget -Oqv, of one second and without a second try.  Returns the value,
 * owned by the caller; NULL where there is no answer or no such object.
 */
char *agentd_get(const struct agentd *d, const char *oid);
/* The same of a number; -1 where there is none. */
int64_t agentd_number(const struct agentd *d, const char *oid);
/* Waits until an object has that value, or any other one; at most so many seconds.  Returns
 * those that it took; fails the test when they are over. */
double agentd_until(const struct agentd *d, const char *oid, int64_t value,
		    double seconds);
double agentd_until_not(const struct agentd *d, const char *oid, int64_t value,
			double seconds);

/* What a daemon has logged since its last start; for snmptrapd the notifications, too.
 * Owned by the caller. */
char *agentd_log(const struct agentd *d, enum agentd_who who);
/* Waits until the log has that text, at most so many seconds. */
void agentd_until_logged(const struct agentd *d, enum agentd_who who, const char *text,
			 double seconds);
/* A path in the folder, owned by the caller. */
char *agentd_path(const struct agentd *d, const char *name);

/* Of CLOCK_MONOTONIC. */
double agentd_clock(void);
/* Lets that much time pass, or less: to look at something again. */
void agentd_pause(double seconds);

#endif
