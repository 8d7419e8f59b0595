/*
 * parsed.h - a command line, parsed as main() has it parsed.
 */
#ifndef TESTS_PARSED_H
#define TESTS_PARSED_H

#include "options.h"

#define PARSED_WORDS 12

struct parsed {
	/* getopt(3) may write to argv, and options borrow from it. */
	char copies[PARSED_WORDS][256];
	struct options opt;
	struct buf error;
	int rc; /* of options_parse() */
};

/* words: without the name of the program, ended by NULL. */
void parsed_make(const char *const words[], struct parsed *ret);
void parsed_release(struct parsed *parsed);

#endif
