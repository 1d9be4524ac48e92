/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ppp-channel: what it says of a source, and which channels a call tries in which order. */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "pptpd/channel_choice.h"
#include "pptpd/reordered_sources.h"

static struct address at(const char *text)
{
	struct net net;

	assert_true(net_parse(text, &net));
	return net.address;
}

static void add(struct channel_choice *choice, const char *value)
{
	char problem[CHANNEL_PROBLEM_MAX];

	assert_true(channel_choice_add(choice, value, problem));
}

static enum channel_wish find(const struct channel_choice *choice, const char *source)
{
	const struct address address = at(source);

	return channel_choice_find(choice, &address, CHANNEL_AUTO);
}

static void source_that_no_line_is_about_gets_what_is_usual(void **state UNUSED)
{
	struct channel_choice choice = {0};
	const struct address address = at("192.0.2.1");

	assert_int_equal(find(&choice, "192.0.2.1"), CHANNEL_AUTO);
	add(&choice, "10.0.0.0/8 kernel");
	assert_int_equal(channel_choice_find(&choice, &address, CHANNEL_PTY), CHANNEL_PTY);
	add(&choice, "pppoe");
	assert_int_equal(channel_choice_find(&choice, &address, CHANNEL_PTY), CHANNEL_PPPOE);
}

static void most_specific_network_wins_whatever_the_order(void **state UNUSED)
{
	struct channel_choice choice = {0};

	add(&choice, "10.1.2.3 pty");
	add(&choice, "10.0.0.0/8 pppoe");
	add(&choice, "kernel");
	add(&choice, "10.1.0.0/16 \t auto");
	add(&choice, "2001:db8::/32 pty");
	assert_int_equal(find(&choice, "10.1.2.3"), CHANNEL_PTY);
	assert_int_equal(find(&choice, "10.1.2.4"), CHANNEL_AUTO);
	assert_int_equal(find(&choice, "10.2.0.1"), CHANNEL_PPPOE);
	assert_int_equal(find(&choice, "11.0.0.1"), CHANNEL_KERNEL);
	assert_int_equal(find(&choice, "2001:db8::1"), CHANNEL_PTY);
	assert_int_equal(find(&choice, "2001:db9::1"), CHANNEL_KERNEL);
}

static void first_of_two_lines_about_the_same_counts(void **state UNUSED)
{
	struct channel_choice choice = {0};

	add(&choice, "pty");
	add(&choice, "kernel");
	add(&choice, "10.0.0.0/8 pppoe");
	add(&choice, "10.9.9.9/8 kernel");
	assert_int_equal(find(&choice, "192.0.2.1"), CHANNEL_PTY);
	assert_int_equal(find(&choice, "10.9.9.9"), CHANNEL_PPPOE);
	assert_int_equal(choice.count, 1);
}

