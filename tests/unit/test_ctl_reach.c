// SPDX-License-Identifier: GPL-2.0-or-later
/* Which of its addresses a server gives out when nobody told it. */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "pptpd/ctl/reach.h"

#define V4     "203.0.113.7"
#define V4_TWO "198.51.100.9"
#define V6     "2001:db8::1"
#define V6_TWO "2001:db8::2"

static struct address address(const char *text)
{
	struct address out = {.len = 0};

	if (inet_pton(AF_INET, text, &out.in.sin_addr) == 1)
		out.sa.sa_family = AF_INET;
	else if (inet_pton(AF_INET6, text, &out.in6.sin6_addr) == 1)
		out.sa.sa_family = AF_INET6;
	else
		fail_msg("%s is no address", text);
	return out;
}

struct row {
	const char *listen[3]; /* HOST:PORT */
	const char *own[5];
	const char *answer; /* HOST PORT, NULL: none */
	const char *candidates;
};

static const struct row rows[] = {
	{{":4723"}, {"127.0.0.1", "::1", "192.168.1.1", V4}, V4 " 4723", V4},
	{{":99"}, {V4, V6, "fe80::1", "fd00::1"}, V4 " 99", V4 ", " V6},
	{{":4723"}, {"10.0.0.1", V6}, V6 " 4723", V6},
	{{":4723"}, {V4, V4_TWO, V6}, NULL, V4 ", " V4_TWO ", " V6},
	{{":4723"}, {V6, V6_TWO}, NULL, V6 ", " V6_TWO},
	{{":4723"}, {"10.0.0.1", "172.16.3.4", "169.254.1.1"}, NULL, ""},
	{{":4723"}, {NULL}, NULL, ""},
	/* Only what the listener is bound to. */
	{{V4_TWO ":1"}, {V4, V4_TWO}, V4_TWO " 1", V4_TWO},
	{{"0.0.0.0:1"}, {V4, V6}, V4 " 1", V4},
	{{"[::]:1"}, {V4, V6}, V6 " 1", V6},
	{{"127.0.0.1:1"}, {"127.0.0.1", V4}, NULL, ""},
	{{"vpn.example.com:1"}, {V4}, NULL, ""},
	/* Its own port, by the first listener that has it. */
	{{V4 ":1", ":2"}, {V4}, V4 " 1", V4},
	{{"10.0.0.1:1", ":2"}, {"10.0.0.1", V4}, V4 " 2", V4},
};

static void check(const struct row *row)
{
	struct conf conf = {.debug = false};
	struct address own[5];
	char host[ADDRESS_HOST_MAX] = "", candidates[REACH_TEXT_MAX], got[300];
	uint16_t port = 0;
	size_t count = 0;
	bool good;

	for (size_t i = 0; i < 3 && row->listen[i]; i++) {
		struct conf_rrp_listen *listen = &conf.rrp_listen[conf.rrp_listen_count++];

		assert_true(
			address_split_host_port(row->listen[i], 4723, listen->host, &listen->port));
	}
	for (size_t i = 0; i < 5 && row->own[i]; i++)
		own[count++] = address(row->own[i]);
	good = reach_choose(&conf, own, count, host, &port, candidates);
	(void)snprintf(got, sizeof(got), "%s %u", host, port);
	if (good != (row->answer != NULL) || (good && strcmp(got, row->answer) != 0))
		fail_msg("%s with %s: %s", row->listen[0], row->own[0] ? row->own[0] : "-", got);
	assert_string_equal(candidates, row->candidates);
}

static void only_an_address_without_doubt_is_given_out(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		check(&rows[i]);
}

static void own_addresses_are_of_the_two_families(void **state UNUSED)
{
	struct address own[REACH_OWN_MAX];
	size_t count = reach_own_addresses(own);

	assert_in_range(count, 0, REACH_OWN_MAX);
	for (size_t i = 0; i < count; i++)
		assert_true(own[i].sa.sa_family == AF_INET || own[i].sa.sa_family == AF_INET6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_an_address_without_doubt_is_given_out),
		cmocka_unit_test(own_addresses_are_of_the_two_families),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
