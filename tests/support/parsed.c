/*
 * parsed.c - a command line, parsed as main() has it parsed.
 */
#include "parsed.h"

#include <stdlib.h>
#include <string.h>

void parsed_make(const char *const words[], struct parsed *ret)
{
	static char name[] = "check_stale";
	char *argv[PARSED_WORDS + 2] = {name};
	int argc = 1;

	for (; words[argc - 1]; argc++) {
		size_t len = strlen(words[argc - 1]);

		if (argc > PARSED_WORDS || len >= sizeof(ret->copies[0]))
			abort();
		argv[argc] = memcpy(ret->copies[argc - 1], words[argc - 1], len + 1);
	}
	ret->error = (struct buf)BUF_INIT;
	ret->rc = options_parse(argc, argv, &ret->opt, &ret->error);
}

void parsed_release(struct parsed *parsed)
{
	options_release(&parsed->opt);
	buf_release(&parsed->error);
}
