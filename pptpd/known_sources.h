/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where LRPs of the list were last let in from: strangers cannot take their share of what is
 * limited over all sources. One place for each LRP, so that none can fill it. Pure.
 */
#ifndef PPTPD_KNOWN_SOURCES_H
#define PPTPD_KNOWN_SOURCES_H

#include "pptpd/base/address.h"
#include "pptpd/base/mono.h"
#include "pptpd/base/node_id.h"
#include "pptpd/base/rate_limit.h"

/* LRPs whose source is remembered; those that came lately, if there are more. */
#define KNOWN_SOURCES_MAX 256

/* All zero at first. */
struct known_sources {
	unsigned count;
	struct known_source {
		struct node_id node;
		struct address source;
		struct mono seen;
		struct rate_limit handshakes; /* whoever they are of: hosts behind a router too */
	} places[KNOWN_SOURCES_MAX];
};

/* That LRP was let in from there; its former source is forgotten. */
void known_sources_add(struct known_sources *known, const struct node_id *node,
		       const struct address *source, struct mono now);

/*
 * The place of an LRP that was let in from there, or NULL. Several LRPs may share a source: the
 * first place, or the next one after `after`. Lent until the next known_sources_add().
 */
struct known_source *known_sources_find(struct known_sources *known, const struct address *source,
					const struct known_source *after);

#endif
