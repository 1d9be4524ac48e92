/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A pptpctrl's end of the messages with the manager, over a real socket pair. */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pptpctrl/manager_link.h"
#include "pptpd/base/fdio.h"
#include "pptpd/base/log.h"
#include "tests/unit/pptpctrl_manager.h"
#include "tests/unit/pptpd_help.h"

/* More than a socket's buffer and all that may wait behind it. */
#define MANY_LINES 5000

struct fixture {
	struct manager_end manager;
	struct ev_loop *loop;
	struct manager_link *link;
	char told[1024];
	int fd; /* the last descriptor that came */
	unsigned descriptors;
};

static void told(struct fixture *f, const char *format, ...) PRINTF_LIKE(2, 3);

static void told(struct fixture *f, const char *format, ...)
{
	size_t used = strlen(f->told);
	va_list args;

	va_start(args, format);
	(void)vsnprintf(f->told + used, sizeof(f->told) - used, format, args);
	va_end(args);
}

static void take(struct fixture *f, int fd)
{
	fdio_close(&f->fd);
	f->fd = fd;
}

static void on_peer_verdict(void *context, const struct ipc_peer_verdict *verdict)
{
	told(context, "peer %u %s %u;", verdict->verdict, verdict->name, verdict->max_calls);
}

static void on_enrol_verdict(void *context, const struct ipc_enrol_verdict *verdict)
{
	told(context, "enrol %u %s;", verdict->verdict, verdict->name);
}

static void on_connection(void *context, int fd)
{
	told(context, "connection;");
	take(context, fd);
}

static void on_gre_opened(void *context, const struct ipc_gre_opened *opened, int fd)
{
	told(context, "gre %d%s;", opened->error, opened->sample ? " sample" : "");
	take(context, fd);
}

static void on_call_started(void *context, const struct ipc_call_started *started, int fd)
{
	told(context, "started %u as %u on %u by %d;", started->request, started->call_id,
	     started->channel, started->pppd_pid);
	take(context, fd);
}

static void on_call_refused(void *context, uint32_t request, enum ipc_refusal reason)
{
	told(context, "refused %u: %d;", request, (int)reason);
}

static void on_call_ended(void *context, const struct ipc_call_ended *ended)
{
	told(context, "ended %u: %x%s;", ended->call_id, (unsigned)ended->wait_status,
	     ended->denied ? " denied" : "");
}

static void on_link_given(void *context, const struct ipc_link *link, int fd)
{
	told(context, "link %02x %02x;", link->kernel[5], link->child[5]);
	take(context, fd);
}

static void on_released(void *context)
{
	told(context, "released;");
}

static void on_stop(void *context)
{
	told(context, "stop;");
}

static void on_lost(void *context)
{
	told(context, "lost;");
}

static const struct manager_link_ops ops = {
	.connection = on_connection,
	.peer_verdict = on_peer_verdict,
	.enrol_verdict = on_enrol_verdict,
	.gre_opened = on_gre_opened,
	.link_given = on_link_given,
	.call_started = on_call_started,
	.call_refused = on_call_refused,
	.call_ended = on_call_ended,
	.released = on_released,
	.stop = on_stop,
	.lost = on_lost,
};

static int set_up_bare(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	caught_begin();
	f->descriptors = open_descriptors();
	f->fd = -1;
	manager_begin(&f->manager);
	*state = f;
	return 0;
}

static int set_up(void **state)
{
	struct fixture *f;

	assert_int_equal(set_up_bare(state), 0);
	f = *state;
	f->loop = ev_loop_new(EVFLAG_AUTO);
	f->link = manager_link_new(f->loop, &ops, f);
	assert_non_null(f->link);
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	fdio_close(&f->fd);
	if (f->link) {
		manager_link_free(f->link);
		ev_loop_destroy(f->loop);
	} else {
		(void)close(IPC_FD);
	}
	manager_end(&f->manager);
	assert_int_equal(open_descriptors(), f->descriptors);
	free(f);
	return 0;
}

