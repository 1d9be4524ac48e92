/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who may come in, by the list: pure. */
#include "tests/unit/unit.h"

#include <arpa/inet.h>

#include "pptpd/nodes.h"

static struct address source(uint32_t host_order)
{
	return address_from_in((struct in_addr){.s_addr = htonl(host_order)}, 4723);
}

static void verdict_follows_the_list(void **state UNUSED)
{
	static const struct {
		const char *options;
		enum ipc_verdict verdict;
	} cases[] = {
		{"", IPC_VERDICT_GOOD},
		{"calls 3 from 192.0.2.0/24", IPC_VERDICT_GOOD},
		{"from 192.0.3.0/24", IPC_VERDICT_ADDRESS},
		{"disabled", IPC_VERDICT_DISABLED},
		{"from 192.0.3.0/24 disabled", IPC_VERDICT_DISABLED},
	};
	const struct address remote = source(0xc0000201);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char error[LRP_ERROR_MAX];
		struct lrp lrp = {.name = "one"};

		assert_true(lrp_options_parse(cases[i].options, &lrp.options, error));
		assert_int_equal(nodes_judge(&lrp, &remote), cases[i].verdict);
		lrp_options_done(&lrp.options);
	}
	assert_int_equal(nodes_judge(NULL, &remote), IPC_VERDICT_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verdict_follows_the_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
