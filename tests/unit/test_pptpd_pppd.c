/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pppd's command line word for word, what it is given, and what its end means. */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pptpd/addr_pool.h"
#include "pptpd/base/fdio.h"
#include "pptpd/base/log.h"
#include "pptpd/conf.h"
#include "pptpd/pppd.h"
#include "tests/unit/pptpd_help.h"
#include "tests/unit/pptpd_standin.h"

enum {
	OPTION = 1,
	NOIPPARAM = 2,
	DELEGATE = 4,
	LOGWTMP = 8,
	TUNNEL = 16,
	PLUGIN = 32,
	COMBINATIONS = 64,
};

static char ppp[] = "/usr/sbin/pppd", speed[] = "115200", option[] = "/etc/ppp/pptpd-options";

/* The words with blanks between. */
static const char *words_of(int with)
{
	static char text[1024];
	const struct conf conf = {
		.ppp = ppp,
		.speed = speed,
		.option = with & OPTION ? option : NULL,
		.noipparam = with & NOIPPARAM,
		.logwtmp = with & LOGWTMP,
		.delegate = with & DELEGATE,
	};
	const struct in_addr client = {.s_addr = htonl(0xc0000207)};
	const struct pppd_tunnel tunnel = {.lrp_name = "branch-1", .lrp_address = "2001:db8::7"};
	struct addr_lease lease = {.call_id = 5};
	char **words;
	size_t used = 0;

	if (!(with & DELEGATE)) {
		lease.local.s_addr = htonl(0x0a000001);
		lease.remote.s_addr = htonl(0x0a000102);
	}
	words = pppd_words(&conf, &lease, client, with & TUNNEL ? &tunnel : NULL, with & PLUGIN);
	assert_non_null(words);
	for (char **word = words; *word; word++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s",
					 word == words ? "" : " ", *word);
	pppd_words_free(words);
	return text;
}

static void words_of_a_plain_call_are_poptops(void **state UNUSED)
{
	assert_string_equal(words_of(0),
			    "/usr/sbin/pppd local 115200 10.0.0.1:10.0.1.2 ipparam 192.0.2.7 "
			    "remotenumber 192.0.2.7");
}

static void words_of_debians_configuration_are_poptops(void **state UNUSED)
{
	assert_string_equal(words_of(OPTION | LOGWTMP),
			    "/usr/sbin/pppd local file /etc/ppp/pptpd-options 115200 "
			    "10.0.0.1:10.0.1.2 ipparam 192.0.2.7 plugin "
			    "/usr/lib/pptpd/pptpd-logwtmp.so pptpd-original-ip 192.0.2.7 "
			    "remotenumber 192.0.2.7");
}

static void words_of_a_tunnelled_call_end_with_the_tunnel(void **state UNUSED)
{
	assert_string_equal(words_of(TUNNEL | DELEGATE | NOIPPARAM),
			    "/usr/sbin/pppd local 115200 remotenumber 192.0.2.7 set "
			    "RRP_PEER=branch-1 set RRP_ADDRESS=2001:db8::7");
}

static void each_setting_adds_its_words_in_poptops_order(void **state UNUSED)
{
	for (int with = 0; with < COMBINATIONS; with++) {
		char wanted[1024];

		(void)snprintf(wanted, sizeof(wanted), "/usr/sbin/pppd local%s 115200%s%s%s%s%s%s",
			       with & OPTION ? " file /etc/ppp/pptpd-options" : "",
			       with & DELEGATE ? "" : " 10.0.0.1:10.0.1.2",
			       with & NOIPPARAM ? "" : " ipparam 192.0.2.7",
			       with & LOGWTMP ? " plugin /usr/lib/pptpd/pptpd-logwtmp.so "
						"pptpd-original-ip 192.0.2.7"
					      : "",
			       " remotenumber 192.0.2.7",
			       with & TUNNEL ? " set RRP_PEER=branch-1 set RRP_ADDRESS=2001:db8::7"
					     : "",
			       with & PLUGIN ? " nodetach plugin " PPPD_CHANNEL_PLUGIN
					       " pptpd-channel 3 pptpd-events 4"
					     : "");
		assert_string_equal(words_of(with), wanted);
	}
}

static void speed_is_one_word_whatever_is_in_it(void **state UNUSED)
{
	char odd[] = "9600 # c";
	const struct conf conf = {.ppp = ppp, .speed = odd};
	const struct addr_lease lease = {0};
	char **words = pppd_words(&conf, &lease, (struct in_addr){0}, NULL, false);

	assert_string_equal(words[2], "9600 # c");
	pppd_words_free(words);
}

