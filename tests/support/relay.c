/*
 * relay.c - see relay.h.
 */
#include "relay.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/test.h"

#define FLAG_BIG 0x10

uint32_t relay_get32(const struct relay_frame *frame, size_t at)
{
	const uint8_t *b = frame->bytes + at;

	return frame->bytes[2] & FLAG_BIG ? (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 |
						    (uint32_t)b[2] << 8 | b[3]
					  : (uint32_t)b[3] << 24 | (uint32_t)b[2] << 16 |
						    (uint32_t)b[1] << 8 | b[0];
}

/* Returns false at the end. */
static bool read_all(int fd, uint8_t *to, size_t len)
{
	while (len > 0) {
		ssize_t n = read(fd, to, len);

		if (n <= 0)
			return false;
		to += n;
		len -= (size_t)n;
	}
	return true;
}

/* Returns false at the end. */
static bool read_frame(int fd, struct relay_frame *frame)
{
	size_t len;

	if (!read_all(fd, frame->bytes, RELAY_HEADER))
		return false;
	len = relay_get32(frame, 16);
	frame->len = RELAY_HEADER + len;
	return len <= RELAY_FRAME_MAX - RELAY_HEADER &&
	       read_all(fd, frame->bytes + RELAY_HEADER, len);
}

/* -1: there is nobody. */
static int open_socket(const char *path, bool listens)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(at.sun_path, sizeof(at.sun_path), "%.100s", path);
	if (fd < 0 || (listens ? bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0 ||
					 listen(fd, 8) < 0
			       : connect(fd, (struct sockaddr *)&at, sizeof(at)) < 0)) {
		close(fd);
		return -1;
	}
	return fd;
}

static void serve(const struct relay *relay, int agent, int master, unsigned connection)
{
	static uint8_t bytes[RELAY_FRAME_MAX];
	struct relay_frame frame = {.bytes = bytes, .connection = connection};

	for (;;) {
		struct pollfd fds[] = {{.fd = agent, .events = POLLIN},
				       {.fd = master, .events = POLLIN}};
		size_t n;

		poll(fds, 2, -1);
		frame.from_agent = fds[0].revents != 0;
		if (!read_frame(frame.from_agent ? agent : master, &frame))
			return;
		n = relay->see(relay->arg, &frame);
		if (n == RELAY_LOSE)
			continue;
		if (write(frame.from_agent ? master : agent, bytes, n) != (ssize_t)n ||
		    n < frame.len)
			return;
	}
}

static _Noreturn void run(const struct relay *relay, int ready)
{
	int listener = open_socket(relay->path, true);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_IGN);
	if (listener < 0)
		_exit(1);
	close(ready);
	for (unsigned connection = 1;; connection++) {
		int agent = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		int master = open_socket(relay->master, false);

		if (agent < 0)
			_exit(1);
		if (master >= 0)
			serve(relay, agent, master, connection);
		close(agent);
		close(master);
	}
}

pid_t relay_start(const struct relay *relay)
{
	int ready[2];
	pid_t pid;
	char c;

	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	fflush(stdout);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		run(relay, ready[1]);
	close(ready[1]);
	assert_int_equal(read(ready[0], &c, 1), 0); /* it listens */
	close(ready[0]);
	return pid;
}

void relay_end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}
