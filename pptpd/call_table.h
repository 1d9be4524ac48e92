/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All calls of the manager by their call ID, whichever child has them. Owns none of them. */
#ifndef PPTPD_CALL_TABLE_H
#define PPTPD_CALL_TABLE_H

#include <stddef.h>
#include <stdint.h>

struct call;
struct call_table;

/* For about that many calls. NULL when memory is out. */
struct call_table *call_table_new(size_t calls);

/* Accepts NULL; the calls stay. */
void call_table_free(struct call_table *table);

/* By the ID of its lease, which no other call in the table has. */
void call_table_add(struct call_table *table, struct call *call);
void call_table_remove(struct call_table *table, struct call *call);

/* NULL when there is none. */
struct call *call_table_find(const struct call_table *table, uint16_t call_id);

#endif
