/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The list of LRPs and the invitations: what a line means, and what is wrong with it. */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pptpd/lrp_list.h"
#include "tests/unit/pptpd_help.h"

/* Two IDs: their last character has only bits that are within 32 bytes. */
#define ID_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define ID_B "baaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define HASH "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static char error[LRP_ERROR_MAX];

static struct address address(const char *text)
{
	struct address result = {.len = sizeof(result.in)};

	if (inet_pton(AF_INET, text, &result.in.sin_addr) == 1) {
		result.in.sin_family = AF_INET;
	} else {
		assert_int_equal(inet_pton(AF_INET6, text, &result.in6.sin6_addr), 1);
		result.in6.sin6_family = AF_INET6;
		result.len = sizeof(result.in6);
	}
	return result;
}

static bool read_list(const char *text, struct lrp_list *ret_list)
{
	error[0] = '\0';
	return lrp_list_read(scratch_file("peers", text), ret_list, error);
}

static void line_has_id_name_and_options(void **state UNUSED)
{
	struct lrp_list list;
	const struct lrp *lrp;

	assert_true(read_list("# comment\n\n" ID_A
			      " branch-1 calls 5 addresses 10.0.0.1-3,10.0.0.9 "
			      "from 192.0.2.0/24,2001:db8::/32 disabled\n \t" ID_B "\tb2 \r\n",
			      &list));
	assert_int_equal(list.count, 2);
	lrp = lrp_list_find_name(&list, "branch-1");
	assert_ptr_equal(lrp, &list.lrps[0]);
	assert_ptr_equal(lrp_list_find_id(&list, &lrp->id), lrp);
	assert_int_equal(lrp->line, 3);
	assert_int_equal(lrp->options.calls, 5);
	assert_string_equal(lrp->options.addresses, "10.0.0.1-3,10.0.0.9");
	assert_int_equal(lrp->options.address_list.count, 4);
	assert_int_equal(lrp->options.from_count, 2);
	assert_true(lrp->options.disabled);
	assert_string_equal(lrp->options.text, "calls 5 addresses 10.0.0.1-3,10.0.0.9 "
					       "from 192.0.2.0/24,2001:db8::/32 disabled");
	lrp = lrp_list_find_name(&list, "b2");
	assert_string_equal(lrp->options.text, "");
	assert_int_equal(lrp->options.calls, 0);
	assert_false(lrp->options.disabled);
	assert_null(lrp_list_find_name(&list, "b"));
	lrp_list_done(&list);
}

static void who_only_looks_sees_the_good_lines(void **state UNUSED)
{
	const char *path =
		scratch_file("peers", ID_A " one\nwrong\n" ID_A " again\n" ID_B " two\n");
	struct lrp_list list;

	assert_true(lrp_list_read_good_lines(path, &list, error));
	assert_int_equal(list.count, 2);
	assert_string_equal(list.lrps[1].name, "two");
	assert_non_null(strstr(error, "peers:2: "));
	lrp_list_done(&list);
	assert_true(lrp_list_read_good_lines(scratch_file("peers", ID_A " one\n"), &list, error));
	assert_string_equal(error, "");
	lrp_list_done(&list);
}

static void list_that_others_could_change_is_not_trusted(void **state UNUSED)
{
	static const struct {
		const char *suffix; /* of the list's path; NULL: its folder */
		mode_t mode;
		const char *says; /* NULL: trusted */
	} rows[] = {
		{"", 0644, NULL},
		{"", 0666, "chmod go-w"},
		{"", 0660, "chmod go-w"},
		{LRP_INVITATIONS_SUFFIX, 0644, "chmod 600"},
		{LRP_INVITATIONS_SUFFIX, 0622, "chmod go-w"},
		{NULL, 0777, "chmod go-w"},
		{NULL, 01777, "chmod go-w"},
		{NULL, 0755, NULL},
	};
	char path[256], beside[300], folder[256];
	struct lrp_list list;

	(void)snprintf(beside, sizeof(beside), "%s",
		       scratch_file("peers" LRP_INVITATIONS_SUFFIX, ""));
	(void)snprintf(path, sizeof(path), "%s", scratch_file("peers", ID_A " one\n"));
	(void)snprintf(folder, sizeof(folder), "%.*s", (int)(strrchr(path, '/') - path), path);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *suffix = rows[i].suffix;
		const char *changed = !suffix ? folder : suffix[0] ? beside : path;
		bool good;

		assert_int_equal(chmod(beside, 0600), 0);
		assert_int_equal(chmod(path, 0600), 0);
		assert_int_equal(chmod(changed, rows[i].mode), 0);
		good = lrp_list_read_trusted(path, &list, error);
		assert_int_equal(good, !rows[i].says);
		if (good)
			lrp_list_done(&list);
		else
			assert_non_null(strstr(error, rows[i].says));
	}
	assert_int_equal(unlink(beside), 0);
}

