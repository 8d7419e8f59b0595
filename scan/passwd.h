/*
 * passwd.h - user names from a file like /etc/passwd, read once.
 *
 * Not by way of NSS: that opens sockets, loads libraries and may hang.  Who is known to
 * an LDAP server only stays a number.
 */
#ifndef SCAN_PASSWD_H
#define SCAN_PASSWD_H

#include "names.h"
#include "stale.h"

/*
 * One line, without its newline.  Returns 0 with the name, borrowed from the line and
 * without a NUL, or -EINVAL, -ERANGE where it is no entry of a user.
 */
int passwd_parse_line(const char *line, size_t len, struct name *ret_name,
		      uid_t *ret_uid);

#endif
