/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lrp.conf: every key, every limit, every error text; and the manual page says the same. */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lrp/conf.h"

#define PIN          "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaq"
#define REQUIRED     "interface eth0\nserver vpn.example.com pin " PIN "\n"
#define SERVER_WORDS "HOST, HOST:PORT, or [IPV6]:PORT, and then pin NODEID or ca FILE"

struct errors {
	char text[2048]; /* "LINE: text\n" of each */
};

static void keep_error(void *context, unsigned line, const char *text)
{
	struct errors *errors = context;
	size_t used = strlen(errors->text);

	(void)snprintf(errors->text + used, sizeof(errors->text) - used, "%u: %s\n", line, text);
}

static bool load(const char *content, struct errors *errors, struct lrp_conf *ret_conf)
{
	char path[] = "/tmp/test_lrp_conf.XXXXXX";
	int fd = mkstemp(path);
	bool loaded;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, content, strlen(content)), strlen(content));
	(void)close(fd);
	*errors = (struct errors){0};
	loaded = lrp_conf_load(path, keep_error, errors, ret_conf);
	(void)unlink(path);
	return loaded;
}

static void assert_error(const char *content, const char *expected)
{
	struct errors errors;
	struct lrp_conf conf;

	assert_false(load(content, &errors, &conf));
	assert_string_equal(errors.text, expected);
}

static void required_keys_suffice_and_defaults_hold(void **state UNUSED)
{
	struct errors errors;
	struct lrp_conf conf;

	assert_true(load(REQUIRED, &errors, &conf));
	assert_string_equal(errors.text, "");
	assert_string_equal(conf.interface, "eth0");
	assert_int_equal(conf.listen.s_addr, htonl(INADDR_ANY));
	assert_string_equal(conf.server.host, "vpn.example.com");
	assert_int_equal(conf.server.port, 4723);
	assert_true(conf.server.pinned);
	assert_string_equal(conf.server.ca, "");
	assert_int_equal(conf.security, LRP_SECURITY_TLS);
	assert_false(conf.plain_anywhere);
	assert_string_equal(conf.key, LOCALSTATEDIR "/lib/lrp/lrp.key");
	assert_string_equal(conf.user, "lrp");
	assert_int_equal(conf.seccomp, SANDBOX_ENFORCE);
	assert_true(strlen(conf.name) > 0);
	assert_int_equal(conf.connections, 100);
	assert_int_equal(conf.start_timeout_s, 10);
	assert_int_equal(conf.echo_interval_s, 60);
	assert_int_equal(conf.echo_timeout_s, 60);
	assert_int_equal(conf.keepalive_s, 15);
	assert_false(conf.debug);
	assert_string_equal(conf.pidfile, "/run/lrp.pid");
}

static void every_key_is_taken(void **state UNUSED)
{
	struct errors errors;
	struct lrp_conf conf;

	assert_true(load("# comment\n\ninterface br-lan\nlisten 192.168.77.1\n"
			 "server [2001:db8::1]:99\nsecurity plain\nplain-anywhere\n"
			 "key /k\nuser me\nseccomp log\nname Branch Office 7\n"
			 "connections 5\nstart-timeout 6\necho-interval 7\necho-timeout 8\n"
			 "keepalive 9\ndebug\npidfile /tmp/x.pid\r\n",
			 &errors, &conf));
	assert_string_equal(conf.interface, "br-lan");
	assert_int_equal(conf.listen.s_addr, htonl(0xc0a84d01));
	assert_string_equal(conf.server.host, "2001:db8::1");
	assert_int_equal(conf.server.port, 99);
	assert_int_equal(conf.security, LRP_SECURITY_PLAIN);
	assert_true(conf.plain_anywhere);
	assert_string_equal(conf.key, "/k");
	assert_string_equal(conf.user, "me");
	assert_int_equal(conf.seccomp, SANDBOX_LOG);
	assert_string_equal(conf.name, "Branch Office 7");
	assert_int_equal(conf.connections, 5);
	assert_int_equal(conf.start_timeout_s, 6);
	assert_int_equal(conf.echo_interval_s, 7);
	assert_int_equal(conf.echo_timeout_s, 8);
	assert_int_equal(conf.keepalive_s, 9);
	assert_true(conf.debug);
	assert_string_equal(conf.pidfile, "/tmp/x.pid");
}

static void missing_required_keys_are_all_named(void **state UNUSED)
{
	assert_error("", "0: interface is missing\n"
			 "0: server is missing\n");
}

