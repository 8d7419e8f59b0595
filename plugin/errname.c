/*
 * errname.c - the symbolic name of an errno.
 */
#include "errname.h"

#include <errno.h>

#define ERRNO(name)                                                                      \
	{                                                                                \
		name, #name                                                              \
	}

void errname_print(struct buf *t, int error)
{
	static const struct {
		int error;
		const char *name;
	} names[] = {
		ERRNO(EACCES),    ERRNO(EPERM),    ERRNO(ENOENT),    ERRNO(ESRCH),
		ERRNO(EIO),       ERRNO(ENOMEM),   ERRNO(EMFILE),    ERRNO(ENFILE),
		ERRNO(EINTR),     ERRNO(EAGAIN),   ERRNO(EBADF),     ERRNO(EBUSY),
		ERRNO(EFAULT),    ERRNO(EINVAL),   ERRNO(EISDIR),    ERRNO(ENOTDIR),
		ERRNO(ELOOP),     ERRNO(ENODEV),   ERRNO(ENXIO),     ERRNO(ENOSYS),
		ERRNO(ENOTTY),    ERRNO(ENOTSUP),  ERRNO(EOVERFLOW), ERRNO(ERANGE),
		ERRNO(ESTALE),    ERRNO(ENOTCONN), ERRNO(ETIMEDOUT), ERRNO(EREMOTEIO),
		ERRNO(EHOSTDOWN), ERRNO(EPROTO),   ERRNO(EBADMSG),   ERRNO(ENAMETOOLONG),
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].error == error) {
			buf_put(t, names[i].name);
			return;
		}
	}
	buf_printf(t, "errno %d", error);
}
