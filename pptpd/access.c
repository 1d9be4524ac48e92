/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TCP wrappers; see the header. */
#include "pptpd/access.h"

#include "config.h"

#ifdef HAVE_LIBWRAP
#include <stdio.h>
#include <syslog.h>
#include <tcpd.h>

/* libwrap wants its user to have these, for rules with severities of their own. */
int allow_severity = LOG_INFO;
int deny_severity = LOG_WARNING;

bool access_allowed(int fd)
{
	struct request_info request;

	resident = 1; /* else a `twist` rule of the first connection replaces the whole manager */
	request_init(&request, RQ_DAEMON, "pptpd", RQ_FILE, fd, 0);
	fromhost(&request);
	return hosts_access(&request) != 0;
}
#else
bool access_allowed(int fd)
{
	(void)fd;
	return true;
}
#endif
