// SPDX-License-Identifier: GPL-2.0-or-later
/* Which interface an enrolment takes for the LAN. */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <stdio.h>
#include <string.h>

#include "lrp/enrol_interface.h"

#define UP       (IFF_UP | IFF_RUNNING)
#define LIST_MAX 5

struct one {
	const char *name;
	const char *address; /* NULL: none, as a packet socket's entry may have */
	unsigned flags;
};

static const struct row {
	struct one list[LIST_MAX];
	const char *wanted;
	const char *answer;
	const char *says; /* in the error */
} rows[] = {
	{{{"lo", "127.0.0.1", UP | IFF_LOOPBACK},
	  {"eth0", "203.0.113.1", UP},
	  {"eth1", "192.168.1.1", UP}},
	 NULL,
	 "eth1",
	 NULL},
	{{{"eth0", NULL, UP}, {"eth0", "10.1.1.1", UP}, {"eth0", "10.1.1.2", UP}},
	 NULL,
	 "eth0",
	 NULL},
	{{{"eth0", "10.1.1.1", UP}, {"eth1", "172.16.0.1", UP}},
	 NULL,
	 NULL,
	 "say with --interface on which: eth0 (10.1.1.1), eth1 (172.16.0.1)"},
	{{{"eth0", "10.1.1.1", UP}, {"eth1", "172.16.0.1", 0}}, NULL, "eth0", NULL},
	{{{"eth0", "10.1.1.1", UP}, {"ppp0", "10.2.2.2", UP | IFF_POINTOPOINT}},
	 NULL,
	 "eth0",
	 NULL},
	{{{"lo", "127.0.0.1", UP | IFF_LOOPBACK}, {"eth0", "203.0.113.1", UP}},
	 NULL,
	 NULL,
	 "no interface is up with a private IPv4 address"},
	{{{"eth0", "203.0.113.1", UP}, {"eth1", "10.1.1.1", UP}}, "eth0", "eth0", NULL},
	{{{"eth0", NULL, 0}}, "eth0", "eth0", NULL}, /* it may get its address later */
	{{{"eth0", "10.1.1.1", UP}},
	 "eth9",
	 NULL,
	 "no such interface; those with a private IPv4 address are: eth0 (10.1.1.1)"},
	{{{NULL, NULL, 0}}, "eth9", NULL, "no such interface"},
	{{{"fe0", "fe80::1", UP}, {"eth0", "192.168.0.1", UP}}, NULL, "eth0", NULL},
};

static void check(const struct row *row)
{
	union {
		struct sockaddr sa;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	} addresses[LIST_MAX];
	struct ifaddrs list[LIST_MAX];
	char name[IF_NAMESIZE] = "none", error[ENROL_INTERFACE_ERROR_MAX] = "";
	size_t count = 0;

	memset(addresses, 0, sizeof(addresses));
	memset(list, 0, sizeof(list));
	for (; count < LIST_MAX && row->list[count].name; count++) {
		const struct one *one = &row->list[count];

		list[count].ifa_name = (char *)(uintptr_t)one->name;
		list[count].ifa_flags = one->flags;
		list[count].ifa_next =
			count + 1 < LIST_MAX && one[1].name ? &list[count + 1] : NULL;
		list[count].ifa_addr = one->address ? &addresses[count].sa : NULL;
		addresses[count].sa.sa_family = AF_INET;
		if (one->address &&
		    inet_pton(AF_INET, one->address, &addresses[count].in.sin_addr) != 1)
			addresses[count].sa.sa_family = AF_INET6;
	}
	if (enrol_interface_choose(count ? list : NULL, row->wanted, name, error) !=
	    (row->answer != NULL))
		fail_msg("%s: %s", name, error);
	assert_string_equal(name, row->answer ? row->answer : "none");
	if (row->says && !strstr(error, row->says))
		fail_msg("\"%s\" is not in: %s", row->says, error);
}

static void only_a_lan_without_doubt_is_chosen(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		check(&rows[i]);
}

static void many_candidates_fit_the_error(void **state UNUSED)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(0x0a000001)}};
	char names[64][IF_NAMESIZE], name[IF_NAMESIZE], error[ENROL_INTERFACE_ERROR_MAX];
	struct ifaddrs list[64];

	memset(list, 0, sizeof(list));
	for (size_t i = 0; i < ARRAY_SIZE(list); i++) {
		(void)snprintf(names[i], sizeof(names[i]), "fifteen-char-%02zu", i);
		list[i].ifa_name = names[i];
		list[i].ifa_flags = UP;
		list[i].ifa_addr = (struct sockaddr *)&address;
		list[i].ifa_next = i + 1 < ARRAY_SIZE(list) ? &list[i + 1] : NULL;
	}
	assert_false(enrol_interface_choose(list, NULL, name, error));
	assert_true(strlen(error) < sizeof(error));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_a_lan_without_doubt_is_chosen),
		cmocka_unit_test(many_candidates_fit_the_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
