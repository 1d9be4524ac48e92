/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pptpd.conf and the command line: what counts, what is refused, and what is said about it. */
#include "tests/unit/unit.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pptpd/base/log.h"
#include "pptpd/base/sandbox.h"
#include "pptpd/conf.h"
#include "pptpd/pppd.h"
#include "tests/unit/pptpd_help.h"

#define WORDS_MAX 16

/* Words of a command line as one text with blanks between. */
static enum conf_command arguments(struct conf *conf, const char *text)
{
	char copy[1024], name[] = "pptpd", *words[WORDS_MAX] = {name}, *rest = NULL;
	int count = 1;

	(void)snprintf(copy, sizeof(copy), "%s", text);
	for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
		words[count++] = word;
	optind = 0; /* getopt_long starts anew */
	return conf_from_arguments(conf, count, words);
}

/* The whole way: `text` is the file, behind a ppp that this machine has. */
static bool complete(struct conf *conf, const char *command_line, const char *text)
{
	char file[4096], line[1024];

	(void)snprintf(file, sizeof(file), "%s%s", strstr(text, "ppp ") ? "" : "ppp /bin/true\n",
		       text);
	(void)snprintf(line, sizeof(line), "-c %s %s", scratch_file("pptpd.conf", file),
		       command_line);
	caught_begin();
	assert_int_equal(arguments(conf, line), CONF_RUN);
	return conf_complete(conf);
}

/* The text of the line that `complete` logs about line 2 of its file. */
static const char *about_line_2(const char *what)
{
	static char line[512];

	(void)snprintf(line, sizeof(line), "MGR: %s:2: %s", scratch_path("pptpd.conf"), what);
	return line;
}

static void short_options_set_their_values(void **state UNUSED)
{
	struct conf conf;

	assert_int_equal(arguments(&conf, "-c /f -d -e /ppp -f -i -l 10.0.0.1 -o /opt -p /pid "
					  "-s 9600"),
			 CONF_RUN);
	assert_string_equal(conf.file, "/f");
	assert_true(conf.debug);
	assert_string_equal(conf.ppp, "/ppp");
	assert_true(conf.foreground);
	assert_true(conf.noipparam);
	assert_string_equal(conf.listen, "10.0.0.1");
	assert_string_equal(conf.option, "/opt");
	assert_string_equal(conf.pidfile, "/pid");
	assert_string_equal(conf.speed, "9600");
	conf_done(&conf);
	assert_int_equal(arguments(&conf, "-t 3 -w -C 7 -D -V blue -b eth0"), CONF_RUN);
	assert_int_equal(conf.stimeout, 3);
	assert_true(conf.logwtmp);
	assert_int_equal(conf.connections, 7);
	assert_true(conf.delegate);
	assert_string_equal(conf.vrf, "blue");
	assert_string_equal(conf.bcrelay, "eth0");
	conf_done(&conf);
}

static void long_options_set_the_same_values(void **state UNUSED)
{
	struct conf conf;

	assert_int_equal(arguments(&conf, "--conf /f --debug --ppp /ppp --fg --noipparam --listen "
					  "10.0.0.1 --option /opt --pidfile=/pid"),
			 CONF_RUN);
	assert_string_equal(conf.file, "/f");
	assert_true(conf.debug && conf.foreground && conf.noipparam);
	assert_string_equal(conf.ppp, "/ppp");
	assert_string_equal(conf.listen, "10.0.0.1");
	assert_string_equal(conf.option, "/opt");
	assert_string_equal(conf.pidfile, "/pid");
	conf_done(&conf);
	assert_int_equal(arguments(&conf, "--speed=9600 --stimeout 3 --logwtmp --connections 7 "
					  "--delegate --vrf blue --bcrelay eth0"),
			 CONF_RUN);
	assert_string_equal(conf.speed, "9600");
	assert_int_equal(conf.stimeout, 3);
	assert_true(conf.logwtmp && conf.delegate);
	assert_int_equal(conf.connections, 7);
	conf_done(&conf);
}

