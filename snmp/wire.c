/*
 * wire.c - packets, and a report in a sealed memfd.
 *
 * Both ends are one program, so that the layout may change with it; no byte of a packet
 * is left to the compiler all the same.
 */
#include "wire.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include "cleanup.h"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U /* Linux 6.3 */
#endif

#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

/* A side that does not read makes a few messages wait, and their reports take memory. */
#define SEND_BUFFER 8192

#define SCOPES ((1U << STALE_SCOPE_COUNT) - 1)
#define KINDS  ((1U << STALE_KIND_COUNT) - 1)
#define WHYS   ((1U << STALE_WHY_COUNT) - 1)
#define NOTIFY 0xeU /* 1 << enum mib_notification, all three */

#define ERRNO_MAX  4095
#define SIGNAL_MAX 64

struct packet_head {
	uint32_t kind;
	uint32_t n; /* identities; else 0 */
};

struct packet_settings {
	int64_t min_age;
	uint32_t why;
	uint32_t scopes;
	uint32_t kinds;
	uint32_t is_using;
	uint32_t interval;
	uint32_t max_procs;
	uint32_t max_files;
	uint32_t notify;
	uint32_t watch;
	uint32_t zero;
};

struct packet_report {
	int64_t time;
	uint64_t len;
	uint32_t duration_ms;
	uint16_t cut;
	uint16_t again;
};

struct packet_trouble {
	uint32_t what;
	int32_t code;
};

struct packet_identity {
	uint64_t start_ticks;
	uint32_t pid;
	uint32_t zero;
};

struct packet {
	struct packet_head head;
	union {
		struct packet_settings settings;
		struct packet_report report;
		struct packet_trouble trouble;
		struct packet_identity gone[WIRE_GONE_MAX];
	};
};

/* Bytes of a packet with that head; 0: there is none. */
static size_t packet_len(const struct packet_head *head)
{
	const size_t body = offsetof(struct packet, settings);

	if (head->kind == WIRE_GONE)
		return head->n > 0 && head->n <= WIRE_GONE_MAX
			       ? body + head->n * sizeof(struct packet_identity)
			       : 0;
	if (head->n)
		return 0;
	switch (head->kind) {
	case WIRE_SETTINGS:
		return body + sizeof(struct packet_settings);
	case WIRE_REPORT:
		return body + sizeof(struct packet_report);
	case WIRE_TROUBLE:
		return body + sizeof(struct packet_trouble);
	default:
		return 0;
	}
}

static void encode_settings(const struct wire_settings *in, struct packet_settings *out)
{
	*out = (struct packet_settings){
		.min_age = in->policy.min_age,
		.why = in->policy.why,
		.scopes = in->policy.scopes,
		.kinds = in->policy.kinds,
		.is_using = in->policy.is_using,
		.interval = in->interval,
		.max_procs = in->max_procs,
		.max_files = in->max_files,
		.notify = in->notify,
		.watch = in->watch,
	};
}

static int decode_settings(const struct packet_settings *in, struct wire_settings *out)
{
	if (in->why & ~WHYS || in->scopes & ~SCOPES || in->kinds & ~KINDS ||
	    in->notify & ~NOTIFY)
		return -EBADMSG;
	if (in->min_age < 0 || in->interval == 0 || in->is_using > 1 || in->watch > 1 ||
	    in->zero)
		return -EBADMSG;
	*out = (struct wire_settings){
		.policy = {.why = in->why,
			   .scopes = in->scopes,
			   .kinds = in->kinds,
			   .min_age = in->min_age,
			   .is_using = in->is_using},
		.interval = in->interval,
		.max_procs = in->max_procs,
		.max_files = in->max_files,
		.notify = in->notify,
		.watch = in->watch,
	};
	return 0;
}

static int decode_report(const struct packet_report *in, struct wire_message *out,
			 uint64_t *ret_len)
{
	if (in->len == 0 || in->len > WIRE_REPORT_MAX || in->cut > 1 || in->again > 1 ||
	    in->time < 0)
		return -EBADMSG;
	out->report.scan.time = in->time;
	out->report.scan.duration_ms = in->duration_ms;
	out->report.scan.cut = in->cut;
	out->report.scan.again = in->again;
	out->report.report = NULL;
	*ret_len = in->len;
	return 0;
}

