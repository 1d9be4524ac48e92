/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The grammar of localip and remoteip, with a resolver that knows two names. */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pptpd/ip_spec.h"

static bool fake_resolve(const char *name, struct in_addr *ret_address)
{
	if (strcmp(name, "gate.example") == 0)
		return inet_pton(AF_INET, "10.9.9.9", ret_address) == 1;
	if (strcmp(name, "pc-1.example") == 0)
		return inet_pton(AF_INET, "10.9.9.1", ret_address) == 1;
	return inet_pton(AF_INET, name, ret_address) == 1;
}

/* The addresses as text with blanks between, or the error's number and its item. */
static const char *parsed(const char *spec, size_t limit)
{
	static char text[8192];
	char item[IP_SPEC_ITEM_MAX], one[INET_ADDRSTRLEN];
	struct ip_list list;
	enum ip_spec_result result = ip_spec_parse(spec, limit, fake_resolve, &list, item);
	size_t used = 0;

	text[0] = '\0';
	if (result != IP_SPEC_OK) {
		static const char *const names[] = {
			[IP_SPEC_BAD_ADDRESS] = "bad address",
			[IP_SPEC_BAD_RANGE] = "bad range",
			[IP_SPEC_NO_MEMORY] = "no memory",
		};

		(void)snprintf(text, sizeof(text), "%s (%s)", names[result], item);
		return text;
	}
	for (size_t i = 0; i < list.count; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s", i ? " " : "",
					 inet_ntop(AF_INET, &list.addresses[i], one, sizeof(one)));
	if (list.cut)
		(void)snprintf(text + used, sizeof(text) - used, " cut");
	ip_list_done(&list);
	return text;
}

static void one_address_is_itself(void **state UNUSED)
{
	assert_string_equal(parsed("192.168.0.1", 100), "192.168.0.1");
}

static void items_are_separated_by_commas_and_keep_their_order(void **state UNUSED)
{
	assert_string_equal(parsed("10.0.0.9,10.0.0.1,10.0.0.5", 100),
			    "10.0.0.9 10.0.0.1 10.0.0.5");
}

static void range_may_be_in_the_last_octet(void **state UNUSED)
{
	assert_string_equal(parsed("192.168.0.234-236,192.168.0.245", 100),
			    "192.168.0.234 192.168.0.235 192.168.0.236 192.168.0.245");
}

static void range_may_be_in_any_one_octet(void **state UNUSED)
{
	assert_string_equal(parsed("10-11.0.0.1", 100), "10.0.0.1 11.0.0.1");
	assert_string_equal(parsed("10.3-4.0.1", 100), "10.3.0.1 10.4.0.1");
	assert_string_equal(parsed("192.168.0-2.2", 100), "192.168.0.2 192.168.1.2 192.168.2.2");
}

static void range_of_one_is_one_address(void **state UNUSED)
{
	assert_string_equal(parsed("10.0.0.7-7", 100), "10.0.0.7");
}

static void range_reaches_both_ends_of_the_octet(void **state UNUSED)
{
	char item[IP_SPEC_ITEM_MAX];
	struct ip_list list;

	assert_int_equal(ip_spec_parse("10.0.0.0-255", 1000, fake_resolve, &list, item),
			 IP_SPEC_OK);
	assert_int_equal(list.count, 256);
	assert_int_equal(ntohl(list.addresses[0].s_addr), 0x0a000000);
	assert_int_equal(ntohl(list.addresses[255].s_addr), 0x0a0000ff);
	assert_false(list.cut);
	ip_list_done(&list);
}

static void upper_bound_is_a_whole_number_not_a_suffix(void **state UNUSED)
{
	assert_string_equal(parsed("192.168.0.234-8", 100), "bad range (192.168.0.234-8)");
}

static void upper_below_lower_is_a_bad_range(void **state UNUSED)
{
	assert_string_equal(parsed("10.0.0.1,10.0.0.9-3", 100), "bad range (10.0.0.9-3)");
}

static void empty_bound_is_a_bad_range(void **state UNUSED)
{
	assert_string_equal(parsed("10.0.0.1-", 100), "bad range (10.0.0.1-)");
	assert_string_equal(parsed("10.0.0.-5", 100), "bad range (10.0.0.-5)");
	assert_string_equal(parsed("10.1-.0.5", 100), "bad range (10.1-.0.5)");
}

static void octet_above_255_is_a_bad_address(void **state UNUSED)
{
	assert_string_equal(parsed("10.0.0.1-256", 300), "bad address (10.0.0.1-256)");
	assert_string_equal(parsed("10.0.256.1-2", 100), "bad address (10.0.256.1-2)");
	assert_string_equal(parsed("10.0.0.4294967297-4294967298", 100),
			    "bad address (10.0.0.4294967297-4294967298)");
	assert_string_equal(parsed("10.0.0.256", 100), "bad address (10.0.0.256)");
}

static void missing_octet_in_a_range_is_a_bad_address(void **state UNUSED)
{
	assert_string_equal(parsed("10.0..1-2", 100), "bad address (10.0..1-2)");
	assert_string_equal(parsed("10.0.0.1-2.", 100), "bad address (10.0.0.1-2.)");
	assert_string_equal(parsed(".0.0.1-2", 100), "bad address (.0.0.1-2)");
}

