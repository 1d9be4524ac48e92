// SPDX-License-Identifier: GPL-2.0-or-later
/* The line that goes from one operator to the other. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

#include "rrp/enrol_line.h"

#define PIN    "7yqdsmkp2ceqhhxbglxkfsmwtpmwyyv6nb4xvmzvh4wkbdeumbva"
#define SECRET "aaaqeayeaudaocajbifqydiob4"

static const uint8_t secret[ENROL_SECRET_LEN] = {0, 1, 2,  3,  4,  5,  6,  7,
						 8, 9, 10, 11, 12, 13, 14, 15};

static struct enrol_line line_for(const char *host, uint16_t port)
{
	struct enrol_line line = {.port = port};

	(void)snprintf(line.host, sizeof(line.host), "%s", host);
	assert_true(node_id_parse(PIN, &line.pin));
	memcpy(line.secret, secret, sizeof(secret));
	return line;
}

static void line_is_the_whole_command(void **state UNUSED)
{
	struct enrol_line line = line_for("vpn.example.com", 4723);
	char text[ENROL_LINE_MAX];

	assert_string_equal(enrol_line_format(&line, text),
			    "lrp enrol vpn.example.com:4723/" PIN "/" SECRET);
	line = line_for("2001:db8::1", 443);
	assert_string_equal(enrol_line_format(&line, text),
			    "lrp enrol [2001:db8::1]:443/" PIN "/" SECRET);
}

static void longest_line_fits_and_comes_back(void **state UNUSED)
{
	struct enrol_line line, got;
	char text[ENROL_LINE_MAX], host[ADDRESS_HOST_MAX];
	const char *error;

	memset(host, 'h', sizeof(host) - 1);
	host[sizeof(host) - 1] = '\0';
	line = line_for(host, 65535);
	(void)enrol_line_format(&line, text);
	assert_true(enrol_line_parse(text, &got, &error));
	assert_memory_equal(&got, &line, sizeof(line));
}

static void line_is_taken_as_people_paste_it(void **state UNUSED)
{
	static const char *const texts[] = {
		"vpn.example.com:4723/" PIN "/" SECRET,
		"vpn.example.com/" PIN "/" SECRET,
		"lrp enrol vpn.example.com:4723/" PIN "/" SECRET "\n",
		"  lrp   enrol\tvpn.example.com:4723/" PIN "/" SECRET "  \r\n",
		"enrol vpn.example.com:4723/" PIN "/" SECRET,
		"vpn.example.com:4723/" PIN "/AAAQEAYEAUDAOCAJBIFQYDIOB4",
	};
	struct enrol_line want = line_for("vpn.example.com", 4723);

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct enrol_line got;
		const char *error;

		memset(&got, 0xff, sizeof(got));
		assert_true(enrol_line_parse(texts[i], &got, &error));
		assert_string_equal(got.host, want.host);
		assert_int_equal(got.port, want.port);
		assert_true(node_id_equal(&got.pin, &want.pin));
		assert_memory_equal(got.secret, secret, sizeof(secret));
	}
}

static void damaged_line_is_refused_with_its_damage(void **state UNUSED)
{
	static const struct {
		const char *text;
		const char *says;
	} rows[] = {
		{"", "HOST:PORT/PIN/SECRET"},
		{"lrp enrol", "HOST:PORT/PIN/SECRET"},
		{"vpn.example.com:4723", "HOST:PORT/PIN/SECRET"},
		{"vpn.example.com:4723/" PIN, "HOST:PORT/PIN/SECRET"},
		{"/" PIN "/" SECRET, "HOST:PORT"},
		{"host:0/" PIN "/" SECRET, "HOST:PORT"},
		{"ho$(st)/" PIN "/" SECRET, "HOST:PORT"},
		{"host/abc/" SECRET, "server's ID"},
		{"host/" PIN "/aaaqeayeaudaocajbifqydiob", "secret"},
		{"host/" PIN "/" SECRET "x", "secret"},
		{"host/" PIN "/" SECRET "/", "secret"},
		{"host/" PIN "/" SECRET " more", "one word"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct enrol_line got;
		const char *error = "";

		if (enrol_line_parse(rows[i].text, &got, &error))
			fail_msg("taken: %s", rows[i].text);
		if (!strstr(error, rows[i].says))
			fail_msg("%s: %s", rows[i].text, error);
		assert_null(strstr(error, "aaaqeaye"));
	}
}

static void every_truncation_is_refused(void **state UNUSED)
{
	static const char whole[] = "vpn.example.com:4723/" PIN "/" SECRET;

	for (size_t len = 0; len < sizeof(whole) - 1; len++) {
		char text[sizeof(whole)];
		struct enrol_line got;
		const char *error;

		memcpy(text, whole, len);
		text[len] = '\0';
		assert_false(enrol_line_parse(text, &got, &error));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(line_is_the_whole_command),
		cmocka_unit_test(longest_line_fits_and_comes_back),
		cmocka_unit_test(line_is_taken_as_people_paste_it),
		cmocka_unit_test(damaged_line_is_refused_with_its_damage),
		cmocka_unit_test(every_truncation_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
