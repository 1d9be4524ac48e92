/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes lines to the system log under the tag "pptpd" with the process ID of whoever wrote them:
 * the lines of every pptpctrl pass through the manager, and syslog(3) knows only the caller's ID.
 */
#ifndef PPTPD_SYSLOG_H
#define PPTPD_SYSLOG_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "pptpd/base/mono.h"

struct syslog_writer {
	int socket;            /* -1: not connected */
	bool stuck;            /* the last line found no room */
	int64_t budget_us;     /* what may still be spent on waiting */
	struct mono budget_at; /* when it was last told */
};

void syslog_init(struct syslog_writer *writer);
void syslog_done(struct syslog_writer *writer);

/* Writes one line of that process. A line that the log does not take within moments is lost. */
void syslog_write(struct syslog_writer *writer, pid_t pid, int severity, const char *text);

#endif
