/*
 * fakemaster.c - see fakemaster.h.
 */
#include "fakemaster.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "agentd.h"
#include "tests/test.h"

#define FLAG_BIG   0x10
#define SESSION    0x1234
#define NO_OBJECT  128 /* this type of value and above: there is none */
#define TYPE_COUNT 32

void fakemaster_put8(struct fakemaster_pdu *pdu, uint8_t value)
{
	if (pdu->len < sizeof(pdu->bytes))
		pdu->bytes[pdu->len++] = value;
}

void fakemaster_put16(struct fakemaster_pdu *pdu, uint16_t value)
{
	fakemaster_put8(pdu, (uint8_t)(pdu->is_big ? value >> 8 : value));
	fakemaster_put8(pdu, (uint8_t)(pdu->is_big ? value : value >> 8));
}

void fakemaster_put32(struct fakemaster_pdu *pdu, uint32_t value)
{
	fakemaster_put16(pdu, (uint16_t)(pdu->is_big ? value >> 16 : value));
	fakemaster_put16(pdu, (uint16_t)(pdu->is_big ? value : value >> 16));
}

void fakemaster_set32(struct fakemaster_pdu *pdu, size_t at, uint32_t value)
{
	const size_t len = pdu->len;

	pdu->len = at;
	fakemaster_put32(pdu, value);
	pdu->len = len;
}

static uint16_t get16(const struct fakemaster_pdu *pdu, size_t at)
{
	const uint8_t *b = pdu->bytes + at;

	return (uint16_t)(pdu->is_big ? b[0] << 8 | b[1] : b[1] << 8 | b[0]);
}

uint32_t fakemaster_get32(const struct fakemaster_pdu *pdu, size_t at)
{
	const uint32_t first = get16(pdu, at), second = get16(pdu, at + 2);

	return pdu->is_big ? first << 16 | second : second << 16 | first;
}

void fakemaster_put_oid(struct fakemaster_pdu *pdu, const char *oid, bool is_included)
{
	const size_t at = pdu->len;
	uint8_t n = 0;
	char *end;

	for (int i = 0; i < 4; i++)
		fakemaster_put8(pdu, 0);
	pdu->bytes[at + 2] = is_included;
	for (; *oid == '.'; oid = end, n++)
		fakemaster_put32(pdu, (uint32_t)strtoul(oid + 1, &end, 10));
	pdu->bytes[at] = n;
}

void fakemaster_put_text(struct fakemaster_pdu *pdu, const void *text, size_t len)
{
	fakemaster_put32(pdu, (uint32_t)len);
	for (size_t i = 0; i < (len + 3) / 4 * 4; i++)
		fakemaster_put8(pdu, i < len ? ((const uint8_t *)text)[i] : 0);
}

/* packet, transaction: those of the question, where it is an answer. */
static void begin(struct fakemaster_pdu *pdu, uint8_t type, uint32_t transaction,
		  uint32_t packet)
{
	pdu->len = 0;
	fakemaster_put8(pdu, 1);
	fakemaster_put8(pdu, type);
	fakemaster_put8(pdu, pdu->is_big ? FLAG_BIG : 0);
	fakemaster_put8(pdu, 0);
	fakemaster_put32(pdu, SESSION);
	fakemaster_put32(pdu, transaction);
	fakemaster_put32(pdu, packet);
	fakemaster_put32(pdu, 0);
}

void fakemaster_begin(struct fakemaster *m, struct fakemaster_pdu *pdu,
		      enum fakemaster_type type)
{
	pdu->is_big = m->is_big;
	m->packet++;
	begin(pdu, (uint8_t)type, m->packet, m->packet);
}

void fakemaster_finish(struct fakemaster_pdu *pdu)
{
	fakemaster_set32(pdu, 16, (uint32_t)(pdu->len - FAKEMASTER_HEADER));
}

