/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Log lines by address: each has its own measure, and no number of addresses grows anything. */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <string.h>

#include "pptpd/peer_limits.h"

static const struct mono start = {.us = 5000000};

static struct address peer(unsigned number)
{
	return address_from_in((struct in_addr){htonl(0x0a000000u + number)}, 1024);
}

static unsigned allowed_of(struct peer_limits *limits, const struct address *from, unsigned lines)
{
	unsigned allowed = 0;
	struct peer_refused refused;

	for (unsigned i = 0; i < lines; i++)
		allowed += peer_limits_allow(limits, &peer_measure_bad, from, start, &refused);
	return allowed;
}

static void address_has_a_burst_and_no_more(void **state UNUSED)
{
	struct peer_limits limits = {0};
	struct address a = peer(1);

	assert_int_equal(allowed_of(&limits, &a, 1000), peer_measure_bad.burst);
}

static void ports_of_an_address_share_its_measure(void **state UNUSED)
{
	struct peer_limits limits = {0};
	struct address a = peer(1);
	struct address b = address_from_in(a.in.sin_addr, 2048);

	assert_int_equal(allowed_of(&limits, &a, 1000), peer_measure_bad.burst);
	assert_int_equal(allowed_of(&limits, &b, 1000), 0);
}

static void addresses_of_an_ipv6_network_share_its_measure(void **state UNUSED)
{
	struct peer_limits limits = {0};
	struct address a = {.in6 = {.sin6_family = AF_INET6, .sin6_addr = {{{0x20, 0x01}}}}};
	unsigned allowed = 0;

	a.len = sizeof(a.in6);
	for (uint8_t i = 0; i < 200; i++) {
		a.in6.sin6_addr.s6_addr[15] = i;
		allowed += allowed_of(&limits, &a, 1);
	}
	assert_int_equal(allowed, peer_measure_bad.burst);
}

static void another_address_is_not_concerned(void **state UNUSED)
{
	struct peer_limits limits = {0};
	struct address a = peer(1), b = peer(2);

	(void)allowed_of(&limits, &a, 1000);
	assert_int_equal(allowed_of(&limits, &b, 1000), peer_measure_bad.burst);
}

static void refused_lines_are_told_with_the_next(void **state UNUSED)
{
	struct peer_limits limits = {0};
	struct address a = peer(1);
	struct peer_refused refused = {.count = 4711};

	(void)allowed_of(&limits, &a, peer_measure_bad.burst + 5);
	assert_true(peer_limits_allow(&limits, &peer_measure_bad, &a,
				      mono_add_ms(start, peer_measure_bad.refill_ms), &refused));
	assert_int_equal(refused.count, 5);
}

/* One line of each of so many addresses, a millisecond apart. The time of the last. */
static struct mono fill(struct peer_limits *limits, unsigned addresses)
{
	struct peer_refused refused;
	struct mono now = start;

	for (unsigned i = 0; i < addresses; i++) {
		struct address one = peer(i);

		now = mono_add_ms(start, i);
		assert_true(peer_limits_allow(limits, &peer_measure_bad, &one, now, &refused));
	}
	return now;
}

static void address_quiet_for_longest_is_forgotten_once_it_owes_nothing(void **state UNUSED)
{
	struct peer_limits limits = {0};
	struct peer_refused refused;
	struct address one = peer(1);
	struct mono now = mono_add_ms(fill(&limits, PEER_LIMITS_MAX), peer_measure_bad.refill_ms);

	/* Number 1 spends all, number 0 owes nothing and is forgotten for a new one. */
	for (unsigned i = 0; i < peer_measure_bad.burst; i++)
		assert_true(peer_limits_allow(&limits, &peer_measure_bad, &one, now, &refused));
	one = peer(PEER_LIMITS_MAX);
	assert_true(peer_limits_allow(&limits, &peer_measure_bad, &one, now, &refused));
	assert_false(refused.of_many);
	assert_int_equal(limits.count, PEER_LIMITS_MAX);
	one = peer(1);
	assert_false(peer_limits_allow(&limits, &peer_measure_bad, &one, now, &refused));
	for (unsigned i = 0; i < limits.count; i++) {
		one = peer(0);
		assert_false(address_same_host(&limits.peers[i].peer, &one));
	}
}

static void addresses_beyond_the_table_share_one_measure(void **state UNUSED)
{
	struct peer_limits limits = {0};
	struct peer_refused refused;
	struct mono now = fill(&limits, PEER_LIMITS_MAX);
	unsigned allowed = 0;

	for (unsigned i = 0; i < 10000; i++) {
		struct address one = peer(PEER_LIMITS_MAX + i);

		allowed += peer_limits_allow(&limits, &peer_measure_bad, &one, now, &refused);
		assert_true(refused.of_many);
	}
	assert_int_equal(allowed, peer_measure_bad.burst);
}

static void address_with_a_place_keeps_it_in_a_flood_of_others(void **state UNUSED)
{
	struct peer_limits limits = {0};
	struct peer_refused refused;
	struct mono now = fill(&limits, PEER_LIMITS_MAX);
	struct address one;

	for (unsigned i = 0; i < 10000; i++) {
		one = peer(PEER_LIMITS_MAX + i);
		(void)peer_limits_allow(&limits, &peer_measure_bad, &one, now, &refused);
	}
	one = peer(PEER_LIMITS_MAX / 2);
	assert_true(peer_limits_allow(&limits, &peer_measure_bad, &one, now, &refused));
	assert_false(refused.of_many);
	assert_int_equal(refused.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(address_has_a_burst_and_no_more),
		cmocka_unit_test(ports_of_an_address_share_its_measure),
		cmocka_unit_test(addresses_of_an_ipv6_network_share_its_measure),
		cmocka_unit_test(another_address_is_not_concerned),
		cmocka_unit_test(refused_lines_are_told_with_the_next),
		cmocka_unit_test(address_quiet_for_longest_is_forgotten_once_it_owes_nothing),
		cmocka_unit_test(addresses_beyond_the_table_share_one_measure),
		cmocka_unit_test(address_with_a_place_keeps_it_in_a_flood_of_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
