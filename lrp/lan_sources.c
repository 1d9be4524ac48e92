/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hosts of the LAN; see the header. Searched only when a connection arrives, so without an index.
 */
#include "lrp/lan_sources.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "pptpd/base/log.h"

struct lan_sources {
	struct lan_source *hosts;
	unsigned used;
	unsigned limit;
};

struct lan_sources *lan_sources_new(unsigned limit)
{
	struct lan_sources *sources = calloc(1, sizeof(*sources));

	if (!sources)
		return NULL;
	sources->limit = limit;
	sources->hosts = calloc(limit, sizeof(*sources->hosts));
	if (!sources->hosts) {
		free(sources);
		return NULL;
	}
	return sources;
}

void lan_sources_free(struct lan_sources *sources)
{
	if (!sources)
		return;
	free(sources->hosts);
	free(sources);
}

/* The place of `address`, else a free one, else that of the host idle for longest, else NULL. */
static struct lan_source *find_place(struct lan_sources *sources, struct in_addr address)
{
	struct lan_source *oldest = NULL;

	for (unsigned i = 0; i < sources->used; i++) {
		struct lan_source *host = &sources->hosts[i];

		if (host->address.s_addr == address.s_addr)
			return host;
		if (!host->connections && (!oldest || mono_before(host->seen, oldest->seen)))
			oldest = host;
	}
	return sources->used < sources->limit ? &sources->hosts[sources->used] : oldest;
}

struct lan_source *lan_sources_get(struct lan_sources *sources, struct in_addr address,
				   struct mono now)
{
	struct lan_source *host = find_place(sources, address);
	bool fresh;

	if (!host)
		return NULL;
	fresh = host == &sources->hosts[sources->used];
	sources->used += fresh;
	if (fresh || host->address.s_addr != address.s_addr) {
		*host = (struct lan_source){.address = address};
		rate_limit_init(&host->warnings, LAN_SOURCE_WARNINGS, LAN_SOURCE_WARNING_EVERY_MS,
				now);
		rate_limit_init(&host->infos, LAN_SOURCE_INFOS, LAN_SOURCE_INFO_EVERY_MS, now);
		rate_limit_init(&host->connects, LAN_SOURCE_CONNECTS, LAN_SOURCE_CONNECT_EVERY_MS,
				now);
	}
	host->seen = now;
	return host;
}

void lan_source_log(struct lan_source *source, int severity, const char *format, ...)
{
	char address[INET_ADDRSTRLEN];
	char text[LOG_LINE_MAX];
	char more[40] = "";
	struct rate_limit *limit = severity <= LOG_WARNING ? &source->warnings : &source->infos;
	unsigned refused;
	va_list args;

	if (severity == LOG_DEBUG && !log_is_debug())
		return;
	if (severity != LOG_DEBUG) { /* who asks for debug lines gets them all */
		if (!rate_limit_allow(limit, mono_now(), &refused))
			return;
		if (refused)
			(void)snprintf(more, sizeof(more), " (%u more not shown)", refused);
	}
	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args); /* cut, as any line */
	va_end(args);
	(void)inet_ntop(AF_INET, &source->address, address, sizeof(address)); /* there is room */
	log_line(severity, "CLIENT %s: %s%s", address, text, more);
}
