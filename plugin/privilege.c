/*
 * privilege.c - what this process may do.
 */
#include "privilege.h"

#include <sys/auxv.h>
#include <sys/capability.h>

bool privilege_has_ptrace(void)
{
	cap_flag_value_t value = CAP_CLEAR;
	cap_t caps = cap_get_proc();

	if (!caps)
		return false;
	if (cap_get_flag(caps, CAP_SYS_PTRACE, CAP_EFFECTIVE, &value) < 0)
		value = CAP_CLEAR;
	cap_free(caps);
	return value == CAP_SET;
}

bool privilege_is_elevated(void)
{
	return getauxval(AT_SECURE) != 0;
}
