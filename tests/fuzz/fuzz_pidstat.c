/*
 * fuzz_pidstat.c - /proc/PID/stat, /proc/PID/status and /proc/stat, all from one input.
 */
#include <stdlib.h>
#include <string.h>

#include "scan/pidstat.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_stat(const char *buf, size_t size)
{
	struct pidstat st;

	if (pidstat_parse(buf, size, &st) < 0)
		return;
	if (st.pid < 0 || st.ppid < 0 || st.comm <= buf ||
	    st.comm_len >= size - (size_t)(st.comm - buf))
		abort();
	/* The last bracket of all ends the name. */
	if (st.comm + st.comm_len != (const char *)memrchr(buf, ')', size))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *buf = malloc(size);
	struct pidstatus status;
	int64_t btime;

	if (!buf)
		return 0;
	memcpy(buf, data, size);
	check_stat(buf, size);
	if (pidstatus_parse(buf, size, &status) == 0 && status.tgid < 0)
		abort();
	if (pidstat_btime_parse(buf, size, &btime) == 0 && btime < 0)
		abort();
	free(buf);
	return 0;
}
