/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The file with our process ID; see the header. */
#include "pptpd/pidfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "pptpd/base/fdio.h"
#include "pptpd/base/log.h"

void pidfile_write(const char *path)
{
	/* Init scripts signal whom it names, so the mode does not depend on a lax umask. */
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
	int failed;

	if (!file) {
		log_system(LOG_ERR, "PPTPD: failed to open(%s), errno=%d", path, errno);
		fdio_close(&fd);
		return;
	}
	failed = fprintf(file, "%ld\n", (long)getpid()) < 0;
	if (fclose(file) != 0 || failed)
		log_system(LOG_ERR, "PPTPD: failed to write(%s)", path);
}

void pidfile_remove(const char *path)
{
	FILE *file = fopen(path, "re");
	long pid = 0;

	if (!file)
		return;
	if (fscanf(file, "%ld", &pid) != 1)
		pid = 0;
	(void)fclose(file); /* only read */
	if (pid == (long)getpid() && unlink(path) != 0)
		log_system(LOG_WARNING, "PPTPD: failed to unlink(%s)", path);
}