static void assert_told(struct fixture *f, const char *expected)
{
	run_ready(f->loop);
	assert_string_equal(f->told, expected);
	f->told[0] = '\0';
}

static struct ipc_settings good_settings(void)
{
	return (struct ipc_settings){
		.type = IPC_SETTINGS,
		.version = IPC_VERSION,
		.kind = IPC_KIND_TUNNEL,
		.echo_interval_s = 17,
		.max_calls = 23,
	};
}

static int any_socket(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	assert_true(fd >= 0);
	return fd;
}

static void the_settings_are_taken_as_they_came(void **state)
{
	struct fixture *f = *state;
	const struct ipc_settings sent = good_settings();
	struct ipc_settings got;

	manager_send(&f->manager, &sent, -1);
	assert_true(manager_link_settings(&got));
	assert_int_equal(got.kind, IPC_KIND_TUNNEL);
	assert_int_equal(got.echo_interval_s, 17);
	assert_int_equal(got.max_calls, 23);
}

static void assert_settings_refused(void)
{
	struct ipc_settings got = {.max_calls = 99};

	assert_false(manager_link_settings(&got));
	assert_int_equal(got.max_calls, 99);
}

static void settings_of_another_build_are_refused(void **state)
{
	struct fixture *f = *state;
	struct ipc_settings sent = good_settings();

	sent.version = IPC_VERSION + 1;
	manager_send(&f->manager, &sent, -1);
	assert_settings_refused();
}

static void another_first_message_is_refused_and_its_descriptor_closed(void **state)
{
	struct fixture *f = *state;
	unsigned before = open_descriptors();

	manager_send_connection(&f->manager, any_socket());
	assert_settings_refused();
	assert_int_equal(open_descriptors(), before);
}

static void settings_of_a_wrong_length_are_refused(void **state)
{
	struct fixture *f = *state;
	const struct ipc_settings sent = good_settings();

	assert_int_equal(fdio_send_message(f->manager.fd, &sent, sizeof(sent) - 4, -1), 0);
	assert_settings_refused();
}

static void a_manager_that_is_gone_gives_no_settings(void **state)
{
	struct fixture *f = *state;

	manager_end(&f->manager);
	assert_settings_refused();
}

static void the_signers_channel_is_taken_over(void **state)
{
	struct fixture *f = *state;
	const struct ipc_signer message = {.type = IPC_SIGNER};
	int channel = -1;

	manager_send(&f->manager, &message, any_socket());
	assert_true(manager_link_signer(&channel));
	assert_true(is_cloexec_and_nonblocking(channel));
	fdio_close(&channel);
}

static void what_is_not_the_signers_channel_is_refused(void **state)
{
	struct fixture *f = *state;
	const struct ipc_signer message = {.type = IPC_SIGNER};
	int channel = -1;

	manager_send_connection(&f->manager, any_socket());
	assert_false(manager_link_signer(&channel));
	manager_send(&f->manager, &message, -1);
	assert_false(manager_link_signer(&channel));
	manager_end(&f->manager);
	assert_false(manager_link_signer(&channel));
	assert_int_equal(channel, -1);
}

static void every_message_comes_to_its_own_function(void **state)
{
	struct fixture *f = *state;
	const struct ipc_gre_opened failed = {.type = IPC_GRE_OPENED, .error = EPERM, .sample = 1};
	const struct ipc_call_ended denied = {.type = IPC_CALL_ENDED, .call_id = 9, .denied = 1};

	manager_send_refused(&f->manager, 8, IPC_REFUSAL_SYSTEM);
	assert_told(f, "refused 8: 2;");
	manager_send_ended(&f->manager, 65535);
	assert_told(f, "ended 65535: 1000;");
	manager_send(&f->manager, &denied, -1);
	assert_told(f, "ended 9: 0 denied;");
	manager_send(&f->manager, &failed, -1);
	assert_told(f, "gre 1 sample;");
	assert_int_equal(f->fd, -1);
	manager_send_released(&f->manager);
	assert_told(f, "released;");
	manager_send_stop(&f->manager);
	assert_told(f, "stop;");
	manager_send_peer_verdict(&f->manager, IPC_VERDICT_GOOD, "branch", 7);
	assert_told(f, "peer 0 branch 7;");
	manager_send_enrol_verdict(&f->manager, IPC_VERDICT_USED, "");
	assert_told(f, "enrol 5 ;");
}

