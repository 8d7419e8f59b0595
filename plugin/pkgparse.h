/*
 * pkgparse.h - what the query commands of package managers print.  Pure: bytes in,
 * callbacks out.
 *
 * What cannot be understood is skipped: these programs also print notes.
 */
#ifndef PLUGIN_PKGPARSE_H
#define PLUGIN_PKGPARSE_H

#include <stddef.h>

/* A piece of the input, not ended by NUL; borrowed from it. */
struct piece {
	const char *s;
	size_t len;
};

/* One answer.  path is empty when the command does not repeat it, version when it does
 * not tell it. */
struct pkganswer {
	struct piece path;
	struct piece name;
	struct piece version;
};

/* Returns 0 to go on; else what the parser is to return. */
typedef int pkganswer_take(const struct pkganswer *answer, void *arg);

/* dpkg-query --search: path and name (with ":amd64" where it is of no foreign use). */
int pkgparse_dpkg_search(const char *s, size_t len, pkganswer_take *take, void *arg);
/* dpkg-query --show, as PKGPARSE_DPKG_FORMAT has it: name and version. */
int pkgparse_dpkg_show(const char *s, size_t len, pkganswer_take *take, void *arg);
#define PKGPARSE_DPKG_FORMAT "${binary:Package}\\t${db:Status-Status}\\t${Version}\\n"
/* rpm --query --file, as PKGPARSE_RPM_FORMAT has it: all, for every file of a package. */
int pkgparse_rpm(const char *s, size_t len, pkganswer_take *take, void *arg);
#define PKGPARSE_RPM_FORMAT                                                              \
	"[%{=NAME}\\t%|EPOCH?{%{=EPOCH}:}|%{=VERSION}-%{=RELEASE}\\t%{FILENAMES}\\n]"
/* pacman --query --owns: all. */
int pkgparse_pacman(const char *s, size_t len, pkganswer_take *take, void *arg);
/* apk info --who-owns: all. */
int pkgparse_apk(const char *s, size_t len, pkganswer_take *take, void *arg);

#endif
