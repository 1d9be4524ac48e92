/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The file with our process ID; see the header. */
#include "pptpd/pidfile.h"

#include <errno.h>

#include "pptpd/base/log.h"
#include "pptpd/base/pid_file.h"

void pidfile_write(const char *path)
{
	int error = pid_file_write(path);

	if (!error)
		return;
	errno = -error;
	log_system(LOG_ERR, "PPTPD: failed to open(%s), errno=%d", path, -error);
}

void pidfile_remove(const char *path)
{
	int error = pid_file_remove(path);

	if (!error)
		return;
	errno = -error;
	log_system(LOG_WARNING, "PPTPD: failed to unlink(%s)", path);
}
