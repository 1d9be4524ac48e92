/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls by ID; see the header. Call IDs are random, so their low bits are a hash. Runs as root. */
#include "pptpd/call_table.h"

#include <stdlib.h>

#include "pptpd/base/log.h"
#include "pptpd/call.h"

/* There are no more call IDs than that. */
#define PLACES_MAX 65536

struct call_table {
	size_t mask;
	struct call *first[];
};

struct call_table *call_table_new(size_t calls)
{
	struct call_table *table;
	size_t places = 1;

	while (places < calls && places < PLACES_MAX)
		places *= 2;
	table = calloc(1, sizeof(*table) + places * sizeof(table->first[0]));
	if (table)
		table->mask = places - 1;
	return table;
}

void call_table_free(struct call_table *table)
{
	free(table);
}

void call_table_add(struct call_table *table, struct call *call)
{
	struct call **first = &table->first[call->lease.call_id & table->mask];

	call->next_in_table = *first;
	*first = call;
}

void call_table_remove(struct call_table *table, struct call *call)
{
	struct call **at = &table->first[call->lease.call_id & table->mask];

	while (*at && *at != call)
		at = &(*at)->next_in_table;
	if (!*at)
		bug("call %u is not in the table", call->lease.call_id);
	*at = call->next_in_table;
}

struct call *call_table_find(const struct call_table *table, uint16_t call_id)
{
	struct call *call = table->first[call_id & table->mask];

	while (call && call->lease.call_id != call_id)
		call = call->next_in_table;
	return call;
}
