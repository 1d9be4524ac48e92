/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sources of LRPs: one for each LRP, forgotten only for the sake of other LRPs. */
#include "tests/unit/unit.h"

#include <arpa/inet.h>

#include "pptpd/known_sources.h"

static const struct mono start = {.us = 5000000};

static struct address source(unsigned number)
{
	return address_from_in((struct in_addr){htonl(0x0a000000u + number)}, 1024);
}

static void add(struct known_sources *known, unsigned node, unsigned from, int ms)
{
	const struct node_id id = {.bytes = {(uint8_t)node, (uint8_t)(node >> 8)}};
	const struct address address = source(from);

	known_sources_add(known, &id, &address, mono_add_ms(start, ms));
}

static struct known_source *find(struct known_sources *known, unsigned from)
{
	const struct address address = source(from);

	return known_sources_find(known, &address, NULL);
}

static void lrp_has_one_source_its_latest(void **state UNUSED)
{
	static struct known_sources known;

	assert_null(find(&known, 1));
	add(&known, 1, 1, 0);
	add(&known, 2, 2, 0);
	assert_non_null(find(&known, 1));
	for (unsigned i = 3; i < 2000; i++)
		add(&known, 1, i, 1);
	assert_null(find(&known, 1));
	assert_non_null(find(&known, 1999));
	assert_non_null(find(&known, 2));
	assert_int_equal(known.count, 2);
}

static void lrp_that_comes_again_has_no_fresh_measure(void **state UNUSED)
{
	static struct known_sources known;
	unsigned refused, allowed = 0;

	for (unsigned i = 0; i < 2000; i++) {
		add(&known, 1, i, 0);
		allowed += rate_limit_allow(&find(&known, i)->handshakes, start, &refused);
	}
	assert_in_range(allowed, 33, 1999);
}

static void lrp_that_came_longest_ago_is_forgotten_first(void **state UNUSED)
{
	static struct known_sources known;

	for (unsigned i = 0; i < KNOWN_SOURCES_MAX; i++)
		add(&known, i, i, (int)i);
	add(&known, 0, 0, KNOWN_SOURCES_MAX);
	add(&known, KNOWN_SOURCES_MAX, KNOWN_SOURCES_MAX, KNOWN_SOURCES_MAX + 1);
	assert_int_equal(known.count, KNOWN_SOURCES_MAX);
	assert_null(find(&known, 1));
	assert_non_null(find(&known, 0));
	assert_non_null(find(&known, KNOWN_SOURCES_MAX));
}

static void lrps_behind_one_router_are_found_one_after_the_other(void **state UNUSED)
{
	static struct known_sources known;
	const struct address address = source(7);
	struct known_source *one, *two;

	add(&known, 1, 7, 0);
	add(&known, 2, 8, 0);
	add(&known, 3, 7, 0);
	one = known_sources_find(&known, &address, NULL);
	two = known_sources_find(&known, &address, one);
	assert_true(one && two && !node_id_equal(&one->node, &two->node));
	assert_null(known_sources_find(&known, &address, two));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lrp_has_one_source_its_latest),
		cmocka_unit_test(lrp_that_comes_again_has_no_fresh_measure),
		cmocka_unit_test(lrp_that_came_longest_ago_is_forgotten_first),
		cmocka_unit_test(lrps_behind_one_router_are_found_one_after_the_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
