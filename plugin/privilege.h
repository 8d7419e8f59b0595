/*
 * privilege.h - what this process may do.
 */
#ifndef PLUGIN_PRIVILEGE_H
#define PLUGIN_PRIVILEGE_H

#include <stdbool.h>

/* Is cap_sys_ptrace effective: may the processes of all users be read? */
bool privilege_has_ptrace(void);

/* Did the program gain privilege when it was started (AT_SECURE)?  Then its user must
 * not choose what it opens. */
bool privilege_is_elevated(void);

#endif