static void free_accepts_null(void **state UNUSED)
{
	pppd_words_free(NULL);
}

/* Less than any limit of ours. */
static const struct rlimit files = {.rlim_cur = 63, .rlim_max = 64};

static const struct pppd_line terminal = {.socket = -1};

/* Starts the stand-in, which does what `what` says. */
static struct pppd_process start(const char *what)
{
	char program[256], file[256];
	char *words[] = {program, (char[]){"file"}, file, (char[]){"last word"}, NULL};
	struct pppd_process process;

	(void)snprintf(program, sizeof(program), "%s", standin_pppd());
	(void)snprintf(file, sizeof(file), "%s", scratch_file("options", what));
	assert_true(pppd_start(words, &files, &terminal, &process));
	return process;
}

static ssize_t read_some(int fd, char *out, size_t size)
{
	struct pollfd wait = {.fd = fd, .events = POLLIN};
	ssize_t len;

	assert_int_equal(poll(&wait, 1, 10000), 1);
	len = read(fd, out, size - 1);
	out[len < 0 ? 0 : len] = '\0';
	return len;
}

/* All that comes until the end. */
static const char *read_all(int fd)
{
	static char text[4096];
	size_t used = 0;
	ssize_t len;

	while ((len = read_some(fd, text + used, sizeof(text) - used)) > 0)
		used += (size_t)len;
	text[used] = '\0';
	return text;
}

/* Hangs up; returns the wait status. */
static int end(struct pppd_process *process)
{
	int status = -1;

	fdio_close(&process->channel);
	fdio_close(&process->messages);
	assert_int_equal(waitpid(process->pid, &status, 0), process->pid);
	return status;
}

static void every_byte_passes_both_ways_unchanged_from_the_start(void **state UNUSED)
{
	struct pppd_process process = start("mirror");
	char sent[255], got[512];
	size_t have = 0;

	for (int i = 0; i < 255; i++)
		sent[i] = (char)(i + 1); /* newline, return, flow control, interrupt ... */
	assert_int_equal(write(process.channel, sent, sizeof(sent)), sizeof(sent));
	while (have < sizeof(sent))
		have += (size_t)read_some(process.channel, got + have, sizeof(got) - have);
	assert_int_equal(have, sizeof(sent));
	assert_memory_equal(got, sent, sizeof(sent));
	(void)end(&process);
}

static void hang_up_ends_pppd(void **state UNUSED)
{
	struct pppd_process process = start("mirror");

	assert_int_equal(end(&process), 16 << 8);
}

static void both_descriptors_are_as_all_are(void **state UNUSED)
{
	struct pppd_process process = start("mirror");

	assert_true(is_cloexec_and_nonblocking(process.channel));
	assert_true(is_cloexec_and_nonblocking(process.messages));
	(void)end(&process);
}

static void pppd_has_its_line_and_its_messages_and_nothing_else(void **state UNUSED)
{
	int leaked = open("/etc/passwd", O_RDONLY); /* as if left open by who started us */
	struct pppd_process process = start("report");
	char text[4096], line[256], *descriptors;
	int count = 0, slave = -1;

	(void)read_some(process.messages, text, sizeof(text));
	(void)close(leaked);
	descriptors = strtok(text, "\n");
	assert_non_null(descriptors);
	for (const char *colon = descriptors; (colon = strchr(colon, ':')); colon++)
		count += colon[1] == '/' || colon[1] == 'p';
	(void)snprintf(line, sizeof(line), "%s", descriptors);
	assert_int_equal(sscanf(line, "descriptors 0:/dev/pts/%d", &slave), 1);
	(void)snprintf(text, sizeof(text), "descriptors 0:/dev/pts/%d 1:/dev/pts/%d 2:pipe:", slave,
		       slave);
	assert_int_equal(strncmp(line, text, strlen(text)), 0);
	assert_int_equal(count, 3);
	(void)end(&process);
}

