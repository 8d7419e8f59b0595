/*
 * fuzz_passwd.c - one line of /etc/passwd without its newline.
 */
#include <stdlib.h>
#include <string.h>

#include "scan/passwd.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *line = malloc(size);
	struct name name;
	uid_t uid;

	if (!line)
		return 0;
	memcpy(line, data, size);
	if (passwd_parse_line(line, size, &name, &uid) == 0 &&
	    (name.s != line || !name.len || name.len + 3 > size || uid == (uid_t)-1 ||
	     line[name.len] != ':' || memchr(line, ':', name.len) ||
	     memchr(line, '\0', name.len)))
		abort();
	free(line);
	return 0;
}
