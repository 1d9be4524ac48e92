/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TCP wrappers; see the header. */
#include "pptpd/access.h"

#include "config.h"

#ifdef HAVE_LIBWRAP
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <tcpd.h>
#include <unistd.h>

/* Where Debian's libwrap looks. */
#define HOSTS_ALLOW "/etc/hosts.allow"
#define HOSTS_DENY  "/etc/hosts.deny"

/* libwrap wants its user to have these, for rules with severities of their own. */
int allow_severity = LOG_INFO;
int deny_severity = LOG_WARNING;

static bool file_has_rules(const char *path)
{
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t room = 0;
	bool found = false;

	while (file && !found && getline(&line, &room, file) > 0)
		found = line[0] != '#' && line[strspn(line, " \t\r\n")];
	free(line);
	if (file)
		(void)fclose(file); /* only read */
	return found;
}

bool access_has_rules(void)
{
	return file_has_rules(HOSTS_ALLOW) || file_has_rules(HOSTS_DENY);
}

bool access_rules_readable(void)
{
	return (access(HOSTS_ALLOW, R_OK) == 0 || errno == ENOENT) &&
	       (access(HOSTS_DENY, R_OK) == 0 || errno == ENOENT);
}

bool access_allowed(int fd)
{
	struct request_info request;

	resident = 1; /* else a `twist` rule of the first connection replaces the whole manager */
	request_init(&request, RQ_DAEMON, "pptpd", RQ_FILE, fd, 0);
	fromhost(&request);
	return hosts_access(&request) != 0;
}
#else
bool access_has_rules(void)
{
	return false;
}

bool access_rules_readable(void)
{
	return true;
}

bool access_allowed(int fd)
{
	(void)fd;
	return true;
}
#endif
