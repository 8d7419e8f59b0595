/*
 * fuzz_pidstat.c - /proc/PID/stat: the last bracket of all ends the name, and what was
 * read, printed as the kernel prints it, reads the same.
 *
 * Code: scan/pidstat.c
 */
#include <stdio.h>

#include "fuzztext.h"
#include "scan/pidstat.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_same(const struct pidstat *st)
{
	const size_t room = st->comm_len + 256;
	char *text = malloc(room);
	struct pidstat again;
	size_t len;

	ensure(text != NULL);
	len = (size_t)snprintf(text, room, "%d (", (int)st->pid);
	memcpy(text + len, st->comm, st->comm_len);
	len += st->comm_len;
	len += (size_t)snprintf(text + len, room - len,
				") %c %d 3 4 %d -6 %u 8 9 10 11 12 13 14 15 16 17 18 19 "
				"%lu 21 22\n",
				st->state, (int)st->ppid, st->has_tty, st->flags,
				st->start_ticks);
	ensure(pidstat_parse(text, len, &again) == 0);
	ensure(again.pid == st->pid && again.ppid == st->ppid &&
	       again.state == st->state && again.flags == st->flags &&
	       again.start_ticks == st->start_ticks && again.has_tty == st->has_tty &&
	       again.comm_len == st->comm_len &&
	       memcmp(again.comm, st->comm, st->comm_len) == 0);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *buf = fuzztext_copy(data, size);
	struct pidstat st;

	if (buf && pidstat_parse(buf, size, &st) == 0) {
		ensure(st.pid >= 0 && st.ppid >= 0 && st.comm > buf &&
		       st.comm[-1] == '(');
		ensure(st.comm + st.comm_len == (char *)memrchr(buf, ')', size));
		check_same(&st);
	}
	free(buf);
	return 0;
}
