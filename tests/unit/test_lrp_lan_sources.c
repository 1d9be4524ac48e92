/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hosts of the LAN: bounded, and their log lines limited. */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <string.h>

#include "lrp/lan_sources.h"
#include "pptpd/base/log.h"

static struct in_addr host(uint32_t number)
{
	return (struct in_addr){htonl(0x0a000000 + number)};
}

static struct mono at_s(int64_t seconds)
{
	return (struct mono){.us = seconds * 1000000};
}

static void known_host_is_found_again(void **state UNUSED)
{
	struct lan_sources *sources = lan_sources_new(2);
	struct lan_source *first = lan_sources_get(sources, host(1), at_s(1));

	assert_non_null(first);
	assert_int_equal(first->connections, 0);
	first->connections = 3;
	assert_ptr_not_equal(lan_sources_get(sources, host(2), at_s(2)), first);
	assert_ptr_equal(lan_sources_get(sources, host(1), at_s(3)), first);
	assert_int_equal(first->connections, 3);
	lan_sources_free(sources);
}

static void host_idle_for_longest_makes_room(void **state UNUSED)
{
	struct lan_sources *sources = lan_sources_new(3);
	struct lan_source *a = lan_sources_get(sources, host(1), at_s(1));
	struct lan_source *b = lan_sources_get(sources, host(2), at_s(2));
	struct lan_source *c = lan_sources_get(sources, host(3), at_s(3));

	a->connections = 1;
	(void)lan_sources_get(sources, host(2), at_s(4));
	assert_ptr_equal(lan_sources_get(sources, host(4), at_s(5)), c);
	assert_ptr_equal(lan_sources_get(sources, host(5), at_s(6)), b);
	lan_sources_free(sources);
}

static void hosts_with_connections_are_never_forgotten(void **state UNUSED)
{
	struct lan_sources *sources = lan_sources_new(2);

	lan_sources_get(sources, host(1), at_s(1))->connections = 1;
	lan_sources_get(sources, host(2), at_s(1))->connections = 1;
	assert_null(lan_sources_get(sources, host(3), at_s(2)));
	lan_sources_free(sources);
}

struct lines {
	unsigned count;
	char last[LOG_LINE_MAX];
};

static void keep_line(void *context, int severity UNUSED, const char *line)
{
	struct lines *lines = context;

	lines->count++;
	(void)strncpy(lines->last, line, sizeof(lines->last) - 1);
}

static void warnings_of_a_host_are_limited_and_the_rest_counted(void **state UNUSED)
{
	struct lan_sources *sources = lan_sources_new(1);
	struct lan_source *source = lan_sources_get(sources, host(1), mono_now());
	struct lines lines = {0};

	log_init(keep_line, &lines, false);
	for (int i = 0; i < LAN_SOURCE_WARNINGS + 5; i++)
		lan_source_log(source, LOG_WARNING, "line %d", i);
	assert_int_equal(lines.count, LAN_SOURCE_WARNINGS);
	assert_string_equal(lines.last, "CLIENT 10.0.0.1: line 19");
	source->warnings.since = mono_add_ms(source->warnings.since, -LAN_SOURCE_WARNING_EVERY_MS);
	lan_source_log(source, LOG_WARNING, "again");
	assert_string_equal(lines.last, "CLIENT 10.0.0.1: again (5 more not shown)");
	log_init(log_sink_stderr, NULL, false);
	lan_sources_free(sources);
}

static void warnings_do_not_hide_what_goes_well(void **state UNUSED)
{
	struct lan_sources *sources = lan_sources_new(1);
	struct lan_source *source = lan_sources_get(sources, host(1), mono_now());
	struct lines lines = {0};

	log_init(keep_line, &lines, false);
	for (int i = 0; i < 2 * LAN_SOURCE_WARNINGS; i++)
		lan_source_log(source, LOG_WARNING, "garbage");
	lan_source_log(source, LOG_INFO, "call");
	assert_string_equal(lines.last, "CLIENT 10.0.0.1: call");
	for (int i = 0; i < 2 * LAN_SOURCE_INFOS; i++)
		lan_source_log(source, LOG_INFO, "call");
	assert_int_equal(lines.count, LAN_SOURCE_WARNINGS + LAN_SOURCE_INFOS);
	log_init(log_sink_stderr, NULL, false);
	lan_sources_free(sources);
}

static void debug_lines_are_not_limited(void **state UNUSED)
{
	struct lan_sources *sources = lan_sources_new(1);
	struct lan_source *source = lan_sources_get(sources, host(1), mono_now());
	struct lines lines = {0};

	log_init(keep_line, &lines, true);
	for (int i = 0; i < 2 * LAN_SOURCE_WARNINGS; i++)
		lan_source_log(source, LOG_DEBUG, "line");
	assert_int_equal(lines.count, 2 * LAN_SOURCE_WARNINGS);
	log_init(keep_line, &lines, false);
	lan_source_log(source, LOG_DEBUG, "unwanted");
	assert_string_equal(lines.last, "CLIENT 10.0.0.1: line");
	log_init(log_sink_stderr, NULL, false);
	lan_sources_free(sources);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_host_is_found_again),
		cmocka_unit_test(host_idle_for_longest_makes_room),
		cmocka_unit_test(hosts_with_connections_are_never_forgotten),
		cmocka_unit_test(warnings_of_a_host_are_limited_and_the_rest_counted),
		cmocka_unit_test(warnings_do_not_hide_what_goes_well),
		cmocka_unit_test(debug_lines_are_not_limited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
