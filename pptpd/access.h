/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hosts.allow and hosts.deny (TCP wrappers), under the service name "pptpd". */
#ifndef PPTPD_ACCESS_H
#define PPTPD_ACCESS_H

#include <stdbool.h>

/* Whether there is a rule at all; else there is nothing to ask. */
bool access_has_rules(void);

/* Whether this process may read the rules that there are; libwrap takes a file it cannot read for
 * none. */
bool access_rules_readable(void);

/* Asks name servers, so it may block; see pptpd/access_check.h. Whether the connected socket's peer
 * may use the service; true in builds without libwrap. */
bool access_allowed(int fd);

#endif
