/* A file is written beside the one it replaces, and takes its place when it is complete. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int fail(const char *path, const char *why, struct zpm_err *err)
{
	return zpm_err_set(err, ZPM_EFAILED, "cannot write '%s': %s", path, why);
}

static int write_all(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t done = write(fd, data, len);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -1;
		data += done;
		len -= (size_t)done;
	}
	return fsync(fd);
}

/* mkostemp() makes the file for its owner alone. */
static int write_beside(char *beside, const char *path, const char *data, size_t len)
{
	int fd = mkostemp(beside, O_CLOEXEC), result, cause;

	if (fd < 0)
		return -1;
	result = write_all(fd, data, len);
	cause = errno;
	close(fd);
	if (!result && !rename(beside, path))
		return 0;
	errno = result < 0 ? cause : errno;
	cause = errno;
	unlink(beside);
	errno = cause;
	return -1;
}

int zpm_file_replace(const char *path, const char *data, size_t len, struct zpm_err *err)
{
	ZPM_FREE char *beside = NULL;
	struct stat there;

	/* A device or a link would be gone for everybody. */
	if (!lstat(path, &there) && !S_ISREG(there.st_mode))
		return fail(path, "it is there already, and not an ordinary file", err);
	if (asprintf(&beside, "%s.XXXXXX", path) < 0)
		abort();
	return write_beside(beside, path, data, len) < 0 ? fail(path, strerror(errno), err) : 0;
}
