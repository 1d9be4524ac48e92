/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The file with our process ID; see the header. */
#include "pptpd/base/pid_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "pptpd/base/fdio.h"

int pid_file_write(const char *path)
{
	/* Init scripts signal whom it names, so the mode does not depend on a lax umask. */
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
	int error = 0;

	if (!file) {
		error = -errno;
		fdio_close(&fd);
		return error;
	}
	if (fprintf(file, "%ld\n", (long)getpid()) < 0)
		error = -errno;
	if (fclose(file) != 0 && !error)
		error = -errno;
	return error;
}

int pid_file_remove(const char *path)
{
	FILE *file = fopen(path, "re");
	long pid = 0;

	if (!file)
		return 0; /* somebody else has removed it */
	if (fscanf(file, "%ld", &pid) != 1)
		pid = 0;
	(void)fclose(file); /* only read */
	return pid == (long)getpid() && unlink(path) != 0 ? -errno : 0;
}
