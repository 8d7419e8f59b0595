/*
 * shipped.h - what is in nrpe/, for tests that have it run: private copies in which paths
 * and users are those of the test, and answers in which the figures that vary are masked.
 */
#ifndef TESTS_SHIPPED_H
#define TESTS_SHIPPED_H

/* Where check_stale is to the files in nrpe/. */
#define SHIPPED_PLUGIN "/usr/lib/nagios/plugins/check_stale"

/* The text of nrpe/NAME; owned by the caller. */
char *shipped_read(const char *name);

/*
 * Takes a text, owned, and gives it back, owned, with every FROM changed to TO.  Fails the
 * test when there is none.
 */
char *shipped_replace(char *text, const char *from, const char *to);

/* A copy in which ages and the time of the scan are "#"; owned by the caller. */
char *shipped_mask(const char *text);

/* Are both texts the same but for these?  Prints them if not. */
int shipped_differs(const char *label, const char *got, const char *want);

#endif
