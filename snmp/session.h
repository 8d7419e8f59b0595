/*
 * session.h - libnetsnmp: its start, its place in a poll loop, its end.
 *
 * The one place that knows how a subagent is run; knows nothing of what it tells.  There
 * is one, as libnetsnmp has but one.  A master that does not answer costs a second at a
 * time.  One that is frozen for so long that its socket takes no more connections, or that
 * never stops talking, costs ten, in which nobody can ask.  One that sends what is no
 * AgentX is hung up on.  SIGALRM is taken for that.
 */
#ifndef SNMP_SESSION_H
#define SNMP_SESSION_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

#include "settings.h"

/*
 * Starts libnetsnmp, and connects if the master is there; then it is tried again at each
 * ping interval.  No file is read or written.  Returns 0; -EINVAL where libnetsnmp
 * does not want to; or -ENOMEM.
 */
int session_open(const struct settings *settings);

/*
 * The descriptors to wait for, from fds on; they are others after each turn.  To be called
 * right before poll(2): what comes before it must not take long.  Lowers
 * *timeout_ms (-1: none).  Returns how many there are, room at most.
 */
size_t session_poll(struct pollfd *fds, size_t room, int *timeout_ms);

/* Does what there is to do, after poll(2) on these n. */
void session_turn(const struct pollfd *fds, size_t n);

bool session_is_connected(void);
/* Another number after each time that the master was lost. */
unsigned session_losses(void);

/*
 * To be asked after mib_register() and after each turn.  Was what we tell refused, because
 * another subagent tells it?  One refusal after a connection that was lost may be a
 * master that did not notice yet: then it is all tried again, a few times.
 */
bool session_is_refused(void);

/* Says goodbye to the master, for at most half a second, and releases all. */
void session_close(void);

#endif