static void words_that_are_no_options_are_ignored(void **state UNUSED)
{
	struct conf conf;

	assert_int_equal(arguments(&conf, "stray -d words"), CONF_RUN);
	assert_true(conf.debug);
	conf_done(&conf);
}

static void the_last_of_two_equal_options_counts(void **state UNUSED)
{
	struct conf conf;

	assert_int_equal(arguments(&conf, "-s 1 -s 2"), CONF_RUN);
	assert_string_equal(conf.speed, "2");
	conf_done(&conf);
}

static void check_config_is_told_apart(void **state UNUSED)
{
	struct conf conf;

	assert_int_equal(arguments(&conf, "--check-config -d"), CONF_CHECK);
	assert_true(conf.debug);
	conf_done(&conf);
}

static void defaults_are_poptops(void **state UNUSED)
{
	struct conf conf;

	assert_true(complete(&conf, "", "# nothing\n"));
	assert_false(conf.debug || conf.foreground || conf.noipparam || conf.delegate ||
		     conf.logwtmp);
	assert_null(conf.bcrelay);
	assert_null(conf.listen);
	assert_null(conf.option);
	assert_null(conf.vrf);
	assert_string_equal(conf.pidfile, "/var/run/pptpd.pid");
	assert_string_equal(conf.speed, "115200");
	assert_string_equal(conf.localip, "192.168.0.1-100");
	assert_string_equal(conf.remoteip, "192.168.1.1-100");
	assert_int_equal(conf.stimeout, 10);
	assert_int_equal(conf.connections, 100);
	assert_int_equal(conf.echo_interval, 60);
	assert_int_equal(conf.echo_timeout, 60);
	assert_int_equal(conf.rrp_listen_count, 0);
	assert_int_equal(conf.rrp_keepalive, 15);
	assert_int_equal(caught_with(""), 0);
	conf_done(&conf);
}

static void file_sets_what_the_command_line_left_open(void **state UNUSED)
{
	struct conf conf;

	assert_true(complete(&conf, "",
			     "debug\nnoipparam\ndelegate\nlogwtmp\nspeed 9600\nlisten 10.0.0.1\n"
			     "option /dev/null\npidfile /run/x.pid\nstimeout 4\nconnections 9\n"
			     "localip 10.0.0.1\nremoteip 10.0.1.1-9\npptp-echo-interval 5\n"
			     "pptp-echo-timeout 6\nrrp-keepalive 7"));
	assert_true(conf.debug && conf.noipparam && conf.delegate && conf.logwtmp);
	assert_string_equal(conf.speed, "9600");
	assert_string_equal(conf.listen, "10.0.0.1");
	assert_string_equal(conf.option, "/dev/null");
	assert_string_equal(conf.pidfile, "/run/x.pid");
	assert_int_equal(conf.stimeout, 4);
	assert_int_equal(conf.connections, 9);
	assert_string_equal(conf.localip, "10.0.0.1");
	assert_string_equal(conf.remoteip, "10.0.1.1-9");
	assert_int_equal(conf.echo_interval, 5);
	assert_int_equal(conf.echo_timeout, 6);
	assert_int_equal(conf.rrp_keepalive, 7);
	conf_done(&conf);
}

static void command_line_beats_the_file(void **state UNUSED)
{
	struct conf conf;

	assert_true(complete(&conf, "-C 5 -t 3 -s 300 -p /a",
			     "connections 9\nstimeout 4\n"
			     "speed 9600\npidfile /b\n"));
	assert_int_equal(conf.connections, 5);
	assert_int_equal(conf.stimeout, 3);
	assert_string_equal(conf.speed, "300");
	assert_string_equal(conf.pidfile, "/a");
	conf_done(&conf);
}

static void start_timeout_of_zero_leaves_it_to_the_file(void **state UNUSED)
{
	struct conf conf;

	assert_true(complete(&conf, "-t 0", "stimeout 2\n"));
	assert_int_equal(conf.stimeout, 2);
	conf_done(&conf);
}

static void first_of_two_equal_directives_counts(void **state UNUSED)
{
	struct conf conf;

	assert_true(complete(&conf, "", "speed 1\nspeed 2\nconnections 3\nconnections 4\n"));
	assert_string_equal(conf.speed, "1");
	assert_int_equal(conf.connections, 3);
	conf_done(&conf);
}