static void list_of_another_user_is_not_trusted(void **state UNUSED)
{
	const char *path = scratch_file("peers", ID_A " one\n");
	struct lrp_list list;

	if (geteuid() != 0)
		skip();
	assert_int_equal(chown(path, 65534, 65534), 0);
	assert_false(lrp_list_read_trusted(path, &list, error));
	assert_non_null(strstr(error, "belongs to user 65534"));
	assert_int_equal(chown(path, 0, 0), 0);
}

static void without_a_file_the_list_is_empty(void **state UNUSED)
{
	struct lrp_list list;

	assert_true(lrp_list_read(scratch_path("none"), &list, error));
	assert_int_equal(list.count, 0);
	lrp_list_done(&list);
}

static void what_is_wrong_is_told_with_its_line(void **state UNUSED)
{
	static const struct {
		const char *line;
		const char *problem;
	} bad[] = {
		{"abc name", "'abc' is no node ID"},
		{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab name", "is no node ID"},
		{ID_A, "name behind the node ID is missing"},
		{ID_A " na;me", "has other characters"},
		{ID_A " "
		      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		 "has other characters"},
		{ID_A " n calls", "calls needs a value"},
		{ID_A " n calls 0", "expected a number from 1"},
		{ID_A " n calls 65536", "expected a number from 1"},
		{ID_A " n calls -1", "expected a number from 1"},
		{ID_A " n calls 5 calls 6", "calls stands twice"},
		{ID_A " n addresses 10.0.0.300", "'10.0.0.300' is neither"},
		{ID_A " n addresses host.example", "'host.example' is neither"},
		{ID_A " n addresses 10.0.0.9-3", "'10.0.0.9-3' is neither"},
		{ID_A " n from 10.0.0.0/33", "'10.0.0.0/33' is no network"},
		{ID_A " n from ::/129", "'::/129' is no network"},
		{ID_A " n from 10.0.0.0/", "'10.0.0.0/' is no network"},
		{ID_A " n from 10.0.0.0/8,", "'' is no network"},
		{ID_A " n from host", "'host' is no network"},
		{ID_A " n enabled", "'enabled' is no option"},
		{ID_A " n # comment", "'#' is no option"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct lrp_list list;
		char text[512];

		(void)snprintf(text, sizeof(text), "# first\n%s\n", bad[i].line);
		assert_false(read_list(text, &list));
		if (!strstr(error, "peers:2: ") || !strstr(error, bad[i].problem))
			fail_msg("%s: %s", bad[i].line, error);
	}
}

static void too_many_networks_are_refused(void **state UNUSED)
{
	struct lrp_list list;
	char text[512] = ID_A " n from ::1";

	for (int i = 1; i < LRP_NETS_MAX; i++)
		strcat(text, ",::1");
	assert_true(read_list(text, &list));
	lrp_list_done(&list);
	strcat(text, ",::1");
	assert_false(read_list(text, &list));
	assert_non_null(strstr(error, "more than 16 networks"));
}

static void same_id_or_name_twice_is_refused(void **state UNUSED)
{
	struct lrp_list list;

	assert_false(read_list(ID_A " one\n#\n" ID_A " two calls 3 addresses 10.0.0.1\n", &list));
	assert_non_null(strstr(error, "peers:3: the node ID stands in line 1 already"));
	assert_false(read_list(ID_A " one\n" ID_B " one addresses 10.0.0.1\n", &list));
	assert_non_null(strstr(error, "peers:2: the name 'one' stands in line 1 already"));
}

static void source_is_allowed_by_its_networks(void **state UNUSED)
{
	static const struct {
		const char *from;
		const char *address;
		bool allowed;
	} cases[] = {
		{"192.0.2.0/24", "192.0.2.255", true},
		{"192.0.2.0/24", "192.0.3.0", false},
		{"192.0.2.0/25", "192.0.2.128", false},
		{"192.0.2.5", "192.0.2.5", true},
		{"192.0.2.5", "192.0.2.4", false},
		{"192.0.2.9/30", "192.0.2.10", true},
		{"0.0.0.0/0", "203.0.113.1", true},
		{"0.0.0.0/0", "2001:db8::1", false},
		{"2001:db8::/33", "2001:db8:7fff::1", true},
		{"2001:db8::/33", "2001:db8:8000::1", false},
		{"2001:db8::1", "2001:db8::2", false},
		{"10.0.0.0/8,2001:db8::/32", "2001:db8::2", true},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct address remote = address(cases[i].address);
		struct lrp_options options;
		char text[128];

		(void)snprintf(text, sizeof(text), "from %s", cases[i].from);
		assert_true(lrp_options_parse(text, &options, error));
		if (lrp_options_allow_source(&options, &remote) != cases[i].allowed)
			fail_msg("from %s: %s", cases[i].from, cases[i].address);
		lrp_options_done(&options);
	}
}

static void without_networks_every_source_is_allowed(void **state UNUSED)
{
	const struct address remote = address("203.0.113.1");
	struct lrp_options options;

	assert_true(lrp_options_parse("calls 3", &options, error));
	assert_true(lrp_options_allow_source(&options, &remote));
	assert_true(lrp_options_allow_address(&options, remote.in.sin_addr));
	lrp_options_done(&options);
}

static void address_is_allowed_by_its_list(void **state UNUSED)
{
	struct lrp_options options;

	assert_true(lrp_options_parse("addresses 10.0.0.1-3", &options, error));
	assert_true(lrp_options_allow_address(&options, address("10.0.0.3").in.sin_addr));
	assert_false(lrp_options_allow_address(&options, address("10.0.0.4").in.sin_addr));
	lrp_options_done(&options);
}

static bool read_invitations(const char *text, struct lrp_invitations *ret_invitations)
{
	char path[256];

	(void)scratch_file("peers.invitations", text);
	(void)snprintf(path, sizeof(path), "%s", scratch_path("peers"));
	return lrp_invitations_read(path, ret_invitations, error);
}

static void invitation_has_hash_end_name_and_options(void **state UNUSED)
{
	static const uint8_t wrong[LRP_SECRET_HASH_LEN] = {0x00, 0x11};
	struct lrp_invitations all;
	const struct lrp_invitation *one;

	assert_true(read_invitations("# x\n" HASH " 1700000000 branch calls 3 disabled used\n"
				     "ff112233445566778899aabbccddeeff00112233445566778899aabbccdd"
				     "eeff 5 used\n",
				     &all));
	assert_int_equal(all.count, 2);
	one = &all.invitations[0];
	assert_ptr_equal(lrp_invitations_find(&all, one->secret_hash), one);
	assert_null(lrp_invitations_find(&all, wrong));
	assert_int_equal(one->secret_hash[1], 0x11);
	assert_int_equal(one->expires, 1700000000);
	assert_string_equal(one->name, "branch");
	assert_string_equal(one->options.text, "calls 3 disabled");
	assert_true(one->used);
	assert_string_equal(all.invitations[1].name, "used"); /* a name like any other */
	assert_false(all.invitations[1].used);
	lrp_invitations_done(&all);
}

static void what_is_wrong_with_an_invitation_is_told(void **state UNUSED)
{
	static const struct {
		const char *line;
		const char *problem;
	} bad[] = {
		{"00 5 n", "first word is no SHA-256 hash"},
		{HASH "00 5 n", "first word is no SHA-256 hash"},
		{"0X112233445566778899aabbccddeeff00112233445566778899aabbccddeeff 5 n",
		 "first word is no SHA-256 hash"},
		{HASH, "second word is no time"},
		{HASH " -5 n", "second word is no time"},
		{HASH " 99999999999999999999 n", "second word is no time"},
		{HASH " 5", "third word is no name"},
		{HASH " 5 n used used", "'used' is no option"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct lrp_invitations all;

		assert_false(read_invitations(bad[i].line, &all));
		if (!strstr(error, "peers.invitations:1: ") || !strstr(error, bad[i].problem))
			fail_msg("%s: %s", bad[i].line, error);
	}
}

static void every_cut_of_a_line_is_read_or_refused(void **state UNUSED)
{
	static const char line[] = ID_A " branch calls 5 addresses 10.0.0.1-3 from 10.0.0.0/8 "
					"disabled";

	for (size_t len = 0; len < sizeof(line); len++) {
		char cut[sizeof(line)];
		struct lrp lrp;

		(void)snprintf(cut, sizeof(cut), "%.*s", (int)len, line);
		if (lrp_parse_line(cut, &lrp, error) > 0)
			lrp_options_done(&lrp.options);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(line_has_id_name_and_options),
		cmocka_unit_test(who_only_looks_sees_the_good_lines),
		cmocka_unit_test(list_that_others_could_change_is_not_trusted),
		cmocka_unit_test(list_of_another_user_is_not_trusted),
		cmocka_unit_test(without_a_file_the_list_is_empty),
		cmocka_unit_test(what_is_wrong_is_told_with_its_line),
		cmocka_unit_test(too_many_networks_are_refused),
		cmocka_unit_test(same_id_or_name_twice_is_refused),
		cmocka_unit_test(source_is_allowed_by_its_networks),
		cmocka_unit_test(without_networks_every_source_is_allowed),
		cmocka_unit_test(address_is_allowed_by_its_list),
		cmocka_unit_test(invitation_has_hash_end_name_and_options),
		cmocka_unit_test(what_is_wrong_with_an_invitation_is_told),
		cmocka_unit_test(every_cut_of_a_line_is_read_or_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
