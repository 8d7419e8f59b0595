/*
 * pidfile.h - the file that tells who runs, and that keeps a second one from running.
 *
 * Its lock belongs to one process: children do not inherit it, so that one of them which
 * cannot be ended does not keep the next daemon from its start.
 */
#ifndef SNMP_PIDFILE_H
#define SNMP_PIDFILE_H

#include <stddef.h>
#include <sys/types.h>

struct pidfile {
	const char *path; /* borrowed */
	int fd;           /* -1: none */
};
#define PIDFILE_INIT                                                                     \
	{                                                                                \
		.fd = -1                                                                 \
	}

/*
 * Creates the file, or takes the one that is there, locks it and writes the number of this
 * process into it.  Returns 0 and fills *ret (pidfile_remove()); or -errno with what is
 * wrong in message: -EBUSY where another process has it.  path is borrowed.
 */
int pidfile_create(const char *path, struct pidfile *ret, char *message,
		   size_t message_size);

/* Removes the file if it is still ours, and lets go of it; none is a no-op. */
void pidfile_remove(struct pidfile *pidfile);

#endif
