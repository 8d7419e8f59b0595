/*
 * wiremake.c - see wiremake.h.
 */
#include "tests/support/wiremake.h"

#include <dirent.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/reportmake.h"
#include "tests/test.h"

int wiremake_ends[2];

size_t wiremake_count_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	size_t n = 0;

	assert_non_null(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

int wiremake_setup(void **state)
{
	(void)state;
	return wire_open(wiremake_ends);
}

int wiremake_teardown(void **state)
{
	(void)state;
	close(wiremake_ends[0]);
	close(wiremake_ends[1]);
	return 0;
}

struct wire_message wiremake_settings(void)
{
	return (struct wire_message){
		.kind = WIRE_SETTINGS,
		.settings = {.policy = {.why = STALE_WHY_BIT(STALE_REPLACED),
					.scopes = STALE_SCOPE_BIT(STALE_SCOPE_SESSION),
					.kinds = STALE_KIND_BIT(STALE_FD),
					.min_age = INT64_C(900000000000),
					.is_using = true},
			     .interval = 301,
			     .max_procs = 20001,
			     .max_files = 50001,
			     .notify = 1 << 3,
			     .watch = true},
	};
}

struct wire_message wiremake_gone(size_t n)
{
	struct wire_message message = {.kind = WIRE_GONE, .gone = {.n = n}};

	for (size_t i = 0; i < n; i++)
		message.gone.list[i] = (struct stale_identity){
			.pid = (pid_t)(i + 1), .start_ticks = UINT64_MAX - i};
	return message;
}

struct stale_report *wiremake_report(void)
{
	static const struct reportmake_row made[] = {
		{7, "one", "a.service", "/usr/lib/liba.so.1", STALE_REPLACED, 60},
		{7, "one", "a.service", "/usr/lib/libb.so.1", STALE_DELETED, -1},
		{9, "two", NULL, "/usr/bin/two", STALE_DELETED, 5},
	};

	return reportmake_rows(made, ARRAY_LEN(made));
}

/* What was sent, as it is received. */
struct wire_message wiremake_pass_on(const struct wire_message *message)
{
	struct wire_message got;

	assert_int_equal(wire_send(wiremake_ends[0], message), 0);
	untouched_init(&got, sizeof(got));
	assert_int_equal(wire_receive(wiremake_ends[1], &got), 1);
	assert_int_equal(got.kind, message->kind);
	return got;
}

void wiremake_send(int wire, const void *bytes, size_t len, const int *fds, size_t nfds)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(WIREMAKE_FDS * sizeof(int))];
	} control = {0};
	struct iovec part = {(void *)(uintptr_t)bytes, len};
	struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};

	if (nfds) {
		struct cmsghdr *cmsg;

		header.msg_control = &control;
		header.msg_controllen = CMSG_SPACE(nfds * sizeof(int));
		cmsg = CMSG_FIRSTHDR(&header);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(nfds * sizeof(int));
		memcpy(CMSG_DATA(cmsg), fds, nfds * sizeof(int));
	}
	assert_true(sendmsg(wire, &header, 0) == (ssize_t)len);
}