static void unknown_key_is_an_error_with_the_nearest_known_one(void **state UNUSED)
{
	assert_error(REQUIRED "sever x\n", "3: unknown key \"sever\"; did you mean \"server\"?\n");
	assert_error(REQUIRED "echo_interval 5\n",
		     "3: unknown key \"echo_interval\"; did you mean \"echo-interval\"?\n");
	assert_error(REQUIRED "echo-timerval 5\n",
		     "3: unknown key \"echo-timerval\"; did you mean \"echo-interval\"?\n");
	assert_error(REQUIRED "bcrelay eth0\n", "3: unknown key \"bcrelay\"\n");
	assert_error(REQUIRED "a-word-that-is-longer-than-any-key-could-be x\n",
		     "3: unknown key \"a-word-that-is-longer-than-any-key-could-be\"\n");
}

static void key_given_twice_is_an_error(void **state UNUSED)
{
	assert_error(REQUIRED "server other\n", "3: server is already given in line 2\n");
}

static void value_must_be_there_and_flag_has_none(void **state UNUSED)
{
	assert_error(REQUIRED "listen\n", "3: listen needs a value\n");
	assert_error(REQUIRED "debug yes\n", "3: debug must be alone on its line, got \"yes\"\n");
}

static void line_that_begins_with_a_blank_is_an_error(void **state UNUSED)
{
	assert_error(REQUIRED " debug\n",
		     "3: the line begins with a blank: a key must be in the first column\n");
}

static void line_that_is_too_long_is_an_error(void **state UNUSED)
{
	static char content[70000];

	memset(content, 'x', sizeof(content) - 1);
	memcpy(content, REQUIRED, strlen(REQUIRED));
	assert_error(content, "3: the line is longer than 65536 bytes\n");
}

static void file_that_cannot_be_read_is_an_error(void **state UNUSED)
{
	struct errors errors = {0};
	struct lrp_conf conf;

	assert_false(lrp_conf_load("/nonexistent/lrp.conf", keep_error, &errors, &conf));
	assert_string_equal(errors.text, "0: cannot be read: No such file or directory\n");
}

static void interface_is_one_short_word(void **state UNUSED)
{
	const char *rest = "server x\nsecurity plain\n";
	char content[200];

	(void)snprintf(content, sizeof(content), "interface sixteen-letters-\n%s", rest);
	assert_error(content, "1: interface must be the name of an interface (at most 15 "
			      "characters), got \"sixteen-letters-\"\n");
	(void)snprintf(content, sizeof(content), "interface a/b\n%s", rest);
	assert_error(content, "1: interface must be the name of an interface (at most 15 "
			      "characters), got \"a/b\"\n");
}

static void listen_is_one_usable_ipv4_address(void **state UNUSED)
{
	const char *bad[] = {"0.0.0.0",          "224.0.0.1", "255.255.255.255",
			     "192.168.1.1:1723", "::1",       "eth0"};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		char content[200], expected[200];

		(void)snprintf(content, sizeof(content), REQUIRED "listen %s\n", bad[i]);
		(void)snprintf(expected, sizeof(expected),
			       "3: listen must be one IPv4 address of the interface, got \"%s\"\n",
			       bad[i]);
		assert_error(content, expected);
	}
}

static void server_is_host_with_or_without_port(void **state UNUSED)
{
	const char *bad[] = {":4723", "a:0",  "a:65536", "a:b",      "[::1",
			     "a b",   "[]:1", "a pin",   "a x " PIN, "a pin " PIN " x"};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		char content[200], expected[300];

		(void)snprintf(content, sizeof(content), "interface a\nserver %s\nsecurity plain\n",
			       bad[i]);
		(void)snprintf(expected, sizeof(expected),
			       "2: server must be " SERVER_WORDS ", got \"%.63s\"\n", bad[i]);
		assert_error(content, expected);
	}
}

static void assert_server(const char *value, struct lrp_conf_server *ret_server)
{
	const char *expected;

	assert_true(lrp_conf_parse_server(value, ret_server, &expected));
}

