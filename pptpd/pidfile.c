/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The file with our process ID; see the header. */
#include "pptpd/pidfile.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "pptpd/base/log.h"

void pidfile_write(const char *path)
{
	FILE *file = fopen(path, "we");
	int failed;

	if (!file) {
		log_system(LOG_ERR, "PPTPD: failed to open(%s), errno=%d", path, errno);
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
