/*
 * nrpe.h - an NRPE server with a private copy of nrpe/check_stale.cfg, and its client.
 *
 * In the copy the plugin is the one that was built, where another user can get at it, and
 * each command has a few more words, so that it looks at the processes of the case only.
 * The server runs as monitored_user().
 */
#ifndef TESTS_NRPE_H
#define TESTS_NRPE_H

#include "daemon.h"
#include "liveplugin.h"

struct nrpe {
	struct daemon daemon;
	struct live *live;
	const char *client; /* borrowed */
	int port;
	char *log;    /* owned */
	char *config; /* of its commands; owned */
};

/*
 * Starts the server.  words: added to each command.  sudo: use the lines with sudo, in
 * place of the others.  Skips where there is no NRPE.
 */
void nrpe_start(struct nrpe *nrpe, struct live *live, const char *words, bool sudo);
/* Also of one that was never started, and is all zeroes. */
void nrpe_stop(struct nrpe *nrpe);

/* The command line of a command, as the server has it; owned by the caller. */
char *nrpe_command_line(const struct nrpe *nrpe, const char *command);

/* Asks for it as a monitoring host does.  option: one more for check_nrpe, or NULL. */
void nrpe_ask(const struct nrpe *nrpe, const char *command, const char *option,
	      struct liveplugin_answer *ret);

#endif
