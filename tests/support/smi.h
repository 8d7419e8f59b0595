/*
 * smi.h - what the tools of SNMP need to read a MIB module here.
 *
 * The base modules of the SMI come with no package of Debian's main; npm's package
 * "net-snmp" has them.  They are got once and kept in the build folder; nothing of the
 * system's configuration is read or written.
 */
#ifndef TESTS_SMI_H
#define TESTS_SMI_H

#include <stddef.h>

#define SMI_MODULE "STALE-PROCESS-MIB"

/*
 * The folder with SNMPv2-SMI, SNMPv2-TC and SNMPv2-CONF and nothing else.  Skips the test
 * where they cannot be had.  Static.
 */
const char *smi_need(const char *test);

/* Our own module; static. */
const char *smi_module_path(void);

/*
 * For all that this process starts: our module and the base modules, no other, and no
 * configuration.  Skips as above.
 */
void smi_environment(const char *test);

/* What a shell command writes; with its exit status, -1 where it was killed.  Owned:
 * free(). */
char *smi_shell(const char *command, int *ret_status);

#endif
