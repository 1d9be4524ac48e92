/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counts by source; see the header. */
#include "pptpd/unproven.h"

#include <stdlib.h>
#include <string.h>

#include "pptpd/base/list.h"

/* Each source has a call, so there are some thousands at most. */
#define PLACES 256

struct unproven_source {
	struct list link;
	struct address address;
	size_t count;
};

struct unproven {
	struct list places[PLACES];
};

struct unproven *unproven_new(void)
{
	struct unproven *unproven = calloc(1, sizeof(*unproven));

	for (size_t i = 0; unproven && i < PLACES; i++)
		list_init(&unproven->places[i]);
	return unproven;
}

void unproven_free(struct unproven *unproven)
{
	for (size_t i = 0; unproven && i < PLACES; i++) {
		list_for_each (link, &unproven->places[i])
			free(container_of(link, struct unproven_source, link));
	}
	free(unproven);
}

/* The same for all that address_same_source() takes for one. */
static size_t place_of(const struct address *source)
{
	uint32_t words[2] = {0, 0};

	if (source->sa.sa_family == AF_INET6)
		memcpy(words, &source->in6.sin6_addr, sizeof(words));
	else
		words[0] = source->in.sin_addr.s_addr;
	/* Knuth's multiplier: the upper bits depend on all of them. */
	return (uint32_t)((words[0] ^ words[1]) * 2654435761u) / (UINT32_MAX / PLACES + 1);
}

static struct unproven_source *find(const struct unproven *unproven, const struct address *source)
{
	list_for_each (link, &unproven->places[place_of(source)]) {
		struct unproven_source *one = container_of(link, struct unproven_source, link);

		if (address_same_source(&one->address, source))
			return one;
	}
	return NULL;
}

struct unproven_source *unproven_enter(struct unproven *unproven, const struct address *source)
{
	struct unproven_source *one = find(unproven, source);

	if (!one) {
		one = calloc(1, sizeof(*one));
		if (!one)
			return NULL;
		one->address = *source;
		list_append(&unproven->places[place_of(source)], &one->link);
	}
	one->count++;
	return one;
}

void unproven_leave(struct unproven_source *source)
{
	if (--source->count > 0)
		return;
	list_remove(&source->link);
	free(source);
}

size_t unproven_count(const struct unproven *unproven, const struct address *source)
{
	const struct unproven_source *one = find(unproven, source);

	return one ? one->count : 0;
}
