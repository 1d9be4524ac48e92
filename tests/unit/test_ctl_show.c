// SPDX-License-Identifier: GPL-2.0-or-later
/* The list of LRPs as people and programs read it. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "pptpd/ctl/show.h"

#define ID_A "7yqdsmkp2ceqhhxbglxkfsmwtpmwyyv6nb4xvmzvh4wkbdeumbva"
#define NOW  1795250400 /* 2026-11-21 08:40 UTC */

static struct lrp lrps[3];
static struct lrp_invitation invitations[3];
static struct control_tunnel tunnels[2];
static const struct lrp_list list = {.lrps = lrps, .count = 3};
static const struct lrp_invitations invited = {.invitations = invitations, .count = 3};

static struct show make(void)
{
	memset(lrps, 0, sizeof(lrps));
	memset(invitations, 0, sizeof(invitations));
	memset(tunnels, 0, sizeof(tunnels));
	for (size_t i = 0; i < ARRAY_SIZE(lrps); i++) {
		assert_true(node_id_parse(ID_A, &lrps[i].id));
		lrps[i].id.bytes[0] = (uint8_t)i;
		(void)snprintf(lrps[i].name, sizeof(lrps[i].name), "branch-%zu", i);
	}
	(void)snprintf(lrps[0].options.text, sizeof(lrps[0].options.text), "calls 10");
	(void)snprintf(lrps[2].options.text, sizeof(lrps[2].options.text), "disabled");
	lrps[2].options.disabled = true;
	for (size_t i = 0; i < ARRAY_SIZE(invitations); i++) {
		(void)snprintf(invitations[i].name, sizeof(invitations[i].name), "new-%zu", i);
		invitations[i].expires = NOW + 3600;
	}
	invitations[1].expires = NOW - 60;
	invitations[2].used = true;
	tunnels[0].tls = 1;
	tunnels[0].calls = 1;
	tunnels[0].since = NOW - 600;
	tunnels[0].remote = address_from_in((struct in_addr){htonl(0xcb007107)}, 5);
	memcpy(tunnels[0].node_id, lrps[0].id.bytes, NODE_ID_LEN);
	(void)snprintf(tunnels[0].name, sizeof(tunnels[0].name), "branch-0");
	tunnels[1] = tunnels[0];
	tunnels[1].tls = 0; /* the ID says nothing then */
	tunnels[1].calls = 2;
	(void)snprintf(tunnels[1].name, sizeof(tunnels[1].name), "old\33box");
	return (struct show){
		.list = &list,
		.invitations = &invited,
		.asked = ASK_ANSWERED,
		.tunnels = tunnels,
		.tunnel_count = 2,
		.now = NOW,
	};
}

static const char *printed(const struct show *show, bool json)
{
	static char text[8192];
	FILE *out = fmemopen(text, sizeof(text), "w");

	assert_non_null(out);
	if (json)
		show_json(show, out);
	else
		assert_true(show_table(show, out));
	assert_int_equal(fclose(out), 0);
	return text;
}

static void has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("\"%s\" is not in:\n%s", part, text);
}

static void lacks(const char *text, const char *part)
{
	if (strstr(text, part))
		fail_msg("\"%s\" is in:\n%s", part, text);
}

static void table_tells_the_state_of_each(void **state UNUSED)
{
	struct show show = make();
	const char *text = printed(&show, false);

	has(text, "NAME      STATE");
	has(text, "branch-0  up from 203.0.113.7 since 2026-11-21 08:30, 1 call ");
	has(text, "branch-1  down ");
	has(text, "branch-2  disabled ");
	has(text, "new-0     invited until 2026-11-21 09:40");
	has(text, "new-1     invitation expired 2026-11-21 08:39");
	lacks(text, "new-2");
	has(text, "old?box   up from 203.0.113.7 since 2026-11-21 08:30, 2 calls, not encrypted");
	has(text, &ID_A[2]);
}

static void every_row_of_the_table_has_its_columns_below_each_other(void **state UNUSED)
{
	struct show show = make();
	const char *text = printed(&show, false);
	const char *head = strstr(text, "OPTIONS");

	for (const char *line = strchr(text, '\n'); line && line[1]; line = strchr(line + 1, '\n'))
		assert_int_equal(line[head - text], ' ');
}

static void json_has_the_same(void **state UNUSED)
{
	struct show show = make();
	const char *text = printed(&show, true);

	has(text, "{\"running\": true,");
	has(text, "\"name\": \"branch-0\", \"node_id\": \"");
	has(text, "\"options\": \"calls 10\", \"state\": \"up\", \"tunnels\": [{\"address\": "
		  "\"203.0.113.7\", \"since\": 1795249800, \"calls\": 1}]}");
	has(text, "\"state\": \"down\", \"tunnels\": []}");
	has(text, "\"state\": \"disabled\", \"tunnels\": []}");
	has(text, "{\"name\": \"new-0\", \"options\": \"\", \"expires\": 1795254000, \"expired\": "
		  "false}");
	has(text, "\"expires\": 1795250340, \"expired\": true}");
	lacks(text, "new-2");
	has(text, "\"plain_tunnels\": [\n  {\"name\": \"old\\u001bbox\", \"tunnel\": {\"address\"");
}

static void empty_list_is_still_a_table_and_json(void **state UNUSED)
{
	const struct lrp_list none = {.count = 0};
	const struct lrp_invitations nobody = {.count = 0};
	const struct show show = {
		.list = &none, .invitations = &nobody, .asked = ASK_NOT_RUNNING, .now = NOW};

	assert_string_equal(printed(&show, false), "NAME  STATE  OPTIONS  NODE ID\n");
	assert_string_equal(printed(&show, true),
			    "{\"running\": false,\n \"lrps\": [],\n "
			    "\"invitations\": [],\n \"plain_tunnels\": []}\n");
}

static void without_an_answer_of_pptpd_the_state_is_unknown(void **state UNUSED)
{
	struct show show = make();

	show.tunnel_count = 0;
	show.asked = ASK_FAILED;
	assert_string_equal(show_state(&show, &lrps[0]), "unknown");
	assert_string_equal(show_state(&show, &lrps[2]), "disabled");
	show.asked = ASK_NOT_RUNNING;
	assert_string_equal(show_state(&show, &lrps[0]), "down");
}

static void quotes_and_backslashes_are_escaped(void **state UNUSED)
{
	struct show show = make();

	(void)snprintf(lrps[1].options.text, sizeof(lrps[1].options.text), "a\"b\\c\n\xff");
	has(printed(&show, true), "\"options\": \"a\\\"b\\\\c\\u000a\\u00ff\"");
}

static int use_utc(void **state UNUSED)
{
	int error = setenv("TZ", "UTC", 1);

	tzset();
	return error;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table_tells_the_state_of_each),
		cmocka_unit_test(every_row_of_the_table_has_its_columns_below_each_other),
		cmocka_unit_test(json_has_the_same),
		cmocka_unit_test(empty_list_is_still_a_table_and_json),
		cmocka_unit_test(without_an_answer_of_pptpd_the_state_is_unknown),
		cmocka_unit_test(quotes_and_backslashes_are_escaped),
	};

	return cmocka_run_group_tests(tests, use_utc, NULL);
}