static void flag_is_on_whatever_follows_it(void **state UNUSED)
{
	struct conf conf;

	assert_true(complete(&conf, "", "debug 0\nlogwtmp off\n"));
	assert_true(conf.debug);
	assert_true(conf.logwtmp);
	conf_done(&conf);
}

static void there_are_no_comments_behind_a_value(void **state UNUSED)
{
	struct conf conf;

	assert_true(complete(&conf, "", "#speed 1\nspeed 9600 # slow\n"));
	assert_string_equal(conf.speed, "9600 # slow");
	conf_done(&conf);
}

static void keywords_are_case_sensitive(void **state UNUSED)
{
	struct conf conf;

	assert_true(complete(&conf, "", "Speed 9600\n"));
	assert_string_equal(conf.speed, "115200");
	assert_true(caught(LOG_WARNING, about_line_2("unknown directive 'Speed' ignored")));
	conf_done(&conf);
}

static void unknown_directive_is_named_with_its_line(void **state UNUSED)
{
	struct conf conf;

	assert_true(complete(&conf, "", "remotip\t10.0.0.1\nspeed 9600\n"));
	assert_true(caught(LOG_WARNING, about_line_2("unknown directive 'remotip' ignored")));
	assert_string_equal(conf.speed, "9600");
	conf_done(&conf);
}

static void unknown_directive_is_printed_escaped(void **state UNUSED)
{
	struct conf conf;

	assert_true(complete(&conf, "", "a\033[2Jb\n"));
	assert_true(caught(LOG_WARNING, about_line_2("unknown directive 'a?[2Jb' ignored")));
	conf_done(&conf);
}

static void carriage_return_is_taken_off_and_said(void **state UNUSED)
{
	struct conf conf;

	assert_true(complete(&conf, "", "localip 10.0.0.1\r\n"));
	assert_string_equal(conf.localip, "10.0.0.1");
	assert_true(caught(LOG_WARNING,
			   about_line_2("carriage return at the end of the line ignored")));
	conf_done(&conf);
}

static void line_that_begins_with_a_blank_is_ignored_and_said(void **state UNUSED)
{
	struct conf conf;

	assert_true(complete(&conf, "", " speed 9600\n"));
	assert_string_equal(conf.speed, "115200");
	assert_true(caught_with("Config file line starts with a space:  speed 9600 ("));
	conf_done(&conf);
}

static void list_longer_than_poptops_line_is_whole(void **state UNUSED)
{
	char text[2100] = "remoteip 10.0.0.1";
	struct conf conf;

	for (size_t len = strlen(text); len < 2000; len += 9)
		memcpy(text + len, ",10.0.0.1", 10);
	assert_true(complete(&conf, "", text));
	assert_string_equal(conf.remoteip, text + strlen("remoteip "));
	conf_done(&conf);
}

static void bad_numbers_are_refused_with_line_and_range(void **state UNUSED)
{
	static const char *const bad[] = {"0",   "86401", "-1", "+5",
					  "abc", "",      "5x", "99999999999999999999"};
	struct conf conf;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		char text[64], what[80];

		(void)snprintf(text, sizeof(text), "rrp-keepalive %s\n", bad[i]);
		(void)snprintf(what, sizeof(what),
			       "MGR: Bad rrp-keepalive value (%s) in config file!", bad[i]);
		assert_false(complete(&conf, "", text));
		assert_true(caught_with(what));
		assert_true(caught_with(":2: expected a number from 1 to 86400"));
		conf_done(&conf);
	}
}

static void counts_that_poptop_ran_with_do_not_keep_us_from_it(void **state UNUSED)
{
	static const char *const bad[] = {"0", "65536", "-1", "abc", ""};
	struct conf conf;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		char text[64];

		(void)snprintf(text, sizeof(text), "connections %s\n", bad[i]);
		assert_true(complete(&conf, "", text));
		assert_int_equal(conf.connections, 100);
		assert_true(caught_with("using the default"));
		conf_done(&conf);
	}
	assert_true(complete(&conf, "", "connections 50 # offices\n"));
	assert_int_equal(conf.connections, 50);
	assert_true(caught_with(":2: ' # offices' behind the number ignored"));
	conf_done(&conf);
}

