/*
 * mib_value.c - one value of an object, with its type.
 */
#include "mib_value.h"

struct mib_value mib_value_none(void)
{
	return (struct mib_value){.type = ASN_NULL};
}

static struct mib_value number(u_char type, long n)
{
	return (struct mib_value){.type = type, .number = n};
}

struct mib_value mib_value_integer(int32_t n)
{
	return number(ASN_INTEGER, n);
}

struct mib_value mib_value_unsigned(uint32_t n)
{
	return number(ASN_UNSIGNED, (long)n);
}

struct mib_value mib_value_counter(uint32_t n)
{
	return number(ASN_COUNTER, (long)n);
}

/* TruthValue (RFC 2579): true is 1, and false 2. */
struct mib_value mib_value_truth(bool truth)
{
	return mib_value_integer(truth ? 1 : 2);
}

struct mib_value mib_value_text(struct snapshot_text text)
{
	return (struct mib_value){.type = ASN_OCTET_STR, .text = text.s, .len = text.len};
}

struct mib_value mib_value_date(int64_t time)
{
	struct mib_value value = {.type = ASN_OCTET_STR};

	value.len = snapshot_date(time, value.bytes);
	return value;
}

/* RFC 2578, 7.1.4 and RFC 3417, 8: the first named bit is the highest of the first octet. */
struct mib_value mib_value_bits(unsigned bits)
{
	struct mib_value value = {.type = ASN_OCTET_STR, .len = 1};

	for (unsigned n = 0; n < 8; n++)
		if (bits & 1U << n)
			value.bytes[0] |= (uint8_t)(0x80U >> n);
	return value;
}

const void *mib_value_data(const struct mib_value *value, size_t *ret_len)
{
	if (value->type == ASN_OCTET_STR) {
		*ret_len = value->len;
		return value->text ? (const void *)value->text : value->bytes;
	}
	*ret_len = sizeof(value->number);
	return &value->number;
}
