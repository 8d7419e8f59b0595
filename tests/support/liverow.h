/*
 * liverow.h - a case as a row of a table: files, one process that maps one of them, what
 * is done to the files then, and the verdict.
 */
#ifndef TESTS_LIVEROW_H
#define TESTS_LIVEROW_H

#include "live.h"

enum liverow_verb {
	ROW_END,
	ROW_LIB,     /* a, SONAME b or NULL, build-id c[0] or NULL */
	ROW_TEXT,    /* a, no ELF file */
	ROW_MKDIR,   /* a */
	ROW_LINK,    /* a b */
	ROW_SYMLINK, /* target a, name b */
	ROW_COPY,    /* a b */
	ROW_RENAME,  /* a b */
	ROW_UNLINK,  /* a */
};

struct liverow_op {
	enum liverow_verb verb;
	const char *a;
	const char *b;
	const char *c;
};

#define LIB(a, soname, build)                                                            \
	{                                                                                \
		ROW_LIB, a, soname, build                                                \
	}
#define TEXT(a)                                                                          \
	{                                                                                \
		ROW_TEXT, a, NULL, NULL                                                  \
	}
#define MKDIR(a)                                                                         \
	{                                                                                \
		ROW_MKDIR, a, NULL, NULL                                                 \
	}
#define LINK(a, b)                                                                       \
	{                                                                                \
		ROW_LINK, a, b, NULL                                                     \
	}
#define SYMLINK(target, b)                                                               \
	{                                                                                \
		ROW_SYMLINK, target, b, NULL                                             \
	}
#define COPY(a, b)                                                                       \
	{                                                                                \
		ROW_COPY, a, b, NULL                                                     \
	}
#define RENAME(a, b)                                                                     \
	{                                                                                \
		ROW_RENAME, a, b, NULL                                                   \
	}
#define UNLINK(a)                                                                        \
	{                                                                                \
		ROW_UNLINK, a, NULL, NULL                                                \
	}

#define LIVEROW_OPS 8

enum liverow_verdict {
	CURRENT, /* must not be reported */
	DELETED,
	REPLACED,
	SUPERSEDED,
	REINSTALLED,
};

struct liverow {
	const char *name;
	struct liverow_op before[LIVEROW_OPS]; /* the process starts */
	const char *map;
	const char *letters;                  /* NULL: "rx" */
	struct liverow_op after[LIVEROW_OPS]; /* it has mapped */
	enum liverow_verdict verdict;
	const char *path; /* that is reported; NULL: what was mapped */
};

/* A test function for LIVE_ROW(). */
void liverow_run(void **state);

/* Runs a table of rows as a group; returns what main() is to return. */
int liverow_run_group(const char *name, struct liverow *rows, size_t n);

#endif