static void hyphens_in_two_octets_are_a_bad_address(void **state UNUSED)
{
	assert_string_equal(parsed("10.0.0-1.1-5", 100), "bad address (10.0.0-1.1-5)");
}

static void range_between_two_addresses_is_a_bad_address(void **state UNUSED)
{
	assert_string_equal(parsed("10.0.0.1-10.0.0.5", 100), "bad address (10.0.0.1-10.0.0.5)");
}

static void prefix_length_is_a_bad_address(void **state UNUSED)
{
	assert_string_equal(parsed("10.0.0.0/24", 100), "bad address (10.0.0.0/24)");
}

static void empty_value_and_empty_item_are_bad_addresses(void **state UNUSED)
{
	assert_string_equal(parsed("", 100), "bad address ()");
	assert_string_equal(parsed("10.0.0.1,", 100), "bad address ()");
	assert_string_equal(parsed(",10.0.0.1", 100), "bad address ()");
	assert_string_equal(parsed("10.0.0.1,,10.0.0.2", 100), "bad address ()");
}

static void blank_between_items_is_a_bad_address(void **state UNUSED)
{
	assert_string_equal(parsed("10.0.0.1, 10.0.0.2", 100), "bad address ( 10.0.0.2)");
	assert_string_equal(parsed("10.0.0.1 # gate", 100), "bad address (10.0.0.1 # gate)");
}

static void host_name_is_resolved_also_with_a_hyphen(void **state UNUSED)
{
	assert_string_equal(parsed("gate.example,pc-1.example", 100), "10.9.9.9 10.9.9.1");
}

static void unknown_host_name_is_a_bad_address(void **state UNUSED)
{
	assert_string_equal(parsed("nowhere.example", 100), "bad address (nowhere.example)");
}

static void items_beyond_the_limit_are_cut(void **state UNUSED)
{
	assert_string_equal(parsed("10.0.0.1-4", 3), "10.0.0.1 10.0.0.2 10.0.0.3 cut");
	assert_string_equal(parsed("10.0.0.1,10.0.0.2", 1), "10.0.0.1 cut");
	assert_string_equal(parsed("10.0.0.1-3", 3), "10.0.0.1 10.0.0.2 10.0.0.3");
}

static void items_beyond_the_limit_are_not_looked_at(void **state UNUSED)
{
	assert_string_equal(parsed("10.0.0.1,10.0.0.2,nowhere.example", 1), "10.0.0.1 cut");
	assert_string_equal(parsed("10.0.0.255-256", 1), "10.0.0.255 cut");
}

static void overlong_item_is_refused_and_shown_cut(void **state UNUSED)
{
	char spec[600], item[IP_SPEC_ITEM_MAX];
	struct ip_list list = {0};

	memset(spec, '1', sizeof(spec) - 1);
	spec[sizeof(spec) - 1] = '\0';
	assert_int_equal(ip_spec_parse(spec, 10, fake_resolve, &list, item), IP_SPEC_BAD_ADDRESS);
	assert_int_equal(strlen(item), IP_SPEC_ITEM_MAX - 1);
	assert_null(list.addresses);
}

static void system_resolver_knows_dotted_addresses(void **state UNUSED)
{
	struct in_addr address;

	assert_true(ip_resolve("10.1.2.3", &address));
	assert_int_equal(ntohl(address.s_addr), 0x0a010203);
	assert_false(ip_resolve("", &address));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_address_is_itself),
		cmocka_unit_test(items_are_separated_by_commas_and_keep_their_order),
		cmocka_unit_test(range_may_be_in_the_last_octet),
		cmocka_unit_test(range_may_be_in_any_one_octet),
		cmocka_unit_test(range_of_one_is_one_address),
		cmocka_unit_test(range_reaches_both_ends_of_the_octet),
		cmocka_unit_test(upper_bound_is_a_whole_number_not_a_suffix),
		cmocka_unit_test(upper_below_lower_is_a_bad_range),
		cmocka_unit_test(empty_bound_is_a_bad_range),
		cmocka_unit_test(octet_above_255_is_a_bad_address),
		cmocka_unit_test(missing_octet_in_a_range_is_a_bad_address),
		cmocka_unit_test(hyphens_in_two_octets_are_a_bad_address),
		cmocka_unit_test(range_between_two_addresses_is_a_bad_address),
		cmocka_unit_test(prefix_length_is_a_bad_address),
		cmocka_unit_test(empty_value_and_empty_item_are_bad_addresses),
		cmocka_unit_test(blank_between_items_is_a_bad_address),
		cmocka_unit_test(host_name_is_resolved_also_with_a_hyphen),
		cmocka_unit_test(unknown_host_name_is_a_bad_address),
		cmocka_unit_test(items_beyond_the_limit_are_cut),
		cmocka_unit_test(items_beyond_the_limit_are_not_looked_at),
		cmocka_unit_test(overlong_item_is_refused_and_shown_cut),
		cmocka_unit_test(system_resolver_knows_dotted_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
