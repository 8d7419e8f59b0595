/*
 * elfmake.h - small ELF shared objects with a SONAME and a GNU build-id of the test's
 * choosing, so that no test needs a compiler.  They can be mapped and read, not run.
 */
#ifndef TESTS_ELFMAKE_H
#define TESTS_ELFMAKE_H

#include <stddef.h>

#define ELFMAKE_BUILD_ID_LEN 20

struct elfmake {
	const char *soname; /* NULL: none; below 200 bytes */
	char build;         /* all bytes of the build-id; 0: no build-id */
	char fill;          /* all bytes of the code, so that contents may differ */
};

/* Writes a new file of 8,192 bytes; refuses one that exists.  Returns 0 or -errno. */
int elfmake_write(const char *path, const struct elfmake *elf);

/*
 * Copies an executable to a new file with mode 0755; build other than 0 becomes all bytes
 * of the build-id of the copy.  Returns 0, -ENOEXEC where it has none, or -errno.
 */
int elfmake_copy(const char *from, const char *to, char build);

#endif
