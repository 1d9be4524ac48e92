/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which hosts have calls, whatever else hashes to the same place. */
#include "tests/unit/unit.h"

#include <arpa/inet.h>

#include "lrp/call_hosts.h"

static struct in_addr host(uint32_t number)
{
	return (struct in_addr){htonl(number)};
}

static void host_has_calls_until_the_last_one_ended(void **state UNUSED)
{
	struct call_hosts *hosts = call_hosts_new();

	assert_false(call_hosts_has(hosts, host(0xc0a84d0b)));
	assert_true(call_hosts_add(hosts, host(0xc0a84d0b)));
	assert_true(call_hosts_add(hosts, host(0xc0a84d0b)));
	call_hosts_remove(hosts, host(0xc0a84d0b));
	assert_true(call_hosts_has(hosts, host(0xc0a84d0b)));
	call_hosts_remove(hosts, host(0xc0a84d0b));
	assert_false(call_hosts_has(hosts, host(0xc0a84d0b)));
	call_hosts_free(hosts);
}

static void hosts_with_the_same_last_byte_are_told_apart(void **state UNUSED)
{
	struct call_hosts *hosts = call_hosts_new();

	for (uint32_t i = 0; i < 5; i++)
		assert_true(call_hosts_add(hosts, host(0x0a000007 + (i << 8))));
	assert_false(call_hosts_has(hosts, host(0x0a000007 + (5 << 8))));
	call_hosts_remove(hosts, host(0x0a000007 + (2 << 8)));
	for (uint32_t i = 0; i < 5; i++)
		assert_int_equal(call_hosts_has(hosts, host(0x0a000007 + (i << 8))), i != 2);
	call_hosts_free(hosts); /* those that are left too */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(host_has_calls_until_the_last_one_ended),
		cmocka_unit_test(hosts_with_the_same_last_byte_are_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
