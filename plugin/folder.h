/*
 * folder.h - opens the folder of a file that is to be written.
 *
 * A path that leads through a folder of another user leads where that user wants: a link
 * in there is not followed.
 */
#ifndef PLUGIN_FOLDER_H
#define PLUGIN_FOLDER_H

#include <stddef.h>

/*
 * path: len bytes, of which none is NUL.  Links of root and of our own user are followed.
 * Returns a descriptor that may be synced, which the caller owns; or a negative errno,
 * -ELOOP for a link of somebody else, or for too many.
 */
int folder_open(const char *path, size_t len);

#endif
