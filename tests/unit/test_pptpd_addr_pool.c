/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Leases of address pairs and call IDs. */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <stdlib.h>

#include "pptpd/addr_pool.h"

static struct in_addr ip(uint32_t host_order)
{
	return (struct in_addr){.s_addr = htonl(host_order)};
}

static void several_locals_are_paired_with_remotes_by_position(void **state UNUSED)
{
	const struct in_addr locals[] = {ip(0x0a000001), ip(0x0a000002)};
	const struct in_addr remotes[] = {ip(0x0b000001), ip(0x0b000002)};
	struct addr_pool *pool = addr_pool_new(2, locals, 2, remotes, 2);
	struct addr_lease a, b;

	assert_true(addr_pool_take(pool, NULL, NULL, &a));
	assert_true(addr_pool_take(pool, NULL, NULL, &b));
	assert_int_equal(ntohl(a.local.s_addr), 0x0a000001);
	assert_int_equal(ntohl(a.remote.s_addr), 0x0b000001);
	assert_int_equal(ntohl(b.local.s_addr), 0x0a000002);
	assert_int_equal(ntohl(b.remote.s_addr), 0x0b000002);
	addr_pool_free(pool);
}

static void one_local_is_shared_by_all_slots(void **state UNUSED)
{
	const struct in_addr local = ip(0x0a000001);
	const struct in_addr remotes[] = {ip(0x0b000001), ip(0x0b000002), ip(0x0b000003)};
	struct addr_pool *pool = addr_pool_new(3, &local, 1, remotes, 3);
	struct addr_lease lease;

	for (uint32_t i = 0; i < 3; i++) {
		assert_true(addr_pool_take(pool, NULL, NULL, &lease));
		assert_int_equal(ntohl(lease.local.s_addr), 0x0a000001);
		assert_int_equal(ntohl(lease.remote.s_addr), 0x0b000001 + i);
	}
	addr_pool_free(pool);
}

static void slot_that_was_free_for_longest_comes_first(void **state UNUSED)
{
	const struct in_addr local = ip(1);
	const struct in_addr remotes[] = {ip(10), ip(11), ip(12)};
	struct addr_pool *pool = addr_pool_new(3, &local, 1, remotes, 3);
	struct addr_lease a, b, again;

	assert_true(addr_pool_take(pool, NULL, NULL, &a));
	assert_true(addr_pool_take(pool, NULL, NULL, &b));
	addr_pool_give(pool, &b);
	addr_pool_give(pool, &a);
	assert_true(addr_pool_take(pool, NULL, NULL, &again));
	assert_int_equal(ntohl(again.remote.s_addr), 12);
	assert_true(addr_pool_take(pool, NULL, NULL, &again));
	assert_int_equal(ntohl(again.remote.s_addr), 11);
	assert_true(addr_pool_take(pool, NULL, NULL, &again));
	assert_int_equal(ntohl(again.remote.s_addr), 10);
	addr_pool_free(pool);
}

static void exhausted_pool_refuses_until_one_is_given_back(void **state UNUSED)
{
	const struct in_addr local = ip(1), remote = ip(10);
	struct addr_pool *pool = addr_pool_new(1, &local, 1, &remote, 1);
	struct addr_lease lease, untouched = {.slot = 77};

	assert_int_equal(addr_pool_size(pool), 1);
	assert_true(addr_pool_take(pool, NULL, NULL, &lease));
	assert_int_equal(addr_pool_leased(pool), 1);
	assert_false(addr_pool_take(pool, NULL, NULL, &untouched));
	assert_int_equal(untouched.slot, 77);
	addr_pool_give(pool, &lease);
	assert_int_equal(addr_pool_leased(pool), 0);
	assert_true(addr_pool_take(pool, NULL, NULL, &lease));
	addr_pool_free(pool);
}