static int decode_trouble(const struct packet_trouble *in, struct wire_message *out)
{
	int32_t max = 0;

	switch (in->what) {
	case WIRE_SCAN_FAILED:
		max = ERRNO_MAX;
		break;
	case WIRE_SCAN_DIED:
		max = SIGNAL_MAX;
		break;
	case WIRE_SCAN_HANGS:
		break;
	default:
		return -EBADMSG;
	}
	if (in->code < (max > 0) || in->code > max)
		return -EBADMSG;
	out->trouble.what = (enum wire_trouble)in->what;
	out->trouble.code = in->code;
	return 0;
}

static int decode_gone(const struct packet *packet, struct wire_message *out)
{
	out->gone.n = packet->head.n;
	for (size_t i = 0; i < out->gone.n; i++) {
		const struct packet_identity *in = &packet->gone[i];

		if (in->pid == 0 || in->pid > INT32_MAX || in->zero)
			return -EBADMSG;
		out->gone.list[i] = (struct stale_identity){
			.pid = (pid_t)in->pid, .start_ticks = in->start_ticks};
	}
	return 0;
}

static int decode_body(const struct packet *packet, struct wire_message *out,
		       uint64_t *ret_report_len)
{
	switch (out->kind) {
	case WIRE_SETTINGS:
		return decode_settings(&packet->settings, &out->settings);
	case WIRE_REPORT:
		return decode_report(&packet->report, out, ret_report_len);
	case WIRE_TROUBLE:
		return decode_trouble(&packet->trouble, out);
	case WIRE_GONE:
		return decode_gone(packet, out);
	}
	return -EBADMSG;
}

int wire_decode(const void *bytes, size_t len, struct wire_message *ret,
		uint64_t *ret_report_len)
{
	struct packet packet;
	struct wire_message message;
	uint64_t report_len = 0;
	int rc;

	if (len < sizeof(packet.head) || len > sizeof(packet))
		return -EBADMSG;
	memcpy(&packet, bytes, len);
	if (packet_len(&packet.head) != len)
		return -EBADMSG;
	message.kind = (enum wire_kind)packet.head.kind;
	rc = decode_body(&packet, &message, &report_len);
	if (rc < 0)
		return rc;
	*ret = message;
	*ret_report_len = report_len;
	return 0;
}

/* Returns 0 or -EINVAL. */
static int encode(const struct wire_message *in, uint64_t report_len, struct packet *out)
{
	out->head = (struct packet_head){.kind = in->kind};
	switch (in->kind) {
	case WIRE_SETTINGS:
		encode_settings(&in->settings, &out->settings);
		return 0;
	case WIRE_REPORT:
		out->report = (struct packet_report){
			.time = in->report.scan.time,
			.len = report_len,
			.duration_ms = in->report.scan.duration_ms,
			.cut = in->report.scan.cut,
			.again = in->report.scan.again,
		};
		return 0;
	case WIRE_TROUBLE:
		out->trouble = (struct packet_trouble){.what = in->trouble.what,
						       .code = in->trouble.code};
		return 0;
	case WIRE_GONE:
		break;
	}
	if (in->kind != WIRE_GONE || in->gone.n == 0 || in->gone.n > WIRE_GONE_MAX)
		return -EINVAL;
	out->head.n = (uint32_t)in->gone.n;
	for (size_t i = 0; i < in->gone.n; i++)
		out->gone[i] = (struct packet_identity){
			.start_ticks = in->gone.list[i].start_ticks,
			.pid = (uint32_t)in->gone.list[i].pid,
		};
	return 0;
}

int wire_open(int ret_ends[2])
{
	const int size = SEND_BUFFER;
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return -errno;
	for (int i = 0; i < 2; i++) {
		if (setsockopt(ends[i], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)) < 0) {
			int rc = -errno;

			close(ends[0]);
			close(ends[1]);
			return rc;
		}
	}
	ret_ends[0] = ends[0];
	ret_ends[1] = ends[1];
	return 0;
}

static int open_memfd(void)
{
	const unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
	int fd = memfd_create("stale-report", flags | MFD_NOEXEC_SEAL);

	if (fd < 0 && errno == EINVAL)
		fd = memfd_create("stale-report", flags);
	return fd < 0 ? -errno : fd;
}

static int write_all(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, bytes, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		bytes += n;
		len -= (size_t)n;
	}
	return 0;
}