void fakemaster_open(struct fakemaster *m, const char *path)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};

	*m = (struct fakemaster){.fd = -1, .packet = 0x40000000};
	snprintf(at.sun_path, sizeof(at.sun_path), "%.100s", path);
	m->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(m->listener >= 0);
	assert_int_equal(bind(m->listener, (const struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(m->listener, 8), 0);
}

void fakemaster_hang_up(struct fakemaster *m)
{
	if (m->fd >= 0)
		close(m->fd);
	m->fd = -1;
}

void fakemaster_close(struct fakemaster *m)
{
	fakemaster_hang_up(m);
	if (m->listener >= 0)
		close(m->listener);
	m->listener = -1;
}

/* Milliseconds until then, for poll(2). */
static int left_until(double end)
{
	const double left = end - agentd_clock();

	return left > 0 ? (int)(left * 1000) + 1 : 0;
}

bool fakemaster_connect(struct fakemaster *m, double seconds)
{
	struct pollfd pfd = {.fd = m->listener, .events = POLLIN};

	fakemaster_hang_up(m);
	if (poll(&pfd, 1, (int)(seconds * 1000)) != 1)
		return false;
	m->fd = accept4(m->listener, NULL, NULL, SOCK_CLOEXEC);
	assert_true(m->fd >= 0);
	memset(m->heard, 0, sizeof(m->heard));
	return true;
}

static bool read_all(int fd, uint8_t *to, size_t len, double end)
{
	struct pollfd pfd = {.fd = fd, .events = POLLIN};

	while (len > 0) {
		ssize_t n;

		if (poll(&pfd, 1, left_until(end)) != 1)
			return false;
		n = recv(fd, to, len, 0);
		if (n <= 0)
			return false;
		to += n;
		len -= (size_t)n;
	}
	return true;
}

/* The next PDU, to m->last.  Returns its type, 0 where none came; m->fd is -1 where none
 * will come any more. */
static unsigned hear(struct fakemaster *m, double end)
{
	struct fakemaster_pdu *pdu = &m->last;
	struct pollfd pfd = {.fd = m->fd, .events = POLLIN};
	size_t len;

	if (m->fd < 0 || poll(&pfd, 1, left_until(end)) != 1)
		return 0;
	end = agentd_clock() + 10; /* to take the rest of one that has begun */
	if (!read_all(m->fd, pdu->bytes, FAKEMASTER_HEADER, end)) {
		fakemaster_hang_up(m);
		return 0;
	}
	pdu->is_big = pdu->bytes[2] & FLAG_BIG;
	len = fakemaster_get32(pdu, 16);
	assert_true(len <= FAKEMASTER_PDU_MAX - FAKEMASTER_HEADER);
	assert_true(pdu->bytes[0] == 1 && pdu->bytes[1] < TYPE_COUNT);
	pdu->len = FAKEMASTER_HEADER + len;
	if (!read_all(m->fd, pdu->bytes + FAKEMASTER_HEADER, len, end)) {
		fakemaster_hang_up(m);
		return 0;
	}
	m->heard[pdu->bytes[1]]++;
	return pdu->bytes[1];
}

static void say(struct fakemaster *m, const void *bytes, size_t len)
{
	if (m->fd >= 0 && send(m->fd, bytes, len, MSG_NOSIGNAL) != (ssize_t)len)
		fakemaster_hang_up(m);
}

/* To the question that was heard last. */
static void answer(struct fakemaster *m, unsigned type)
{
	static struct fakemaster_pdu pdu;

	if (type == FAKEMASTER_RESPONSE || m->errors[type] < 0)
		return;
	pdu.is_big = m->last.is_big;
	begin(&pdu, FAKEMASTER_RESPONSE, fakemaster_get32(&m->last, 8),
	      fakemaster_get32(&m->last, 12));
	fakemaster_put32(&pdu, 4711);
	fakemaster_put16(&pdu, (uint16_t)m->errors[type]);
	fakemaster_put16(&pdu, 0);
	fakemaster_finish(&pdu);
	say(m, pdu.bytes, pdu.len);
}

bool fakemaster_serve(struct fakemaster *m, enum fakemaster_type type, double seconds)
{
	const double end = agentd_clock() + seconds;

	while (m->fd >= 0 && agentd_clock() < end) {
		unsigned heard = hear(m, end);

		if (heard)
			answer(m, heard);
		if (heard && heard == (unsigned)type)
			return m->fd >= 0;
	}
	return false;
}

bool fakemaster_accept(struct fakemaster *m, double seconds)
{
	const double end = agentd_clock() + seconds;

	do {
		if (fakemaster_connect(m, end - agentd_clock()) &&
		    fakemaster_serve(m, FAKEMASTER_ADD_CAPS, end - agentd_clock()))
			return true;
	} while (agentd_clock() < end);
	return false;
}

bool fakemaster_await_end(struct fakemaster *m, double seconds)
{
	fakemaster_serve(m, 0, seconds);
	return m->fd < 0;
}

bool fakemaster_send(struct fakemaster *m, const void *bytes, size_t len)
{
	const char *at = bytes;

	while (len > 0 && m->fd >= 0) {
		struct pollfd pfd = {.fd = m->fd, .events = POLLIN | POLLOUT};
		ssize_t n;

		if (poll(&pfd, 1, 10000) != 1)
			return false;
		/* Not answered: that would come in the middle. */
		if (pfd.revents & POLLIN && hear(m, agentd_clock()) == 0)
			return false;
		n = send(m->fd, at, len, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno != EAGAIN)
			return false;
		at += n > 0 ? n : 0;
		len -= n > 0 ? (size_t)n : 0;
	}
	return len == 0;
}

/* Of the answer that was heard: one variable.  Returns false where it is none. */
static bool read_value(const struct fakemaster_pdu *pdu, int64_t *ret)
{
	size_t at = FAKEMASTER_HEADER + 8, numbers;

	if (pdu->len < at + 8 || get16(pdu, at - 4) != 0)
		return false;
	numbers = pdu->bytes[at + 4];
	if (get16(pdu, at) >= NO_OBJECT) {
		*ret = -1;
		return true;
	}
	at += 8 + numbers * 4;
	if (pdu->len < at + 4)
		return false;
	*ret = fakemaster_get32(pdu, at);
	return true;
}

bool fakemaster_get(struct fakemaster *m, const char *oid, double seconds, int64_t *ret)
{
	static struct fakemaster_pdu pdu;
	const double end = agentd_clock() + seconds;

	fakemaster_begin(m, &pdu, FAKEMASTER_GET);
	fakemaster_put_oid(&pdu, oid, false);
	fakemaster_put_oid(&pdu, "", false);
	fakemaster_finish(&pdu);
	say(m, pdu.bytes, pdu.len);
	while (m->fd >= 0 && agentd_clock() < end) {
		unsigned heard = hear(m, end);

		if (heard == FAKEMASTER_RESPONSE &&
		    fakemaster_get32(&m->last, 12) == m->packet)
			return read_value(&m->last, ret);
		if (heard)
			answer(m, heard);
	}
	return false;
}
