/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sources of LRPs; see the header. */
#include "pptpd/known_sources.h"

#include <stddef.h>

/*
 * Ten times a stranger's: before it is let in, an LRP cannot be told from another host behind the
 * same router.
 */
#define HANDSHAKES_BURST     320
#define HANDSHAKES_REFILL_MS 50

/* The place of that node, else a free one, else that of who came longest ago. */
static struct known_source *find_place(struct known_sources *known, const struct node_id *node)
{
	struct known_source *oldest = &known->places[0];

	for (unsigned i = 0; i < known->count; i++) {
		struct known_source *one = &known->places[i];

		if (node_id_equal(&one->node, node))
			return one;
		if (mono_before(one->seen, oldest->seen))
			oldest = one;
	}
	return known->count < KNOWN_SOURCES_MAX ? &known->places[known->count] : oldest;
}

void known_sources_add(struct known_sources *known, const struct node_id *node,
		       const struct address *source, struct mono now)
{
	struct known_source *one = find_place(known, node);
	bool fresh = one == &known->places[known->count];

	if (fresh || !node_id_equal(&one->node, node))
		rate_limit_init(&one->handshakes, HANDSHAKES_BURST, HANDSHAKES_REFILL_MS, now);
	known->count += fresh;
	one->node = *node;
	one->source = *source;
	one->seen = now;
}

struct known_source *known_sources_find(struct known_sources *known, const struct address *source,
					const struct known_source *after)
{
	for (size_t i = after ? (size_t)(after - known->places) + 1 : 0; i < known->count; i++) {
		if (address_same_source(&known->places[i].source, source))
			return &known->places[i];
	}
	return NULL;
}
