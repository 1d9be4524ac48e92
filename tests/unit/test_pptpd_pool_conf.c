/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From localip, remoteip, connections and delegate to the pool, with the lines that Poptop logs. */
#include "tests/unit/unit.h"

#include <arpa/inet.h>

#include "pptpd/addr_pool.h"
#include "pptpd/base/log.h"
#include "pptpd/conf.h"
#include "pptpd/pool_conf.h"
#include "tests/unit/pptpd_help.h"

static struct addr_pool *pool(unsigned connections, const char *local, const char *remote)
{
	const struct conf conf = {
		.connections = connections,
		.localip = (char *)(uintptr_t)local,
		.remoteip = (char *)(uintptr_t)remote,
	};

	caught_begin();
	return pool_from_conf(&conf);
}

static void as_many_addresses_as_connections_say_nothing(void **state UNUSED)
{
	struct addr_pool *made = pool(3, "10.0.0.1", "10.0.1.1-3");

	assert_non_null(made);
	assert_int_equal(addr_pool_size(made), 3);
	assert_int_equal(caught_with(""), 0);
	addr_pool_free(made);
}

static void extra_remote_addresses_are_ignored_with_a_warning(void **state UNUSED)
{
	struct addr_pool *made = pool(2, "10.0.0.1", "10.0.1.1-3");

	assert_int_equal(addr_pool_size(made), 2);
	assert_true(caught(LOG_WARNING,
			   "MGR: connections limit (2) reached, extra IP addresses ignored"));
	addr_pool_free(made);
}

static void few_remote_addresses_lower_the_limit(void **state UNUSED)
{
	struct addr_pool *made = pool(100, "10.0.0.1", "10.0.1.1-3");

	assert_int_equal(addr_pool_size(made), 3);
	assert_true(caught(LOG_INFO, "MGR: Maximum of 100 connections reduced to 3, not enough IP "
				     "addresses given"));
	addr_pool_free(made);
}

static void few_local_addresses_lower_it_again(void **state UNUSED)
{
	struct addr_pool *made = pool(100, "10.0.0.1-2", "10.0.1.1-3");

	assert_int_equal(addr_pool_size(made), 2);
	assert_true(caught(LOG_INFO, "MGR: Maximum of 100 connections reduced to 3, not enough IP "
				     "addresses given"));
	assert_true(caught(LOG_INFO, "MGR: Maximum of 3 connections reduced to 2, not enough IP "
				     "addresses given"));
	addr_pool_free(made);
}

static void one_local_address_lowers_nothing(void **state UNUSED)
{
	struct addr_pool *made = pool(3, "10.0.0.1", "10.0.1.1-3");
	struct addr_lease lease;

	for (int i = 0; i < 3; i++) {
		assert_true(addr_pool_take(made, NULL, NULL, &lease));
		assert_int_equal(ntohl(lease.local.s_addr), 0x0a000001);
	}
	addr_pool_free(made);
}

static void duplicate_remote_address_is_an_error(void **state UNUSED)
{
	assert_null(pool(100, "10.0.0.1", "10.0.1.1-3,10.0.1.2"));
	assert_true(caught(LOG_ERR, "MGR: Remote IP address 10.0.1.2 in config is a duplicate!"));
}

static void duplicate_local_addresses_are_allowed(void **state UNUSED)
{
	struct addr_pool *made = pool(2, "10.0.0.1,10.0.0.1", "10.0.1.1-2");

	assert_non_null(made);
	addr_pool_free(made);
}

static void bad_address_names_the_item(void **state UNUSED)
{
	assert_null(pool(100, "10.0.0.1", "10.0.1.1,10.0.1.300"));
	assert_true(caught(LOG_ERR, "MGR: Bad IP address (10.0.1.300) in config file!"));
	assert_null(pool(100, "10.0.0.1/8", "10.0.1.1"));
	assert_true(caught(LOG_ERR, "MGR: Bad IP address (10.0.0.1/8) in config file!"));
}

static void bad_range_names_the_list_and_the_item(void **state UNUSED)
{
	assert_null(pool(100, "10.0.0.1", "10.0.1.9-1"));
	assert_true(caught(LOG_ERR, "MGR: Bad remote IP range: 10.0.1.9-1"));
	assert_null(pool(100, "10.0.0.9-1", "10.0.1.1"));
	assert_true(caught(LOG_ERR, "MGR: Bad local IP range: 10.0.0.9-1"));
}

static void delegate_parses_no_address_but_keeps_the_limit(void **state UNUSED)
{
	const struct conf conf = {.delegate = true, .connections = 7};
	struct addr_pool *made;
	struct addr_lease lease;

	caught_begin();
	made = pool_from_conf(&conf);
	assert_int_equal(addr_pool_size(made), 7);
	assert_true(addr_pool_take(made, NULL, NULL, &lease));
	assert_int_equal(lease.remote.s_addr, INADDR_ANY);
	assert_int_equal(caught_with(""), 0);
	addr_pool_free(made);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_many_addresses_as_connections_say_nothing),
		cmocka_unit_test(extra_remote_addresses_are_ignored_with_a_warning),
		cmocka_unit_test(few_remote_addresses_lower_the_limit),
		cmocka_unit_test(few_local_addresses_lower_it_again),
		cmocka_unit_test(one_local_address_lowers_nothing),
		cmocka_unit_test(duplicate_remote_address_is_an_error),
		cmocka_unit_test(duplicate_local_addresses_are_allowed),
		cmocka_unit_test(bad_address_names_the_item),
		cmocka_unit_test(bad_range_names_the_list_and_the_item),
		cmocka_unit_test(delegate_parses_no_address_but_keeps_the_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