static void pppd_with_a_plugin_has_socket_and_events_at_their_places(void **state UNUSED)
{
	int pair[2], status;
	char text[4096], program[256], file[256];
	char *words[] = {program, (char[]){"file"}, file, NULL};
	struct pppd_line line = {.version = "2.4.9"};
	struct pppd_process process;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	line.socket = pair[0];
	(void)snprintf(program, sizeof(program), "%s", standin_pppd());
	(void)snprintf(file, sizeof(file), "%s", scratch_file("options", "report"));
	assert_true(pppd_start(words, &files, &line, &process));
	assert_int_equal(process.channel, -1);
	assert_true(is_cloexec_and_nonblocking(process.events));
	(void)read_some(process.messages, text, sizeof(text));
	assert_non_null(strstr(text, "descriptors 0:/dev/null 1:/dev/null 2:pipe:"));
	assert_non_null(strstr(text, " 3:socket:"));
	assert_non_null(strstr(text, " 4:pipe:"));
	assert_null(strstr(text, " 5:"));
	assert_null(getenv("PPTPD_PPPD_VERSION"));
	(void)kill(process.pid, SIGTERM);
	assert_int_equal(waitpid(process.pid, &status, 0), process.pid);
	assert_int_equal(read_some(process.events, text, sizeof(text)), 0);
	(void)close(process.events);
	(void)close(process.messages);
	(void)close(pair[0]);
	(void)close(pair[1]);
}

static void line_is_raw_and_signals_are_as_at_boot(void **state UNUSED)
{
	struct pppd_process process;
	sigset_t some;
	char text[4096];

	sigemptyset(&some);
	sigaddset(&some, SIGCHLD);
	(void)sigprocmask(SIG_BLOCK, &some, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
	process = start("report");
	(void)sigprocmask(SIG_UNBLOCK, &some, NULL);
	(void)signal(SIGPIPE, SIG_DFL);
	(void)read_some(process.messages, text, sizeof(text));
	assert_non_null(strstr(text, "raw 1, SIGCHLD blocked 0, SIGPIPE ignored 0"));
	(void)end(&process);
}

static void limit_of_descriptors_is_not_the_managers(void **state UNUSED)
{
	struct pppd_process process = start("report");
	char text[4096];

	(void)read_some(process.messages, text, sizeof(text));
	assert_non_null(strstr(text, "open files up to 63\n"));
	(void)end(&process);
}

static void words_arrive_one_by_one(void **state UNUSED)
{
	struct pppd_process process = start("report");
	char text[4096];

	(void)read_some(process.messages, text, sizeof(text));
	assert_non_null(strstr(text, "options last word\n"));
	(void)end(&process);
}

static void what_pppd_says_on_stderr_arrives(void **state UNUSED)
{
	struct pppd_process process = start("wrong");

	assert_string_equal(read_all(process.messages), "unrecognized option 'wrong'\n");
	assert_int_equal(end(&process), 2 << 8);
}

static void program_that_cannot_be_executed_ends_with_127(void **state UNUSED)
{
	char program[] = "/nonexistent/pppd", *words[] = {program, NULL};
	struct pppd_process process;

	assert_true(pppd_start(words, &files, &terminal, &process));
	assert_int_equal(end(&process), 127 << 8);
}

static void starting_and_ending_leaves_no_descriptor(void **state UNUSED)
{
	unsigned before = open_descriptors();
	struct pppd_process process = start("mirror");

	assert_int_equal(open_descriptors(), before + 2);
	(void)end(&process);
	assert_int_equal(open_descriptors(), before);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_of_a_plain_call_are_poptops),
		cmocka_unit_test(words_of_debians_configuration_are_poptops),
		cmocka_unit_test(words_of_a_tunnelled_call_end_with_the_tunnel),
		cmocka_unit_test(each_setting_adds_its_words_in_poptops_order),
		cmocka_unit_test(speed_is_one_word_whatever_is_in_it),
		cmocka_unit_test(free_accepts_null),
		cmocka_unit_test(every_byte_passes_both_ways_unchanged_from_the_start),
		cmocka_unit_test(hang_up_ends_pppd),
		cmocka_unit_test(both_descriptors_are_as_all_are),
		cmocka_unit_test(pppd_has_its_line_and_its_messages_and_nothing_else),
		cmocka_unit_test(pppd_with_a_plugin_has_socket_and_events_at_their_places),
		cmocka_unit_test(line_is_raw_and_signals_are_as_at_boot),
		cmocka_unit_test(limit_of_descriptors_is_not_the_managers),
		cmocka_unit_test(words_arrive_one_by_one),
		cmocka_unit_test(what_pppd_says_on_stderr_arrives),
		cmocka_unit_test(program_that_cannot_be_executed_ends_with_127),
		cmocka_unit_test(starting_and_ending_leaves_no_descriptor),
	};

	standin_run(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
