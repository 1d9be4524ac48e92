/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An intrusive doubly linked ring: a head and the links inside its members. */
#ifndef PPTPD_BASE_LIST_H
#define PPTPD_BASE_LIST_H

#include <stdbool.h>

#include "pptpd/base/util.h"

struct list {
	struct list *next;
	struct list *prev;
};

/* Makes an empty head, or a member that is on no list. */
static inline void list_init(struct list *head)
{
	head->next = head;
	head->prev = head;
}

static inline bool list_empty(const struct list *head)
{
	return head->next == head;
}

static inline void list_append(struct list *head, struct list *member)
{
	member->prev = head->prev;
	member->next = head;
	head->prev->next = member;
	head->prev = member;
}

/* Takes the member off its list; harmless on one that is on none. */
static inline void list_remove(struct list *member)
{
	member->prev->next = member->next;
	member->next->prev = member->prev;
	list_init(member);
}

/* Puts all members of a list at the end of another one. */
static inline void list_move(struct list *head, struct list *from)
{
	if (list_empty(from))
		return;
	from->next->prev = head->prev;
	head->prev->next = from->next;
	from->prev->next = head;
	head->prev = from->prev;
	list_init(from);
}

/* Walks the members; the body may remove `item` itself, but no other member. */
#define list_for_each(item, head)                                                         \
	for (struct list *item = (head)->next, *item##_next = item->next; item != (head); \
	     item = item##_next, item##_next = item->next)

#endif