static void call_ids_are_unique_among_the_leased_and_never_zero(void **state UNUSED)
{
	enum {
		COUNT = 3000
	};
	struct addr_pool *pool = addr_pool_new(COUNT, NULL, 0, NULL, 0);
	bool *seen = calloc(UINT16_MAX + 1, sizeof(bool));
	struct addr_lease lease;

	for (int i = 0; i < COUNT; i++) {
		assert_true(addr_pool_take(pool, NULL, NULL, &lease));
		assert_int_not_equal(lease.call_id, 0);
		assert_false(seen[lease.call_id]);
		seen[lease.call_id] = true;
	}
	free(seen);
	addr_pool_free(pool);
}

static void call_id_just_given_back_rests(void **state UNUSED)
{
	struct addr_pool *pool = addr_pool_new(1, NULL, 0, NULL, 0);
	uint16_t former[100];

	for (int i = 0; i < 100; i++) {
		struct addr_lease lease;

		assert_true(addr_pool_take(pool, NULL, NULL, &lease));
		for (int j = 0; j < i; j++)
			assert_int_not_equal(lease.call_id, former[j]);
		former[i] = lease.call_id;
		addr_pool_give(pool, &lease);
	}
	addr_pool_free(pool);
}

static void delegated_slots_have_no_addresses_but_are_counted(void **state UNUSED)
{
	struct addr_pool *pool = addr_pool_new(2, NULL, 0, NULL, 0);
	struct addr_lease lease;

	assert_true(addr_pool_take(pool, NULL, NULL, &lease));
	assert_int_equal(lease.local.s_addr, INADDR_ANY);
	assert_int_equal(lease.remote.s_addr, INADDR_ANY);
	assert_true(addr_pool_take(pool, NULL, NULL, &lease));
	assert_false(addr_pool_take(pool, NULL, NULL, &lease));
	addr_pool_free(pool);
}

static bool is_eleven(const void *context, struct in_addr remote)
{
	return remote.s_addr == ip(11).s_addr && context;
}

static void filter_says_which_slot_may_be_taken(void **state UNUSED)
{
	const struct in_addr local = ip(1);
	const struct in_addr remotes[] = {ip(10), ip(11), ip(12)};
	struct addr_pool *pool = addr_pool_new(3, &local, 1, remotes, 3);
	struct addr_lease lease;

	assert_true(addr_pool_take(pool, is_eleven, pool, &lease));
	assert_int_equal(ntohl(lease.remote.s_addr), 11);
	assert_false(addr_pool_take(pool, is_eleven, pool, &lease));
	assert_int_equal(addr_pool_leased(pool), 1);
	assert_true(addr_pool_take(pool, NULL, NULL, &lease));
	assert_int_equal(ntohl(lease.remote.s_addr), 10);
	addr_pool_free(pool);
}

static void leased_slot_is_still_there(void **state UNUSED)
{
	const struct in_addr local = ip(1);
	const struct in_addr remotes[] = {ip(11), ip(12)};
	struct addr_pool *pool = addr_pool_new(2, &local, 1, remotes, 2);
	struct addr_pool *other = addr_pool_new(1, &local, 1, remotes + 1, 1);
	struct addr_lease lease;

	assert_true(addr_pool_take(pool, NULL, NULL, &lease));
	assert_true(addr_pool_has(pool, is_eleven, pool));
	assert_false(addr_pool_has(other, is_eleven, other));
	addr_pool_free(pool);
	addr_pool_free(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(several_locals_are_paired_with_remotes_by_position),
		cmocka_unit_test(one_local_is_shared_by_all_slots),
		cmocka_unit_test(slot_that_was_free_for_longest_comes_first),
		cmocka_unit_test(exhausted_pool_refuses_until_one_is_given_back),
		cmocka_unit_test(call_ids_are_unique_among_the_leased_and_never_zero),
		cmocka_unit_test(call_id_just_given_back_rests),
		cmocka_unit_test(delegated_slots_have_no_addresses_but_are_counted),
		cmocka_unit_test(filter_says_which_slot_may_be_taken),
		cmocka_unit_test(leased_slot_is_still_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
