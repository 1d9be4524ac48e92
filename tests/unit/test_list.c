/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ring: order, removal while walking, and members on no list. */
#include "tests/unit/unit.h"

#include "pptpd/base/list.h"

struct item {
	int number;
	struct list link;
};

/* The numbers of the members as decimal digits, first one first. */
static int digits(const struct list *head)
{
	int value = 0;

	list_for_each (link, head)
		value = value * 10 + container_of(link, struct item, link)->number;
	return value;
}

static void members_stay_in_order(void **state UNUSED)
{
	struct item items[] = {{.number = 1}, {.number = 2}, {.number = 3}};
	struct list head;

	list_init(&head);
	assert_true(list_empty(&head));
	assert_int_equal(digits(&head), 0);
	for (size_t i = 0; i < ARRAY_SIZE(items); i++)
		list_append(&head, &items[i].link);
	assert_int_equal(digits(&head), 123);
	list_remove(&items[1].link);
	assert_int_equal(digits(&head), 13);
	list_append(&head, &items[1].link);
	assert_int_equal(digits(&head), 132);
}

static void member_may_leave_during_the_walk(void **state UNUSED)
{
	struct item items[] = {{.number = 1}, {.number = 2}, {.number = 3}};
	struct list head;

	list_init(&head);
	for (size_t i = 0; i < ARRAY_SIZE(items); i++)
		list_append(&head, &items[i].link);
	list_for_each (link, &head)
		list_remove(link);
	assert_true(list_empty(&head));
}

static void members_move_behind_those_of_another_list(void **state UNUSED)
{
	struct item items[] = {{.number = 1}, {.number = 2}, {.number = 3}};
	struct list head, from;

	list_init(&head);
	list_init(&from);
	list_move(&head, &from);
	assert_true(list_empty(&head));
	list_append(&head, &items[0].link);
	list_append(&from, &items[1].link);
	list_append(&from, &items[2].link);
	list_move(&head, &from);
	assert_true(list_empty(&from));
	assert_int_equal(digits(&head), 123);
	list_remove(&items[2].link);
	assert_int_equal(digits(&head), 12);
}

static void removal_of_a_lone_member_is_harmless(void **state UNUSED)
{
	struct item item = {.number = 1};

	list_init(&item.link);
	list_remove(&item.link);
	list_remove(&item.link);
	assert_true(list_empty(&item.link));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_stay_in_order),
		cmocka_unit_test(member_may_leave_during_the_walk),
		cmocka_unit_test(members_move_behind_those_of_another_list),
		cmocka_unit_test(removal_of_a_lone_member_is_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