/* Returns a descriptor of the packed report, or -errno. */
static int seal_report(const struct stale_report *report, uint64_t *ret_len)
{
	cleanup_free void *bytes = NULL;
	cleanup_close int fd = -1;
	size_t len;
	int rc = stale_report_pack(report, &bytes, &len);

	if (rc < 0)
		return rc;
	if (len > WIRE_REPORT_MAX)
		return -EFBIG;
	fd = open_memfd();
	if (fd < 0)
		return fd;
	rc = write_all(fd, bytes, len);
	if (rc < 0)
		return rc;
	if (fcntl(fd, F_ADD_SEALS, SEALS) < 0)
		return -errno;
	*ret_len = len;
	return take_fd(&fd);
}

/* fd: to go beside it, or -1. */
static int send_packet(int end, struct packet *packet, int fd)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct iovec part = {packet, packet_len(&packet->head)};
	struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};

	if (fd >= 0) {
		struct cmsghdr *cmsg;

		header.msg_control = &control;
		header.msg_controllen = sizeof(control);
		cmsg = CMSG_FIRSTHDR(&header);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(cmsg), &fd, sizeof(fd));
	}
	for (;;) {
		if (sendmsg(end, &header, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
			return 0;
		if (errno != EINTR)
			return errno == EWOULDBLOCK ? -EAGAIN : -errno;
	}
}

int wire_send(int end, const struct wire_message *message)
{
	cleanup_close int fd = -1;
	struct packet packet;
	uint64_t report_len = 0;
	int rc;

	if (message->kind == WIRE_REPORT) {
		fd = seal_report(message->report.report, &report_len);
		if (fd < 0)
			return fd;
	}
	rc = encode(message, report_len, &packet);
	return rc < 0 ? rc : send_packet(end, &packet, fd);
}

/* The descriptors beside a packet: the first, if it is the only one; all others are
 * closed. */
static int take_descriptor(struct msghdr *header, size_t *ret_n)
{
	int first = -1;
	size_t n = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c; c = CMSG_NXTHDR(header, c)) {
		const size_t len = c->cmsg_len - CMSG_LEN(0);

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < len / sizeof(int); i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof(fd), sizeof(fd));
			if (n++ == 0)
				first = fd;
			else
				close(fd);
		}
	}
	*ret_n = n;
	return first;
}

/* What may change or shrink while it is read is not read. */
static int read_report(int fd, uint64_t len, struct stale_report **ret)
{
	struct stat st;
	void *bytes;
	int rc, seals = fcntl(fd, F_GET_SEALS);

	if (seals < 0 || (seals & SEALS) != SEALS)
		return -EBADMSG;
	if (fstat(fd, &st) < 0 || st.st_size < 0 || (uint64_t)st.st_size != len)
		return -EBADMSG;
	bytes = mmap(NULL, (size_t)len, PROT_READ, MAP_PRIVATE, fd, 0);
	if (bytes == MAP_FAILED)
		return -errno;
	rc = stale_report_unpack(bytes, (size_t)len, ret);
	munmap(bytes, (size_t)len);
	return rc;
}

/* n: of descriptors that came with it, of which fd is the first. */
static int accept_packet(const struct packet *packet, size_t len, int fd, size_t n,
			 struct wire_message *ret)
{
	uint64_t report_len;
	int rc = wire_decode(packet, len, ret, &report_len);

	if (rc < 0)
		return rc;
	if (n != (ret->kind == WIRE_REPORT))
		return -EBADMSG;
	return n ? read_report(fd, report_len, &ret->report.report) : 0;
}

int wire_receive(int end, struct wire_message *ret)
{
	/* Room for more than there may be, so that more can be told. */
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(4 * sizeof(int))];
	} control;
	struct packet packet;
	struct wire_message message;
	struct iovec part = {&packet, sizeof(packet)};
	struct msghdr header = {.msg_iov = &part,
				.msg_iovlen = 1,
				.msg_control = &control,
				.msg_controllen = sizeof(control)};
	cleanup_close int fd = -1;
	size_t nfds;
	ssize_t n;
	int rc;

	do
		n = recvmsg(end, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EWOULDBLOCK ? -EAGAIN : -errno;
	fd = take_descriptor(&header, &nfds);
	if (n == 0)
		return 0;
	if (header.msg_flags & (MSG_TRUNC | MSG_CTRUNC))
		return -EBADMSG;
	rc = accept_packet(&packet, (size_t)n, fd, nfds, &message);
	if (rc < 0)
		return rc;
	*ret = message;
	return 1;
}
