/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sources on paths that reorder; see the header. */
#include "pptpd/reordered_sources.h"

#include <stddef.h>

static bool is_fresh(const struct reordered_source *one, struct mono now)
{
	return mono_before(now, mono_add_ms(one->seen, REORDERED_KEPT_S * 1000LL));
}

static unsigned find(const struct reordered_sources *sources, const struct address *source)
{
	unsigned i = 0;

	while (i < sources->count && !address_same_host(&sources->places[i].source, source))
		i++;
	return i;
}

static unsigned oldest(const struct reordered_sources *sources)
{
	unsigned old = 0;

	for (unsigned i = 1; i < sources->count; i++) {
		if (mono_before(sources->places[i].seen, sources->places[old].seen))
			old = i;
	}
	return old;
}

bool reordered_sources_add(struct reordered_sources *sources, const struct address *source,
			   struct mono now)
{
	unsigned i = find(sources, source);
	bool known = i < sources->count && is_fresh(&sources->places[i], now);

	if (i == REORDERED_SOURCES_MAX)
		i = oldest(sources);
	else if (i == sources->count)
		sources->count++;
	sources->places[i] = (struct reordered_source){.source = *source, .seen = now};
	return !known;
}

bool reordered_sources_has(const struct reordered_sources *sources, const struct address *source,
			   struct mono now)
{
	unsigned i = find(sources, source);

	return i < sources->count && is_fresh(&sources->places[i], now);
}
