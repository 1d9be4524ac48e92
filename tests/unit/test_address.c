/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses, their text, and the words HOST:PORT of the configuration. */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include "pptpd/base/address.h"

/* What accept(2) would give for the address. */
static struct address accepted(const char *text, uint16_t port)
{
	struct sockaddr_storage storage = {0};
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(port)};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};

	if (inet_pton(AF_INET, text, &in.sin_addr) == 1) {
		memcpy(&storage, &in, sizeof(in));
		return address_from_sockaddr(&storage, sizeof(in));
	}
	assert_int_equal(inet_pton(AF_INET6, text, &in6.sin6_addr), 1);
	memcpy(&storage, &in6, sizeof(in6));
	return address_from_sockaddr(&storage, sizeof(in6));
}

static void assert_texts(const char *address, const char *text, const char *with_port)
{
	struct address a = accepted(address, 1723);
	char out[ADDRESS_TEXT_MAX];

	assert_string_equal(address_text(&a, out), text);
	assert_string_equal(address_text_port(&a, out), with_port);
	assert_int_equal(address_port(&a), 1723);
}

static void texts_are_as_people_write_them(void **state UNUSED)
{
	assert_texts("192.0.2.1", "192.0.2.1", "192.0.2.1:1723");
	assert_texts("255.255.255.255", "255.255.255.255", "255.255.255.255:1723");
	assert_texts("2001:db8::1", "2001:db8::1", "[2001:db8::1]:1723");
	assert_texts("::", "::", "[::]:1723");
	assert_texts("2001:db8:1111:2222:3333:4444:5555:6666",
		     "2001:db8:1111:2222:3333:4444:5555:6666",
		     "[2001:db8:1111:2222:3333:4444:5555:6666]:1723");
}

static void mapped_address_becomes_ipv4(void **state UNUSED)
{
	struct address mapped = accepted("::ffff:192.0.2.1", 7);
	struct address plain = accepted("192.0.2.1", 8);

	assert_texts("::ffff:192.0.2.1", "192.0.2.1", "192.0.2.1:1723");
	assert_int_equal(mapped.sa.sa_family, AF_INET);
	assert_int_equal(mapped.len, sizeof(struct sockaddr_in));
	assert_true(address_same_host(&mapped, &plain));
}

static void other_family_has_a_text(void **state UNUSED)
{
	struct sockaddr_storage storage = {.ss_family = AF_UNIX};
	struct address address = address_from_sockaddr(&storage, sizeof(struct sockaddr_un));
	char out[ADDRESS_TEXT_MAX];

	assert_string_equal(address_text(&address, out), "(family 1)");
}

static void same_host_does_not_look_at_ports(void **state UNUSED)
{
	const char *hosts[] = {"192.0.2.1",   "192.0.2.2", "2001:db8::1", "2001:db8::2",
			       "::192.0.2.1", "0.0.0.0",   "::"};

	for (size_t i = 0; i < ARRAY_SIZE(hosts); i++) {
		for (size_t j = 0; j < ARRAY_SIZE(hosts); j++) {
			struct address a = accepted(hosts[i], 1), b = accepted(hosts[j], 2);

			assert_int_equal(address_same_host(&a, &b), i == j);
		}
	}
}

static void link_local_hosts_differ_by_their_link(void **state UNUSED)
{
	struct address a = accepted("fe80::1", 1), b = accepted("fe80::1", 1);

	b.in6.sin6_scope_id = 2;
	assert_false(address_same_host(&a, &b));
}

static void assert_sources(const char *one, const char *other, bool same)
{
	struct address a = accepted(one, 1), b = accepted(other, 2);

	assert_int_equal(address_same_source(&a, &b), same);
	assert_int_equal(address_same_source(&b, &a), same);
}

static void addresses_that_one_peer_can_choose_among_are_one_source(void **state UNUSED)
{
	assert_sources("192.0.2.1", "192.0.2.1", true);
	assert_sources("2001:db8::1", "2001:db8::1", true);
	assert_sources("2001:db8::1", "2001:db8::ffff:ffff:ffff:ffff", true);
	assert_sources("192.0.2.1", "192.0.2.2", false);
	assert_sources("2001:db8::1", "2001:db8:0:1::1", false);
	assert_sources("192.0.2.1", "2001:db8::1", false);
	assert_sources("fe80::1", "fe80::1", true);
	assert_sources("fe80::1", "fe80::2", false);
}

static void assert_split(const char *text, const char *host, uint16_t port)
{
	char found[ADDRESS_HOST_MAX];
	uint16_t found_port;

	if (!address_split_host_port(text, 4723, found, &found_port))
		fail_msg("\"%s\" refused", text);
	assert_string_equal(found, host);
	assert_int_equal(found_port, port);
}