static void bad_number_on_the_command_line_is_refused(void **state UNUSED)
{
	struct conf conf;

	caught_begin();
	assert_int_equal(arguments(&conf, "-C -1"), CONF_EXIT_BAD);
	assert_true(caught(LOG_ERR, "pptpd: bad value '-1' for --connections, expected a number "
				    "from 1 to 65535"));
	conf_done(&conf);
	assert_int_equal(arguments(&conf, "-t 86401"), CONF_EXIT_BAD);
	assert_true(caught(LOG_ERR, "pptpd: bad value '86401' for --stimeout, expected a number "
				    "from 0 to 86400"));
	conf_done(&conf);
}

static void accounting_that_is_not_installed_keeps_nobody_out(void **state UNUSED)
{
	struct conf conf;

	assert_true(complete(&conf, "", "logwtmp\n"));
	assert_int_equal(conf.logwtmp, access(PPPD_LOGWTMP_PLUGIN, R_OK) == 0);
	assert_int_equal(caught_with("logwtmp has no effect"), !conf.logwtmp);
	conf_done(&conf);
}

static void calls_of_a_tunnel_are_limited_when_asked(void **state UNUSED)
{
	struct conf conf;

	assert_true(complete(&conf, "", "rrp-calls 3\n"));
	assert_int_equal(conf.rrp_calls, 3);
	conf_done(&conf);
	assert_true(complete(&conf, "", ""));
	assert_int_equal(conf.rrp_calls, 0);
	conf_done(&conf);
}

static void both_ends_of_a_range_are_good(void **state UNUSED)
{
	struct conf conf;

	assert_true(complete(&conf, "-t 86400 -C 1", ""));
	assert_int_equal(conf.stimeout, 86400);
	assert_int_equal(conf.connections, 1);
	conf_done(&conf);
	assert_true(complete(&conf, "", "connections 65535\n"));
	assert_int_equal(conf.connections, 65535);
	conf_done(&conf);
}

static void missing_file_that_was_named_is_an_error(void **state UNUSED)
{
	struct conf conf;

	caught_begin();
	assert_int_equal(arguments(&conf, "-c /nonexistent/pptpd.conf"), CONF_RUN);
	assert_false(conf_complete(&conf));
	assert_true(caught(LOG_ERR, "MGR: Config file not found!"));
	conf_done(&conf);
}

static void ppp_that_cannot_be_executed_is_an_error(void **state UNUSED)
{
	struct conf conf;

	assert_false(complete(&conf, "", "ppp /nonexistent/pppd\n"));
	assert_true(caught(LOG_ERR, "MGR: PPP binary /nonexistent/pppd not executable"));
	conf_done(&conf);
}

static void options_file_that_cannot_be_read_is_an_error(void **state UNUSED)
{
	struct conf conf;

	assert_false(complete(&conf, "", "option /nonexistent/options\n"));
	assert_true(caught(LOG_ERR, "MGR: PPP options file /nonexistent/options not readable"));
	conf_done(&conf);
}

static void rrp_listen_takes_port_address_or_both(void **state UNUSED)
{
	static const struct {
		const char *value, *host;
		uint16_t port;
	} forms[] = {
		{":4723", "", 4723},
		{":80", "", 80},
		{"0.0.0.0", "0.0.0.0", 4723},
		{"10.0.0.1:443", "10.0.0.1", 443},
		{"gate.example:443", "gate.example", 443},
		{"[2001:db8::1]:443", "2001:db8::1", 443},
		{"[::]", "::", 4723},
		{"2001:db8::1", "2001:db8::1", 4723},
	};
	struct conf conf;

	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		char text[128];

		(void)snprintf(text, sizeof(text), "rrp-listen %s\nrrp-security plain\n",
			       forms[i].value);
		assert_true(complete(&conf, "", text));
		assert_int_equal(conf.rrp_listen_count, 1);
		assert_string_equal(conf.rrp_listen[0].host, forms[i].host);
		assert_int_equal(conf.rrp_listen[0].port, forms[i].port);
		conf_done(&conf);
	}
}

