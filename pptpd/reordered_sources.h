/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Client addresses whose packets overtake each other on their way. Bounded: who was seen longest
 * ago makes place; each is forgotten after some hours, since paths change. Pure.
 */
#ifndef PPTPD_REORDERED_SOURCES_H
#define PPTPD_REORDERED_SOURCES_H

#include <stdbool.h>

#include "pptpd/base/address.h"
#include "pptpd/base/mono.h"

/* Clients that dial at all number more, those on such paths hardly. */
#define REORDERED_SOURCES_MAX 512

#define REORDERED_KEPT_S (6 * 3600)

/* All zero at first. */
struct reordered_sources {
	unsigned count;
	struct reordered_source {
		struct address source;
		struct mono seen;
	} places[REORDERED_SOURCES_MAX];
};

/* It was seen now. Whether that was not known. */
bool reordered_sources_add(struct reordered_sources *sources, const struct address *source,
			   struct mono now);

bool reordered_sources_has(const struct reordered_sources *sources, const struct address *source,
			   struct mono now);

#endif
