/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls that have not logged in, by source; and all calls by ID. */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "pptpd/call.h"
#include "pptpd/call_table.h"
#include "pptpd/unproven.h"

#define MANY 5000

static struct address host(uint32_t host_order)
{
	return address_from_in((struct in_addr){.s_addr = htonl(host_order)}, 1000);
}

static struct address host6(const char *text)
{
	struct address address = {.in6 = {.sin6_family = AF_INET6}, .len = sizeof(address.in6)};

	assert_int_equal(inet_pton(AF_INET6, text, &address.in6.sin6_addr), 1);
	return address;
}

static void each_source_is_counted_apart(void **state UNUSED)
{
	static struct unproven_source *entered[MANY];
	struct unproven *unproven = unproven_new();

	for (uint32_t i = 0; i < MANY; i++) {
		const struct address address = host(0x0a000000 + i % 2500);

		entered[i] = unproven_enter(unproven, &address);
	}
	for (uint32_t i = 0; i < 2500; i++) {
		const struct address address = host(0x0a000000 + i);

		assert_int_equal(unproven_count(unproven, &address), 2);
	}
	for (uint32_t i = 0; i < MANY; i++)
		unproven_leave(entered[i]);
	for (uint32_t i = 0; i < 2500; i++) {
		const struct address address = host(0x0a000000 + i);

		assert_int_equal(unproven_count(unproven, &address), 0);
	}
	unproven_free(unproven);
}

static void hosts_of_one_ipv6_network_are_one_source(void **state UNUSED)
{
	const struct address one = host6("2001:db8::1"), other = host6("2001:db8::abcd:2"),
			     far = host6("2001:db8:0:1::1"), near = host6("fe80::1"),
			     next = host6("fe80::2");
	struct unproven *unproven = unproven_new();

	assert_non_null(unproven_enter(unproven, &one));
	assert_non_null(unproven_enter(unproven, &near));
	assert_int_equal(unproven_count(unproven, &other), 1);
	assert_int_equal(unproven_count(unproven, &far), 0);
	assert_int_equal(unproven_count(unproven, &near), 1);
	assert_int_equal(unproven_count(unproven, &next), 0);
	unproven_free(unproven);
}

static void calls_are_found_by_their_id(void **state UNUSED)
{
	static struct call calls[MANY];
	struct call_table *table = call_table_new(100);

	for (size_t i = 0; i < MANY; i++) {
		calls[i].lease.call_id = (uint16_t)(i * 7 + 1);
		call_table_add(table, &calls[i]);
	}
	for (size_t i = 0; i < MANY; i += 2)
		call_table_remove(table, &calls[i]);
	for (size_t i = 0; i < MANY; i++)
		assert_ptr_equal(call_table_find(table, calls[i].lease.call_id),
				 i % 2 ? &calls[i] : NULL);
	assert_null(call_table_find(table, 0));
	call_table_free(table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_source_is_counted_apart),
		cmocka_unit_test(hosts_of_one_ipv6_network_are_one_source),
		cmocka_unit_test(calls_are_found_by_their_id),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