static void rrp_listen_refuses_what_is_no_address(void **state UNUSED)
{
	static const char *const bad[] = {"",          ":0",   ":65536",    ":http",
					  "10.0.0.1:", "[::1", "[::1]4723", "a:1 b"};
	struct conf conf;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		char text[128], what[128];

		(void)snprintf(text, sizeof(text), "rrp-listen %s\nrrp-security plain\n", bad[i]);
		(void)snprintf(what, sizeof(what),
			       "Bad rrp-listen value '%s', expected [ADDRESS]:PORT", bad[i]);
		assert_false(complete(&conf, "", text));
		assert_true(caught(LOG_ERR, about_line_2(what)));
		conf_done(&conf);
	}
}

static void ppp_channel_may_be_repeated_and_a_bad_one_is_told(void **state UNUSED)
{
	struct conf conf;

	assert_true(complete(&conf, "", "ppp-channel 10.0.0.0/8 pty\nppp-channel kernel\n"));
	assert_int_equal(conf.ppp_channel.count, 1);
	assert_true(conf.ppp_channel.given);
	assert_int_equal(conf.ppp_channel.wish, CHANNEL_KERNEL);
	conf_done(&conf);
	assert_false(complete(&conf, "", "ppp-channel fast\n"));
	assert_int_equal(caught_with(about_line_2("Bad ppp-channel value 'fast': 'fast' is none of "
						  "auto, kernel, pppoe, pty")),
			 1);
	conf_done(&conf);
}

static void rrp_listen_may_be_repeated_to_a_limit(void **state UNUSED)
{
	char text[1024] = "rrp-security plain\n";
	struct conf conf;

	for (int i = 0; i < CONF_RRP_LISTEN_MAX; i++)
		strcat(text, "rrp-listen :4723\n");
	assert_true(complete(&conf, "", text));
	assert_int_equal(conf.rrp_listen_count, CONF_RRP_LISTEN_MAX);
	conf_done(&conf);
	strcat(text, "rrp-listen :4723\n");
	assert_false(complete(&conf, "", text));
	assert_int_equal(caught_with("more than 16 rrp-listen lines"), 1);
	conf_done(&conf);
}

static void tunnels_are_tls_unless_asked_otherwise(void **state UNUSED)
{
	struct conf conf;

	assert_true(complete(&conf, "", "rrp-listen :4723\n"));
	assert_true(conf.rrp_tls);
	assert_string_equal(conf.rrp_key, LOCALSTATEDIR "/lib/pptpd/rrp.key");
	assert_string_equal(conf.rrp_peers, LOCALSTATEDIR "/lib/pptpd/rrp-peers");
	assert_null(conf.rrp_certificate);
	conf_done(&conf);
	assert_true(complete(&conf, "", "rrp-listen :4723\nrrp-security plain\n"));
	assert_false(conf.rrp_tls);
	assert_false(conf.rrp_plain_anywhere);
	conf_done(&conf);
	assert_true(complete(&conf, "", "rrp-security tls\nrrp-plain-anywhere\n"));
	assert_true(conf.rrp_tls);
	assert_true(conf.rrp_plain_anywhere);
	conf_done(&conf);
}

static void files_that_are_opened_again_have_whole_paths(void **state UNUSED)
{
	static const char *const words[] = {"rrp-key", "rrp-certificate", "rrp-peers", "control"};
	struct conf conf;

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		char text[128];

		(void)snprintf(text, sizeof(text), "%s file\n", words[i]);
		assert_false(complete(&conf, "", text));
		(void)snprintf(text, sizeof(text),
			       "MGR: Bad %s value 'file', expected a path from the root", words[i]);
		assert_true(caught(LOG_ERR, text));
		conf_done(&conf);
	}
}

static void pptpctrl_never_runs_as_root(void **state UNUSED)
{
	struct conf conf;

	assert_false(complete(&conf, "", "pptpctrl-user root\n"));
	assert_true(caught(LOG_ERR, "MGR: Bad pptpctrl-user value 'root': must not be root"));
	conf_done(&conf);
}

