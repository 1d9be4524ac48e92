/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parses the address lists of pptpd.conf; see the header. */
#include "pptpd/ip_spec.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pptpd/base/util.h"

struct octet_range {
	unsigned low;
	unsigned high;
};

static bool append(struct ip_list *list, struct in_addr address)
{
	struct in_addr *bigger =
		reallocarray(list->addresses, list->count + 1, sizeof(*list->addresses));

	if (!bigger)
		return false;
	bigger[list->count++] = address;
	list->addresses = bigger;
	return true;
}

static unsigned count_of(const char *text, char wanted)
{
	unsigned count = 0;

	for (; *text; text++)
		count += *text == wanted;
	return count;
}

/* Everything else with a hyphen is a host name. */
static bool looks_like_range(const char *item)
{
	return item[strspn(item, "0123456789.-")] == '\0' && count_of(item, '-') == 1 &&
	       count_of(item, '.') == 3;
}

/* Digits at *pos, which moves behind them; false without a digit. A huge number stays huge. */
static bool read_number(const char **pos, unsigned *ret_number)
{
	unsigned number = 0;
	const char *start = *pos;

	for (; **pos >= '0' && **pos <= '9'; (*pos)++)
		number = number > UINT8_MAX ? number : number * 10 + (unsigned)(**pos - '0');
	*ret_number = number;
	return *pos != start;
}

static enum ip_spec_result read_octets(const char *item, struct octet_range octets[4])
{
	for (int i = 0; i < 4; i++) {
		if (i && *item++ != '.')
			return IP_SPEC_BAD_ADDRESS;
		if (!read_number(&item, &octets[i].low))
			return *item == '-' ? IP_SPEC_BAD_RANGE : IP_SPEC_BAD_ADDRESS;
		octets[i].high = octets[i].low;
		if (*item == '-') {
			item++;
			if (!read_number(&item, &octets[i].high))
				return IP_SPEC_BAD_RANGE;
		}
		if (octets[i].low > UINT8_MAX)
			return IP_SPEC_BAD_ADDRESS;
		if (octets[i].high < octets[i].low)
			return IP_SPEC_BAD_RANGE;
	}
	return *item ? IP_SPEC_BAD_ADDRESS : IP_SPEC_OK;
}

/* Only one octet spans more than one value, so the nested walk is at most 256 steps. */
static enum ip_spec_result add_range(struct ip_list *list, size_t limit, const char *item)
{
	struct octet_range o[4];
	enum ip_spec_result result = read_octets(item, o);
	unsigned steps = 0;

	if (result != IP_SPEC_OK)
		return result;
	for (int i = 0; i < 4; i++)
		steps += o[i].high - o[i].low;
	for (unsigned step = 0; step <= steps; step++) {
		uint32_t address = 0;

		if (list->count == limit) {
			list->cut = true;
			return IP_SPEC_OK;
		}
		for (int i = 0; i < 4; i++) {
			unsigned octet = o[i].low + (o[i].high > o[i].low ? step : 0);

			if (octet > UINT8_MAX)
				return IP_SPEC_BAD_ADDRESS;
			address = address << 8 | octet;
		}
		if (!append(list, (struct in_addr){.s_addr = htonl(address)}))
			return IP_SPEC_NO_MEMORY;
	}
	return IP_SPEC_OK;
}

static enum ip_spec_result add_item(struct ip_list *list, size_t limit, const char *item,
				    ip_resolver *resolve)
{
	struct in_addr address;

	if (list->count == limit) {
		list->cut = true; /* and what it is does not matter, as for Poptop */
		return IP_SPEC_OK;
	}
	if (looks_like_range(item))
		return add_range(list, limit, item);
	if (!item[0] || !resolve(item, &address))
		return IP_SPEC_BAD_ADDRESS;
	return append(list, address) ? IP_SPEC_OK : IP_SPEC_NO_MEMORY;
}

bool ip_resolve(const char *name, struct in_addr *ret_address)
{
	const struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
	struct addrinfo *found;

	if (inet_pton(AF_INET, name, ret_address) == 1)
		return true;
	if (getaddrinfo(name, NULL, &hints, &found) != 0)
		return false;
	memcpy(ret_address, (const char *)found->ai_addr + offsetof(struct sockaddr_in, sin_addr),
	       sizeof(*ret_address));
	freeaddrinfo(found);
	return true;
}

enum ip_spec_result ip_spec_parse(const char *spec, size_t limit, ip_resolver *resolve,
				  struct ip_list *ret_list, char ret_item[IP_SPEC_ITEM_MAX])
{
	struct ip_list list = {0};
	enum ip_spec_result result;

	do {
		size_t len = strcspn(spec, ",");

		(void)snprintf(ret_item, IP_SPEC_ITEM_MAX, "%.*s", (int)MIN(len, INT32_MAX), spec);
		result = len < IP_SPEC_ITEM_MAX ? add_item(&list, limit, ret_item, resolve)
						: IP_SPEC_BAD_ADDRESS;
		spec += len;
	} while (result == IP_SPEC_OK && *spec++ == ',');
	if (result == IP_SPEC_OK)
		*ret_list = list;
	else
		ip_list_done(&list);
	return result;
}

void ip_list_done(struct ip_list *list)
{
	free(list->addresses);
	*list = (struct ip_list){0};
}
