/*
 * mib_value.h - one value of an object, with its type.
 *
 * Plain values, which may be copied; text is borrowed from its snapshot.  Allocates
 * nothing and knows no object.
 */
#ifndef SNMP_MIB_VALUE_H
#define SNMP_MIB_VALUE_H

#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include "snapshot.h"

struct mib_value {
	u_char type; /* ASN_*; ASN_NULL: there is none */
	/* Of numbers; signed also where the type is not, as libnetsnmp wants it. */
	long number;
	const char *text; /* NULL: bytes */
	uint8_t bytes[11];
	size_t len; /* of text or bytes */
};

struct mib_value mib_value_none(void);
/* INTEGER: enumerations, TruthValue. */
struct mib_value mib_value_integer(int32_t number);
/* Unsigned32 and Gauge32, which are the same to the protocol. */
struct mib_value mib_value_unsigned(uint32_t number);
struct mib_value mib_value_counter(uint32_t number);
struct mib_value mib_value_truth(bool truth);
struct mib_value mib_value_text(struct snapshot_text text);
/* DateAndTime; time: seconds since the epoch, 0: unknown. */
struct mib_value mib_value_date(int64_t time);
/* BITS: bit n of bits is named bit n.  Only the lowest 8. */
struct mib_value mib_value_bits(unsigned bits);

/* The value as libnetsnmp takes it, borrowed from value. */
const void *mib_value_data(const struct mib_value *value, size_t *ret_len);

#endif