static void descriptors_come_to_the_function_open(void **state)
{
	struct fixture *f = *state;
	const struct ipc_gre_opened opened = {.type = IPC_GRE_OPENED};
	const struct ipc_link link = {.type = IPC_LINK,
				      .kind = IPC_LINK_TAP,
				      .kernel = {2, 0, 0, 0, 0, 1},
				      .child = {2, 0, 0, 0, 0, 2}};
	int pppd;

	manager_send_connection(&f->manager, any_socket());
	assert_told(f, "connection;");
	assert_true(is_cloexec_and_nonblocking(f->fd));
	pppd = manager_send_started(&f->manager, 7, 5);
	assert_told(f, "started 7 as 5 on 1 by 1005;");
	assert_true(is_cloexec_and_nonblocking(f->fd));
	(void)close(pppd);
	manager_send(&f->manager, &link, any_socket());
	assert_told(f, "link 01 02;");
	assert_true(is_cloexec_and_nonblocking(f->fd));
	manager_send(&f->manager, &opened, any_socket());
	assert_told(f, "gre 0;");
	assert_true(is_cloexec_and_nonblocking(f->fd));
}

static void messages_keep_their_order(void **state)
{
	struct fixture *f = *state;

	manager_send_stop(&f->manager);
	manager_send_ended(&f->manager, 1);
	manager_send_ended(&f->manager, 2);
	manager_send_released(&f->manager);
	assert_told(f, "stop;ended 1: 1000;ended 2: 1000;released;");
}

static void every_request_reaches_the_manager(void **state)
{
	struct fixture *f = *state;
	const struct in_addr client = {.s_addr = htonl(0xc0000207)}; /* 192.0.2.7 */
	const struct node_id id = {{0x5a}};
	const uint8_t hash[IPC_SECRET_HASH_LEN] = {0xc3};

	manager_link_open_gre(f->link, false);
	manager_link_open_gre(f->link, true);
	manager_link_reordered(f->link);
	manager_link_start_call(f->link, 4000000000u, client, 65533);
	manager_link_stop_call(f->link, 65535);
	manager_link_peer_name(f->link, "branch-1.example_2");
	manager_link_peer(f->link, &id);
	manager_link_enrol(f->link, &id, hash);
	manager_link_call_proven(f->link, 65534);
	manager_link_idle(f->link);
	manager_assert_asked(&f->manager,
			     "gre;sample;reordered;start 4000000000 192.0.2.7/65533;stop 65535;"
			     "name branch-1.example_2;peer 5a;enrol 5a c3;proven 65534;"
			     "idle 0;");
}

static void idle_says_how_many_connections_came(void **state)
{
	struct fixture *f = *state;

	manager_send_connection(&f->manager, any_socket());
	manager_send_connection(&f->manager, any_socket());
	assert_told(f, "connection;connection;");
	manager_link_idle(f->link);
	manager_assert_asked(&f->manager, "idle 2;");
}

