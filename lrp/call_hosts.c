/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses that have calls; see the header. A hash with chains, bounded by the calls. */
#include "lrp/call_hosts.h"

#include <arpa/inet.h>
#include <stdlib.h>

#include "pptpd/base/log.h"

/* A LAN's hosts mostly differ in their last byte. A power of two. */
#define BUCKETS 256

struct call_host {
	struct call_host *next;
	struct in_addr address;
	unsigned calls;
};

struct call_hosts {
	struct call_host *buckets[BUCKETS];
};

struct call_hosts *call_hosts_new(void)
{
	return calloc(1, sizeof(struct call_hosts));
}

void call_hosts_free(struct call_hosts *hosts)
{
	if (!hosts)
		return;
	for (size_t i = 0; i < BUCKETS; i++) {
		struct call_host *next;

		for (struct call_host *host = hosts->buckets[i]; host; host = next) {
			next = host->next;
			free(host);
		}
	}
	free(hosts);
}

static size_t bucket_of(struct in_addr address)
{
	return ntohl(address.s_addr) % BUCKETS;
}

/* Where the pointer to that host is, or the NULL at the end of its chain. */
static struct call_host **find(struct call_hosts *hosts, struct in_addr address)
{
	struct call_host **at = &hosts->buckets[bucket_of(address)];

	while (*at && (*at)->address.s_addr != address.s_addr)
		at = &(*at)->next;
	return at;
}

bool call_hosts_add(struct call_hosts *hosts, struct in_addr address)
{
	struct call_host **at = find(hosts, address);

	if (!*at) {
		*at = calloc(1, sizeof(**at));
		if (!*at)
			return false;
		(*at)->address = address;
	}
	(*at)->calls++;
	return true;
}

void call_hosts_remove(struct call_hosts *hosts, struct in_addr address)
{
	struct call_host **at = find(hosts, address);
	struct call_host *host = *at;

	if (!host)
		bug("a call ended of a host that has none");
	if (--host->calls)
		return;
	*at = host->next;
	free(host);
}

bool call_hosts_has(const struct call_hosts *hosts, struct in_addr address)
{
	const struct call_host *host = hosts->buckets[bucket_of(address)];

	while (host && host->address.s_addr != address.s_addr)
		host = host->next;
	return host != NULL;
}