static void every_form_is_split(void **state UNUSED)
{
	assert_split("", "", 4723);
	assert_split(":1", "", 1);
	assert_split(":65535", "", 65535);
	assert_split("192.0.2.1", "192.0.2.1", 4723);
	assert_split("192.0.2.1:1723", "192.0.2.1", 1723);
	assert_split("vpn.example.org", "vpn.example.org", 4723);
	assert_split("vpn.example.org:443", "vpn.example.org", 443);
	assert_split("[2001:db8::1]:443", "2001:db8::1", 443);
	assert_split("[2001:db8::1]", "2001:db8::1", 4723);
	assert_split("2001:db8::1", "2001:db8::1", 4723);
	assert_split("2001:db8::443", "2001:db8::443", 4723);
	assert_split("::", "::", 4723);
	assert_split("[::]:443", "::", 443);
	assert_split("::ffff:192.0.2.1", "::ffff:192.0.2.1", 4723);
	assert_split("[fe80::1%eth0]:443", "fe80::1%eth0", 443);
	assert_split("fe80::1%eth0", "fe80::1%eth0", 4723);
}

static void anything_else_is_refused(void **state UNUSED)
{
	const char *texts[] = {
		"host:",       "host:0",
		"host:65536",  "host:99999999999999999999",
		"host:-1",     "host:+1",
		"host: 1",     "host:1x",
		"host:x",      ":",
		"host:1:2",    "192.0.2.1:1:2",
		"[",           "[]",
		"[]:1",        "[::1",
		"[::1]1",      "[::1]:",
		"[::1]:0",     "[::1]:x",
		"[::1]:443:1", "[host]:443",
		"[host]",      "[192.0.2.1]:443",
		":::1",        "2001:db8::1:",
		"[%eth0]",     "[::1]]:1",
		"[::1]180",
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		char host[ADDRESS_HOST_MAX] = "untouched";
		uint16_t port = 4711;

		if (address_split_host_port(texts[i], 4723, host, &port))
			fail_msg("\"%s\" accepted", texts[i]);
		assert_string_equal(host, "untouched");
		assert_int_equal(port, 4711);
	}
}

static void host_is_bounded(void **state UNUSED)
{
	char text[ADDRESS_HOST_MAX + 8], host[ADDRESS_HOST_MAX];
	uint16_t port;

	memset(text, 'a', sizeof(text));
	memcpy(text + ADDRESS_HOST_MAX - 1, ":80", 4);
	assert_true(address_split_host_port(text, 1, host, &port));
	assert_int_equal(strlen(host), ADDRESS_HOST_MAX - 1);
	memset(text, 'a', sizeof(text));
	memcpy(text + ADDRESS_HOST_MAX, ":80", 4);
	assert_false(address_split_host_port(text, 1, host, &port));
}

static void private_addresses_are_those_of_no_public_network(void **state UNUSED)
{
	static const struct {
		const char *text;
		bool private;
	} cases[] = {
		{"10.0.0.0", true},
		{"10.255.255.255", true},
		{"9.255.255.255", false},
		{"11.0.0.0", false},
		{"172.16.0.0", true},
		{"172.31.255.255", true},
		{"172.15.255.255", false},
		{"172.32.0.0", false},
		{"192.168.0.0", true},
		{"192.168.255.255", true},
		{"192.167.255.255", false},
		{"192.169.0.0", false},
		{"127.0.0.1", true},
		{"127.255.255.255", true},
		{"128.0.0.0", false},
		{"169.254.1.1", true},
		{"169.253.1.1", false},
		{"0.0.0.0", false},
		{"100.64.0.1", false},
		{"::1", true},
		{"::", false},
		{"fe80::1", true},
		{"febf::1", true},
		{"fec0::1", false},
		{"fc00::1", true},
		{"fdff::1", true},
		{"fe00::1", false},
		{"2001:db8::1", false},
		{"::ffff:10.0.0.1", true},
		{"::ffff:192.0.2.1", false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct address address = {.len = sizeof(address.in)};

		if (inet_pton(AF_INET, cases[i].text, &address.in.sin_addr) == 1) {
			address.in.sin_family = AF_INET;
		} else {
			assert_int_equal(inet_pton(AF_INET6, cases[i].text, &address.in6.sin6_addr),
					 1);
			address.in6.sin6_family = AF_INET6;
			address.len = sizeof(address.in6);
		}
		if (address_is_private(&address) != cases[i].private)
			fail_msg("%s", cases[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_as_people_write_them),
		cmocka_unit_test(mapped_address_becomes_ipv4),
		cmocka_unit_test(other_family_has_a_text),
		cmocka_unit_test(same_host_does_not_look_at_ports),
		cmocka_unit_test(link_local_hosts_differ_by_their_link),
		cmocka_unit_test(addresses_that_one_peer_can_choose_among_are_one_source),
		cmocka_unit_test(every_form_is_split),
		cmocka_unit_test(anything_else_is_refused),
		cmocka_unit_test(host_is_bounded),
		cmocka_unit_test(private_addresses_are_those_of_no_public_network),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
