/*
 * guard.h - the connection to the master, on which libnetsnmp sees only what is AgentX.
 *
 * A transport of libnetsnmp around any other one.  Sets are refused here, as nothing can
 * be set; what is wrong makes an end of the connection.  See frames.h for the rest.
 */
#ifndef SNMP_GUARD_H
#define SNMP_GUARD_H

#define GUARD_PREFIX "checked:" /* before an address: "checked:unix:/run/agentx" */

/* Makes such addresses known, after init_agent(); libnetsnmp has no more than one open at
 * a time.  Returns 0 or -ENOMEM. */
int guard_register(void);

#endif