static void server_is_known_by_a_pin_or_by_a_certificate(void **state UNUSED)
{
	struct lrp_conf_server server;
	char text[NODE_ID_TEXT_LEN + 1];

	assert_server("vpn.example.com:99  pin\t" PIN, &server);
	assert_int_equal(server.port, 99);
	assert_true(server.pinned);
	assert_string_equal(node_id_text(&server.pin, text), PIN);
	assert_server("vpn.example.com ca system", &server);
	assert_false(server.pinned);
	assert_string_equal(server.ca, "system");
	assert_string_equal(server.verify_host, "vpn.example.com");
	assert_server("192.0.2.1 ca /etc/ca.pem verify-host vpn.example.com", &server);
	assert_string_equal(server.ca, "/etc/ca.pem");
	assert_string_equal(server.verify_host, "vpn.example.com");
}

static void what_is_wrong_behind_the_server_is_named(void **state UNUSED)
{
	const struct {
		const char *value;
		const char *expected;
	} cases[] = {
		{"a pin " PIN "q", "HOST[:PORT] pin NODEID, which has 52 letters and digits"},
		{"a pin 1", "HOST[:PORT] pin NODEID, which has 52 letters and digits"},
		{"a ca x.pem", "HOST[:PORT] ca FILE (a path that begins with /) or ca system"},
		{"a verify-host b", "HOST[:PORT] ca FILE verify-host NAME"},
		{"a verify-host b ca system", "HOST[:PORT] ca FILE verify-host NAME"},
		{"a ca system pin " PIN, "HOST[:PORT] with pin or with ca, not with both"},
		{"a pin " PIN " ca system", "HOST[:PORT] with pin or with ca, not with both"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct lrp_conf_server server = {.port = 7};
		const char *expected;

		assert_false(lrp_conf_parse_server(cases[i].value, &server, &expected));
		assert_string_equal(expected, cases[i].expected);
		assert_int_equal(server.port, 7);
	}
}

static void tls_needs_to_know_the_server_and_plain_cannot(void **state UNUSED)
{
	struct errors errors;
	struct lrp_conf conf;

	assert_error(
		"interface a\nserver b\n",
		"2: server needs \"pin NODEID\" (\"lrp enrol\" writes it) or \"ca FILE\"; only "
		"with \"security plain\" it has neither\n");
	assert_error(
		REQUIRED "security plain\n",
		"2: server has a pin or ca, which \"security plain\" cannot check: take one of "
		"them out\n");
	assert_true(load("interface a\nserver b\nsecurity plain\n", &errors, &conf));
	assert_error(REQUIRED "security none\n",
		     "3: security must be tls or plain, got \"none\"\n");
}

static void user_is_never_root_and_seccomp_has_three_words(void **state UNUSED)
{
	assert_error(REQUIRED "user root\n",
		     "3: user must be the name of a user other than root, got \"root\"\n");
	assert_error(REQUIRED "seccomp no\n",
		     "3: seccomp must be enforce, log or off, got \"no\"\n");
}

static void name_and_pidfile_are_checked(void **state UNUSED)
{
	assert_error(REQUIRED "name gr\xc3\xbc\xc3\x9f\n",
		     "3: name must be at most 64 printable ASCII characters, got \"gr????\"\n");
	assert_error(REQUIRED "pidfile run/lrp.pid\n",
		     "3: pidfile must be a path that begins with /, got \"run/lrp.pid\"\n");
}

static void numbers_keep_the_limits_of_the_table(void **state UNUSED)
{
	const struct lrp_conf_key *key;
	struct errors errors;
	struct lrp_conf conf;

	for (size_t i = 0; (key = lrp_conf_key_at(i)); i++) {
		const unsigned good[] = {key->min, key->max};
		char bad[4][16], content[200], expected[200];

		if (!key->max)
			continue;
		(void)snprintf(bad[0], sizeof(bad[0]), "%u", key->min - 1);
		(void)snprintf(bad[1], sizeof(bad[1]), "%u", key->max + 1);
		(void)snprintf(bad[2], sizeof(bad[2]), "99999999999");
		(void)snprintf(bad[3], sizeof(bad[3]), "%us", key->min);
		for (size_t j = 0; j < ARRAY_SIZE(good); j++) {
			(void)snprintf(content, sizeof(content), REQUIRED "%s %u\n", key->word,
				       good[j]);
			assert_true(load(content, &errors, &conf));
		}
		for (size_t j = 0; j < ARRAY_SIZE(bad); j++) {
			(void)snprintf(content, sizeof(content), REQUIRED "%s %s\n", key->word,
				       bad[j]);
			(void)snprintf(expected, sizeof(expected),
				       "3: %s must be a number from %u to %u, got \"%s\"\n",
				       key->word, key->min, key->max, bad[j]);
			assert_error(content, expected);
		}
	}
}

static void errors_leave_the_result_untouched_and_are_all_reported(void **state UNUSED)
{
	struct lrp_conf conf = {.connections = 77};
	struct errors errors;

	assert_false(load(REQUIRED "connections 5\nkeepalive 0\nfoo\n", &errors, &conf));
	assert_int_equal(conf.connections, 77);
	assert_string_equal(errors.text, "4: keepalive must be a number from 1 to 3600, got \"0\"\n"
					 "5: unknown key \"foo\"\n");
}

static char *read_source(const char *name)
{
	static char content[65536];
	char path[4096];
	FILE *file;
	size_t len;

	(void)snprintf(path, sizeof(path), TOP_SRCDIR "/%s", name);
	file = fopen(path, "r");
	assert_non_null(file);
	len = fread(content, 1, sizeof(content) - 1, file);
	content[len] = '\0';
	(void)fclose(file);
	return content;
}

/* The part of the manual page about `key`: from its heading to the next one's. */
static char *manual_of(char *manual, const struct lrp_conf_key *key)
{
	char heading[64];
	char *start, *end;

	(void)snprintf(heading, sizeof(heading), ".TP\n%s %s%s", key->flag ? ".B" : ".BI",
		       key->word, key->flag ? "\n" : " ");
	start = strstr(manual, heading);
	assert_non_null(start);
	end = strstr(start + 1, "\n.TP");
	if (!end)
		end = strstr(start, "\n.SH");
	*end = '\0';
	return start;
}

static void manual_page_states_limits_and_defaults_of_the_table(void **state UNUSED)
{
	const struct lrp_conf_key *key;

	for (size_t i = 0; (key = lrp_conf_key_at(i)); i++) {
		char *text = manual_of(read_source("lrp/lrp.conf.5"), key);
		char fact[64];

		if (key->max) {
			(void)snprintf(fact, sizeof(fact), "from %u to %u", key->min, key->max);
			assert_non_null(strstr(text, fact));
		}
		if (key->initial) {
			(void)snprintf(fact, sizeof(fact), "Default: %s.", key->initial);
			assert_non_null(strstr(text, fact));
		}
	}
}

static void example_names_every_key_with_its_default(void **state UNUSED)
{
	const char *example = read_source("lrp/lrp.conf.example");
	const struct lrp_conf_key *key;

	for (size_t i = 0; (key = lrp_conf_key_at(i)); i++) {
		char line[64];

		(void)snprintf(line, sizeof(line), "\n%s%s%s%s", key->required ? "" : "#",
			       key->word, key->flag ? "\n" : " ", key->initial ? key->initial : "");
		assert_non_null(strstr(example, line));
	}
}

static void example_is_valid(void **state UNUSED)
{
	struct errors errors;
	struct lrp_conf conf;

	assert_true(load(read_source("lrp/lrp.conf.example"), &errors, &conf));
	assert_string_equal(errors.text, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(required_keys_suffice_and_defaults_hold),
		cmocka_unit_test(every_key_is_taken),
		cmocka_unit_test(missing_required_keys_are_all_named),
		cmocka_unit_test(unknown_key_is_an_error_with_the_nearest_known_one),
		cmocka_unit_test(key_given_twice_is_an_error),
		cmocka_unit_test(value_must_be_there_and_flag_has_none),
		cmocka_unit_test(line_that_begins_with_a_blank_is_an_error),
		cmocka_unit_test(line_that_is_too_long_is_an_error),
		cmocka_unit_test(file_that_cannot_be_read_is_an_error),
		cmocka_unit_test(interface_is_one_short_word),
		cmocka_unit_test(listen_is_one_usable_ipv4_address),
		cmocka_unit_test(server_is_host_with_or_without_port),
		cmocka_unit_test(server_is_known_by_a_pin_or_by_a_certificate),
		cmocka_unit_test(what_is_wrong_behind_the_server_is_named),
		cmocka_unit_test(tls_needs_to_know_the_server_and_plain_cannot),
		cmocka_unit_test(user_is_never_root_and_seccomp_has_three_words),
		cmocka_unit_test(name_and_pidfile_are_checked),
		cmocka_unit_test(numbers_keep_the_limits_of_the_table),
		cmocka_unit_test(errors_leave_the_result_untouched_and_are_all_reported),
		cmocka_unit_test(manual_page_states_limits_and_defaults_of_the_table),
		cmocka_unit_test(example_names_every_key_with_its_default),
		cmocka_unit_test(example_is_valid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
