/*
 * answer.h - a view made by hand and what check_stale prints of it for Nagios.
 *
 * Every answer goes through the checker of the guideline's grammar.
 */
#ifndef TESTS_ANSWER_H
#define TESTS_ANSWER_H

#include "nagios.h"
#include "viewmake.h"

struct answer {
	struct viewmake m;
	struct rules rules;
	struct nagios nagios;
	struct verdict verdict;
	struct buf out; /* release it with buf_release() */
};

/* A complete scan without a find, judged by the defaults of the command line. */
void answer_begin(struct answer *answer);
/* Two processes with two files each, replaced 26 hours ago. */
void answer_add_sshd(struct answer *answer);

/* All below fail the test where something is wrong; label: of the case. */
void answer_render(struct answer *answer, const char *label);
/* Renders; the first line without performance data is this. */
void answer_expect_head(struct answer *answer, const char *want);
/* Renders; the whole is what testdata/output/NAME holds. */
void answer_expect_golden(struct answer *answer, const char *name);

#endif
