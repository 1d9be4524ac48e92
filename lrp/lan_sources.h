/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hosts of the LAN that have or lately had a control connection: how many each has, and how
 * many log lines each may cause. Bounded; the least recently seen idle host is forgotten first.
 */
#ifndef LRP_LAN_SOURCES_H
#define LRP_LAN_SOURCES_H

#include <netinet/in.h>

#include "pptpd/base/mono.h"
#include "pptpd/base/rate_limit.h"
#include "pptpd/base/util.h"

/*
 * So many lines at once, then one every so often, for each host. What goes wrong and what goes well
 * are counted apart, so that whoever sends garbage from an address does not hide its calls.
 */
#define LAN_SOURCE_WARNINGS         20
#define LAN_SOURCE_WARNING_EVERY_MS 3000
#define LAN_SOURCE_INFOS            100
#define LAN_SOURCE_INFO_EVERY_MS    500

/*
 * Connections of one host: twice as many at once as it may keep, for clients behind a translated
 * address that all come back, then ten in a second, so that none keeps us busy with coming and
 * going.
 */
#define LAN_SOURCE_CONNECTS         128
#define LAN_SOURCE_CONNECT_EVERY_MS 100

struct lan_source {
	struct in_addr address;
	unsigned connections; /* kept by the owner; a host with none may be forgotten */
	unsigned half_open;   /* those that sent no Start-Control-Connection-Request yet */
	struct mono seen;
	struct rate_limit warnings; /* LOG_WARNING and worse */
	struct rate_limit infos;
	struct rate_limit connects;
};

struct lan_sources;

/* Room for `limit` hosts. NULL when memory is out. */
struct lan_sources *lan_sources_new(unsigned limit);

/* Accepts NULL. */
void lan_sources_free(struct lan_sources *sources);

/*
 * The host with that address, new or known; valid as long as it has connections. NULL if all
 * places are taken by hosts that have connections.
 */
struct lan_source *lan_sources_get(struct lan_sources *sources, struct in_addr address,
				   struct mono now);

/*
 * One log line about the host, "CLIENT ADDRESS: ...", unless it had too many of
 * its kind; the next one of the kind says how many were left out. Debug lines are not limited.
 */
void lan_source_log(struct lan_source *source, int severity, const char *format, ...)
	PRINTF_LIKE(3, 4);

#endif