static void value_that_says_nothing_is_refused_with_the_reason(void **state UNUSED)
{
	static const struct {
		const char *value;
		const char *problem;
	} bad[] = {
		{"", "'' is none of auto, kernel, pppoe, pty"},
		{"Kernel", "'Kernel' is none of auto, kernel, pppoe, pty"},
		{"10.0.0.0/8", "'10.0.0.0/8' is none of auto, kernel, pppoe, pty"},
		{"10.0.0.0/8 pty pty", "'pty pty' is none of auto, kernel, pppoe, pty"},
		{"10.0.0.0/33 pty", "'10.0.0.0/33' is no network, expected ADDRESS[/BITS]"},
		{"10.0.0/8 pty", "'10.0.0/8' is no network, expected ADDRESS[/BITS]"},
		{"10.0.0.0/ pty", "'10.0.0.0/' is no network, expected ADDRESS[/BITS]"},
		{"10.0.0.0/-1 pty", "'10.0.0.0/-1' is no network, expected ADDRESS[/BITS]"},
		{"pty 10.0.0.0/8", "'10.0.0.0/8' is none of auto, kernel, pppoe, pty"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct channel_choice choice = {0};
		char problem[CHANNEL_PROBLEM_MAX] = "";

		assert_false(channel_choice_add(&choice, bad[i].value, problem));
		assert_string_equal(problem, bad[i].problem);
		assert_false(choice.given);
		assert_int_equal(choice.count, 0);
	}
}

static void networks_are_limited_in_number(void **state UNUSED)
{
	struct channel_choice choice = {0};
	char value[64], problem[CHANNEL_PROBLEM_MAX];

	for (int i = 0; i < CHANNEL_RULES_MAX; i++) {
		(void)snprintf(value, sizeof(value), "10.0.0.%d pty", i);
		add(&choice, value);
	}
	assert_false(channel_choice_add(&choice, "10.0.1.0 pty", problem));
	assert_string_equal(problem, "more than 64 networks");
	add(&choice, "10.0.0.1 kernel"); /* known */
}

static void plugin_is_needed_unless_all_is_pty(void **state UNUSED)
{
	struct channel_choice choice = {0};

	assert_true(channel_choice_needs_plugin(&choice, CHANNEL_AUTO));
	assert_false(channel_choice_needs_plugin(&choice, CHANNEL_PTY));
	add(&choice, "pty");
	add(&choice, "10.0.0.0/8 pty");
	assert_false(channel_choice_needs_plugin(&choice, CHANNEL_AUTO));
	add(&choice, "11.0.0.0/8 pppoe");
	assert_true(channel_choice_needs_plugin(&choice, CHANNEL_AUTO));
}

/* The rungs' words with blanks between. */
static const char *ladder(enum channel_wish wish, enum ipc_kind kind, bool reordered)
{
	static char text[64];
	enum ipc_channel rungs[CHANNEL_RUNGS_MAX];
	size_t count = channel_choice_ladder(wish, kind, reordered, rungs), used = 0;

	for (size_t i = 0; i < count; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s", i ? " " : "",
					 channel_choice_name(rungs[i]));
	return text;
}

static void direct_call_tries_all_and_a_tunnelled_one_no_kernel(void **state UNUSED)
{
	assert_string_equal(ladder(CHANNEL_AUTO, IPC_KIND_DIRECT, false), "kernel pppoe pty");
	assert_string_equal(ladder(CHANNEL_KERNEL, IPC_KIND_DIRECT, false), "kernel pppoe pty");
	assert_string_equal(ladder(CHANNEL_PPPOE, IPC_KIND_DIRECT, false), "pppoe pty");
	assert_string_equal(ladder(CHANNEL_AUTO, IPC_KIND_TUNNEL, false), "pppoe pty");
	assert_string_equal(ladder(CHANNEL_KERNEL, IPC_KIND_TUNNEL, false), "pppoe pty");
	assert_string_equal(ladder(CHANNEL_PTY, IPC_KIND_DIRECT, false), "pty");
	assert_string_equal(ladder(CHANNEL_PTY, IPC_KIND_TUNNEL, false), "pty");
}

static void path_that_reorders_has_no_kernel_unless_it_is_forced(void **state UNUSED)
{
	assert_string_equal(ladder(CHANNEL_AUTO, IPC_KIND_DIRECT, true), "pppoe pty");
	assert_string_equal(ladder(CHANNEL_KERNEL, IPC_KIND_DIRECT, true), "kernel pppoe pty");
}

static const struct mono start = {.us = 7000000};

static struct address source(unsigned number)
{
	return address_from_in((struct in_addr){htonl(0x0a000000u + number)}, 1024);
}

static bool reordered(const struct reordered_sources *sources, unsigned number, int64_t ms)
{
	const struct address address = source(number);

	return reordered_sources_has(sources, &address, mono_add_ms(start, ms));
}

static bool note(struct reordered_sources *sources, unsigned number, int64_t ms)
{
	const struct address address = source(number);

	return reordered_sources_add(sources, &address, mono_add_ms(start, ms));
}

static void source_that_reorders_is_remembered_for_hours_and_new_once(void **state UNUSED)
{
	static struct reordered_sources sources;
	const int64_t kept_ms = REORDERED_KEPT_S * 1000LL;

	assert_false(reordered(&sources, 1, 0));
	assert_true(note(&sources, 1, 0));
	assert_false(note(&sources, 1, 1000));
	assert_true(reordered(&sources, 1, 1000));
	assert_false(reordered(&sources, 2, 1000));
	assert_true(reordered(&sources, 1, kept_ms + 999));
	assert_false(reordered(&sources, 1, kept_ms + 1000));
	assert_true(note(&sources, 1, kept_ms + 1000));
	assert_int_equal(sources.count, 1);
}

static void source_seen_longest_ago_makes_place(void **state UNUSED)
{
	static struct reordered_sources sources;

	for (unsigned i = 0; i < REORDERED_SOURCES_MAX; i++)
		(void)note(&sources, i, i);
	(void)note(&sources, 0, 5000);
	assert_true(note(&sources, 9999, 5001));
	assert_true(reordered(&sources, 0, 5001));
	assert_false(reordered(&sources, 1, 5001));
	assert_true(reordered(&sources, 9999, 5001));
	assert_int_equal(sources.count, REORDERED_SOURCES_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(source_that_no_line_is_about_gets_what_is_usual),
		cmocka_unit_test(most_specific_network_wins_whatever_the_order),
		cmocka_unit_test(first_of_two_lines_about_the_same_counts),
		cmocka_unit_test(value_that_says_nothing_is_refused_with_the_reason),
		cmocka_unit_test(networks_are_limited_in_number),
		cmocka_unit_test(plugin_is_needed_unless_all_is_pty),
		cmocka_unit_test(direct_call_tries_all_and_a_tunnelled_one_no_kernel),
		cmocka_unit_test(path_that_reorders_has_no_kernel_unless_it_is_forced),
		cmocka_unit_test(source_that_reorders_is_remembered_for_hours_and_new_once),
		cmocka_unit_test(source_seen_longest_ago_makes_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
