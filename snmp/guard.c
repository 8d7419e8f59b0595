/*
 * guard.c - see guard.h.
 */
#include "guard.h"

#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "frames.h"
#include "log.h"
#include "mib.h"

static struct {
	struct frames frames;
	int (*receive)(netsnmp_transport *, void *, int, void **, int *);
	int (*send)(netsnmp_transport *, const void *, int, void **, int *);
} guard;

static void refuse(netsnmp_transport *transport, const uint8_t *set)
{
	uint8_t answer[FRAMES_ANSWER];
	size_t len = frames_refuse(set, answer);
	void *opaque = NULL;
	int opaque_len = 0;

	if (len > 0)
		guard.send(transport, answer, (int)len, &opaque, &opaque_len);
}

/* Whole PDUs only.  Returns how many bytes that are; -1: an end is to be made. */
static int sort_out(netsnmp_transport *transport, uint8_t *to)
{
	const uint8_t *pdu;
	const char *why;
	size_t len;
	int n = 0;

	for (;;) {
		int what = frames_next(&guard.frames, &pdu, &len, &why);

		if (what < 0) {
			log_say(LOG_ERR, "the master sent %s: hung up", why);
			return -1;
		}
		if (what == FRAMES_WAIT)
			return n;
		if (what == FRAMES_SET) {
			refuse(transport, pdu);
			continue;
		}
		memcpy(to + n, pdu, len);
		n += (int)len;
	}
}

static int receive_checked(netsnmp_transport *transport, void *bytes, int room,
			   void **opaque, int *opaque_len)
{
	size_t most;
	uint8_t *to = frames_room(&guard.frames, &most);
	int n = guard.receive(transport, to, (int)most, opaque, opaque_len);

	/* As it keeps no part of a PDU, libnetsnmp has room for the longest. */
	if (n <= 0 || room < FRAMES_MAX)
		return n <= 0 ? n : -1;
	frames_add(&guard.frames, (size_t)n);
	n = sort_out(transport, bytes);
	if (n == 0) {
		transport->flags |= NETSNMP_TRANSPORT_FLAG_EMPTY_PKT;
		free(*opaque); /* which would be forgotten */
		*opaque = NULL;
		*opaque_len = 0;
	}
	return n;
}

static int send_noted(netsnmp_transport *transport, const void *bytes, int len,
		      void **opaque, int *opaque_len)
{
	frames_sent(&guard.frames, bytes, (size_t)len);
	return guard.send(transport, bytes, len, opaque, opaque_len);
}

/* The target is what stands behind our prefix; none: the usual one. */
static netsnmp_transport *open_checked(netsnmp_tdomain_spec *spec)
{
	const char *target = spec->target && *spec->target ? spec->target : NULL;
	netsnmp_transport *transport = netsnmp_transport_open_client("agentx", target);

	if (!transport)
		return NULL;
	frames_init(&guard.frames);
	guard.receive = transport->f_recv;
	guard.send = transport->f_send;
	transport->f_recv = receive_checked;
	transport->f_send = send_noted;
	return transport;
}

int guard_register(void)
{
	static const oid name[] = {STALE_MIB_BASE, 99}; /* that nobody else has */
	static netsnmp_tdomain domain = {
		.name = name,
		.name_length = sizeof(name) / sizeof(name[0]),
		.f_create_from_tspec = open_checked,
	};

	/* It frees this list in the end, and nothing else of it. */
	domain.prefix = calloc(2, sizeof(*domain.prefix));
	if (!domain.prefix)
		return -ENOMEM;
	domain.prefix[0] = "checked";
	netsnmp_tdomain_register(&domain);
	return 0;
}