static void log_lines_reach_the_manager_cut_to_their_room(void **state)
{
	struct fixture *f = *state;
	char line[2 * LOG_LINE_MAX];

	manager_link_log(f->link, LOG_WARNING, "one line");
	(void)manager_hear(&f->manager);
	assert_int_equal(f->manager.last_log.severity, LOG_WARNING);
	assert_string_equal(f->manager.last_log.text, "one line");
	memset(line, 'x', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	manager_link_log(f->link, LOG_DEBUG, line);
	(void)manager_hear(&f->manager);
	assert_int_equal(f->manager.logged, 2);
	assert_int_equal(strlen(f->manager.last_log.text), LOG_LINE_MAX - 1);
}

/* The manager takes LOG_ERR to LOG_DEBUG; bug() is more severe than that. */
static void the_line_of_a_bug_has_a_severity_that_the_manager_takes(void **state)
{
	struct fixture *f = *state;

	manager_link_log(f->link, LOG_CRIT, "impossible");
	(void)manager_hear(&f->manager);
	assert_int_equal(f->manager.last_log.severity, LOG_ERR);
	assert_string_equal(f->manager.last_log.text, "impossible");
}

static void lines_for_a_manager_that_does_not_read_are_left_out(void **state)
{
	struct fixture *f = *state;

	for (unsigned i = 0; i < MANY_LINES; i++)
		manager_link_log(f->link, LOG_INFO, "line");
	manager_link_stop_call(f->link, 5);
	assert_told(f, "");
	while (f->manager.asked[0] == '\0') {
		assert_true(manager_hear(&f->manager));
		run_ready(f->loop);
	}
	assert_true(f->manager.logged < MANY_LINES);
	manager_assert_asked(&f->manager, "stop 5;");
	manager_link_log(f->link, LOG_INFO, "the last");
	(void)manager_hear(&f->manager);
	assert_string_equal(f->manager.last_log.text, "the last");
	assert_told(f, "");
}

static void a_manager_that_goes_away_is_told_once(void **state)
{
	struct fixture *f = *state;

	manager_end(&f->manager);
	assert_told(f, "lost;");
	manager_link_idle(f->link);
	manager_link_log(f->link, LOG_INFO, "nobody hears");
	assert_told(f, "");
}

static void what_the_manager_said_last_comes_before_its_loss(void **state)
{
	struct fixture *f = *state;

	manager_send_ended(&f->manager, 1);
	manager_end(&f->manager);
	manager_link_idle(f->link);
	assert_told(f, "ended 1: 1000;lost;");
}

static void a_message_that_no_manager_sends_ends_the_link(void **state)
{
	struct fixture *f = *state;
	const struct ipc_idle wrong = {.type = IPC_IDLE};

	manager_send(&f->manager, &wrong, -1);
	assert_told(f, "lost;");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_settings_are_taken_as_they_came, set_up_bare,
						tear_down),
		cmocka_unit_test_setup_teardown(settings_of_another_build_are_refused, set_up_bare,
						tear_down),
		cmocka_unit_test_setup_teardown(
			another_first_message_is_refused_and_its_descriptor_closed, set_up_bare,
			tear_down),
		cmocka_unit_test_setup_teardown(settings_of_a_wrong_length_are_refused, set_up_bare,
						tear_down),
		cmocka_unit_test_setup_teardown(a_manager_that_is_gone_gives_no_settings,
						set_up_bare, tear_down),
		cmocka_unit_test_setup_teardown(the_signers_channel_is_taken_over, set_up_bare,
						tear_down),
		cmocka_unit_test_setup_teardown(what_is_not_the_signers_channel_is_refused,
						set_up_bare, tear_down),
		cmocka_unit_test_setup_teardown(every_message_comes_to_its_own_function, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(descriptors_come_to_the_function_open, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(messages_keep_their_order, set_up, tear_down),
		cmocka_unit_test_setup_teardown(every_request_reaches_the_manager, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(idle_says_how_many_connections_came, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(log_lines_reach_the_manager_cut_to_their_room,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			the_line_of_a_bug_has_a_severity_that_the_manager_takes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(lines_for_a_manager_that_does_not_read_are_left_out,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_manager_that_goes_away_is_told_once, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(what_the_manager_said_last_comes_before_its_loss,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_message_that_no_manager_sends_ends_the_link,
						set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
