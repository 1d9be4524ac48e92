/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the configured address lists to the pool; see the header. */
#include "pptpd/pool_conf.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "pptpd/addr_pool.h"
#include "pptpd/base/log.h"
#include "pptpd/conf.h"
#include "pptpd/ip_spec.h"

static bool parse_list(const char *which, const char *spec, size_t limit, struct ip_list *ret_list)
{
	char item[IP_SPEC_ITEM_MAX];

	switch (ip_spec_parse(spec, limit, ip_resolve, ret_list, item)) {
	case IP_SPEC_OK:
		if (ret_list->cut)
			log_warning(
				"MGR: connections limit (%zu) reached, extra IP addresses ignored",
				limit);
		return true;
	case IP_SPEC_BAD_ADDRESS:
		log_err("MGR: Bad IP address (%s) in config file!", item);
		return false;
	case IP_SPEC_BAD_RANGE:
		log_err("MGR: Bad %s IP range: %s", which, item);
		return false;
	case IP_SPEC_NO_MEMORY:
		break;
	}
	log_system(LOG_ERR, "MGR: %s", which);
	return false;
}

static int compare_addresses(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct in_addr));
}

/* Two clients with the same address would take each other's packets. */
static bool has_duplicate(const struct ip_list *list)
{
	struct in_addr *sorted = calloc(list->count, sizeof(*sorted));
	bool found = false;

	if (!sorted) {
		log_system(LOG_ERR, "MGR: remoteip");
		return true;
	}
	memcpy(sorted, list->addresses, list->count * sizeof(*sorted));
	qsort(sorted, list->count, sizeof(*sorted), compare_addresses);
	for (size_t i = 1; i < list->count && !found; i++) {
		char text[INET_ADDRSTRLEN];

		if (sorted[i].s_addr != sorted[i - 1].s_addr)
			continue;
		found = true;
		log_err("MGR: Remote IP address %s in config is a duplicate!",
			inet_ntop(AF_INET, &sorted[i], text, sizeof(text)));
	}
	free(sorted);
	return found;
}

static size_t lower_limit(size_t limit, size_t count)
{
	if (count >= limit)
		return limit;
	log_info("MGR: Maximum of %zu connections reduced to %zu, not enough IP addresses given",
		 limit, count);
	return count;
}

struct addr_pool *pool_from_conf(const struct conf *conf)
{
	struct ip_list remotes = {0}, locals = {0};
	struct addr_pool *pool = NULL;
	size_t limit = conf->connections;

	if (conf->delegate) {
		pool = addr_pool_new(limit, NULL, 0, NULL, 0);
		goto made;
	}
	if (!parse_list("remote", conf->remoteip, limit, &remotes))
		goto out;
	if (has_duplicate(&remotes))
		goto out;
	limit = lower_limit(limit, remotes.count);
	if (!parse_list("local", conf->localip, limit, &locals))
		goto out;
	if (locals.count > 1)
		limit = lower_limit(limit, locals.count);
	pool = addr_pool_new(limit, locals.addresses, locals.count, remotes.addresses,
			     remotes.count);
made:
	if (!pool)
		log_system(LOG_ERR, "MGR: address pool");
out:
	ip_list_done(&remotes);
	ip_list_done(&locals);
	return pool;
}
