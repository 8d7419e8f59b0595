/*
 * livefiles.h - where the folder of a live case is made, and how it is removed.
 */
#ifndef TESTS_LIVEFILES_H
#define TESTS_LIVEFILES_H

#include <stdbool.h>

/*
 * Makes a new folder and writes its path (PATH_MAX bytes).  Not where files count as
 * scratch, and where another user can get at it, if there is such a place.  Returns false
 * when there is no place for it.
 */
bool livefiles_make_dir(char *dir);

/* With all that is in it, however deep. */
void livefiles_remove_dir(const char *dir);

#endif