static void processes_are_confined_unless_asked_otherwise(void **state UNUSED)
{
	static const struct {
		const char *text;
		enum sandbox_mode mode;
	} modes[] = {
		{"", SANDBOX_ENFORCE},
		{"pptpctrl-seccomp enforce\n", SANDBOX_ENFORCE},
		{"pptpctrl-seccomp log\n", SANDBOX_LOG},
		{"pptpctrl-seccomp off\n", SANDBOX_OFF},
	};
	struct conf conf;

	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		assert_true(complete(&conf, "", modes[i].text));
		assert_int_equal(conf.sandbox, modes[i].mode);
		assert_string_equal(conf.pptpctrl_user, "pptpd");
		assert_string_equal(conf.control, "/run/pptpd.control");
		conf_done(&conf);
	}
	assert_false(complete(&conf, "", "pptpctrl-seccomp no\n"));
	assert_true(caught(LOG_ERR, "MGR: Bad pptpctrl-seccomp value 'no', expected one of "
				    "enforce, log, off"));
	conf_done(&conf);
}

static void unknown_security_is_refused(void **state UNUSED)
{
	struct conf conf;

	assert_false(complete(&conf, "", "rrp-listen :4723\nrrp-security Plain\n"));
	assert_true(
		caught(LOG_ERR, "MGR: Bad rrp-security value 'Plain', expected one of tls, plain"));
	conf_done(&conf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(short_options_set_their_values),
		cmocka_unit_test(long_options_set_the_same_values),
		cmocka_unit_test(words_that_are_no_options_are_ignored),
		cmocka_unit_test(the_last_of_two_equal_options_counts),
		cmocka_unit_test(check_config_is_told_apart),
		cmocka_unit_test(defaults_are_poptops),
		cmocka_unit_test(file_sets_what_the_command_line_left_open),
		cmocka_unit_test(command_line_beats_the_file),
		cmocka_unit_test(start_timeout_of_zero_leaves_it_to_the_file),
		cmocka_unit_test(first_of_two_equal_directives_counts),
		cmocka_unit_test(flag_is_on_whatever_follows_it),
		cmocka_unit_test(there_are_no_comments_behind_a_value),
		cmocka_unit_test(keywords_are_case_sensitive),
		cmocka_unit_test(unknown_directive_is_named_with_its_line),
		cmocka_unit_test(unknown_directive_is_printed_escaped),
		cmocka_unit_test(carriage_return_is_taken_off_and_said),
		cmocka_unit_test(line_that_begins_with_a_blank_is_ignored_and_said),
		cmocka_unit_test(list_longer_than_poptops_line_is_whole),
		cmocka_unit_test(bad_numbers_are_refused_with_line_and_range),
		cmocka_unit_test(counts_that_poptop_ran_with_do_not_keep_us_from_it),
		cmocka_unit_test(bad_number_on_the_command_line_is_refused),
		cmocka_unit_test(accounting_that_is_not_installed_keeps_nobody_out),
		cmocka_unit_test(calls_of_a_tunnel_are_limited_when_asked),
		cmocka_unit_test(both_ends_of_a_range_are_good),
		cmocka_unit_test(missing_file_that_was_named_is_an_error),
		cmocka_unit_test(ppp_that_cannot_be_executed_is_an_error),
		cmocka_unit_test(options_file_that_cannot_be_read_is_an_error),
		cmocka_unit_test(rrp_listen_takes_port_address_or_both),
		cmocka_unit_test(rrp_listen_refuses_what_is_no_address),
		cmocka_unit_test(rrp_listen_may_be_repeated_to_a_limit),
		cmocka_unit_test(ppp_channel_may_be_repeated_and_a_bad_one_is_told),
		cmocka_unit_test(tunnels_are_tls_unless_asked_otherwise),
		cmocka_unit_test(files_that_are_opened_again_have_whole_paths),
		cmocka_unit_test(pptpctrl_never_runs_as_root),
		cmocka_unit_test(processes_are_confined_unless_asked_otherwise),
		cmocka_unit_test(unknown_security_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
