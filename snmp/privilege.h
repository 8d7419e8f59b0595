/*
 * privilege.h - the capabilities of the three kinds of process, and no more than these.
 *
 * Works as user 0 and as another user, with all, some or none of the capabilities.  None
 * of it can be undone: no_new_privs is set wherever something is given up.
 */
#ifndef SNMP_PRIVILEGE_H
#define SNMP_PRIVILEGE_H

/*
 * Of the keeper: permitted is what a scan needs, as far as it is there (cap_sys_ptrace,
 * cap_dac_read_search, cap_checkpoint_restore), effective and inheritable nothing.
 * Returns 0 or -errno.
 */
int privilege_keep(void);

/* Of the worker: what is permitted becomes effective; nobody may look into it any more.
 * Returns 0 or -errno. */
int privilege_raise(void);

/* Of the SNMP side: nothing is left, and nothing comes back.  Returns 0 or -errno; then
 * the process must not go on. */
int privilege_drop_all(void);

#endif
