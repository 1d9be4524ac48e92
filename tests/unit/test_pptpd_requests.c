/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a pptpctrl may ask of the manager: each refusal is logged and changes nothing. */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <errno.h>
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
#include "pptpd/call.h"
#include "pptpd/call_table.h"
#include "pptpd/channel_kernel.h"
#include "pptpd/child.h"
#include "pptpd/conf.h"
#include "pptpd/ipc_port.h"
#include "pptpd/manager.h"
#include "pptpd/requests.h"
#include "pptpd/session_store.h"
#include "pptpd/start_queue.h"
#include "pptpd/syslog.h"
#include "pptpd/unproven.h"
#include "tests/unit/pptpd_help.h"
#include "tests/unit/pptpd_standin.h"

#define SLOTS      3
#define PLACES     SLOTS /* nothing waits */
#define CLIENT     0x0a000005
#define CLIENT_TXT "10.0.0.5"

/* A child without its process: the test holds the other end. */
struct half {
	struct child child;
	int peer;
};

struct fixture {
	struct conf conf;
	struct syslog_writer syslog;
	struct manager manager;
	struct half a, b;
	union ipc_message got;
	int got_fd;
	char ppp[256];
	char speed[8];
};

static void on_message(void *context UNUSED, const union ipc_message *message UNUSED, int fd UNUSED)
{
}

static void on_closed(void *context UNUSED, int error UNUSED)
{
}

static const struct ipc_port_ops ops = {.message = on_message, .closed = on_closed};

static void make_half(struct fixture *f, struct half *half, enum ipc_kind kind)
{
	struct child *child = &half->child;
	int pair[2];

	assert_int_equal(
		socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
	child->manager = &f->manager;
	child->kind = kind;
	child->pppoe.fd = -1;
	child->max_calls = 8;
	child->connections = 1;
	child->remote = address_from_in((struct in_addr){.s_addr = htonl(CLIENT)}, 3000);
	child->local = address_from_in((struct in_addr){.s_addr = htonl(INADDR_LOOPBACK)}, 1723);
	child->port = ipc_port_new(f->manager.loop, pair[0], IPC_FROM_PPTPCTRL, &ops, child);
	child->pid = fork(); /* somebody whom child_kill() may kill */
	if (child->pid == 0) {
		for (;;)
			(void)pause();
	}
	list_init(&child->calls);
	list_init(&child->waiting);
	list_append(&f->manager.children, &child->link);
	rate_limit_init(&child->log_limit, 100, 1000, mono_now());
	rate_limit_init(&child->sample_limit, 4, 1000, mono_now());
	half->peer = pair[1];
}

static int set_up_as(void **state, enum ipc_kind kind)
{
	struct fixture *f = calloc(1, sizeof(*f));

	caught_begin();
	syslog_init(&f->syslog);
	(void)snprintf(f->ppp, sizeof(f->ppp), "%s", standin_pppd());
	(void)snprintf(f->speed, sizeof(f->speed), "115200");
	f->conf.ppp = f->ppp;
	f->conf.speed = f->speed;
	f->manager.conf = &f->conf;
	f->manager.syslog = &f->syslog;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &f->manager.files), 0);
	f->manager.loop = ev_default_loop(EVFLAG_AUTO);
	f->manager.pool = addr_pool_new(SLOTS, NULL, 0, NULL, 0);
	f->manager.sessions = session_store_new();
	f->manager.calls = call_table_new(SLOTS);
	f->manager.unproven = unproven_new();
	f->manager.start_queue = start_queue_new(f->manager.loop, PLACES, &requests_start_ops);
	f->manager.patience = (struct manager_patience){5., 5., 5., 5.};
	rate_limit_init(&f->manager.samples, 16, 1000, mono_now());
	rate_limit_init(&f->manager.full_limit, 1, 10000, mono_now());
	list_init(&f->manager.children);
	list_init(&f->manager.orphans);
	make_half(f, &f->a, kind);
	make_half(f, &f->b, kind);
	*state = f;
	return 0;
}

static int set_up(void **state)
{
	return set_up_as(state, IPC_KIND_DIRECT);
}

static int set_up_tunnel(void **state)
{
	return set_up_as(state, IPC_KIND_TUNNEL);
}

static bool all_ended(struct fixture *f)
{
	return list_empty(&f->a.child.calls) && list_empty(&f->b.child.calls);
}

/* Every call ends and gives its slot back. */
static int tear_down(void **state)
{
	struct fixture *f = *state;
	struct half *halves[] = {&f->a, &f->b};

	start_queue_stop(f->manager.start_queue);
	for (size_t i = 0; i < ARRAY_SIZE(halves); i++) {
		list_for_each (link, &halves[i]->child.calls) {
			call_hang_up(container_of(link, struct call, link));
		}
	}
	for (int i = 0; i < 1000 && !all_ended(f); i++) {
		run_ready(f->manager.loop);
		for (size_t h = 0; h < ARRAY_SIZE(halves); h++) {
			while (ipc_receive(halves[h]->peer, IPC_FROM_MANAGER, &f->got,
					   &f->got_fd) == 1) {
				if (f->got_fd >= 0)
					(void)close(f->got_fd);
			}
		}
		(void)usleep(10000);
	}
	assert_true(all_ended(f));
	assert_int_equal(addr_pool_leased(f->manager.pool), 0);
	for (size_t i = 0; i < ARRAY_SIZE(halves); i++) {
		(void)kill(halves[i]->child.pid, SIGKILL);
		(void)waitpid(halves[i]->child.pid, NULL, 0);
		ev_timer_stop(f->manager.loop, &halves[i]->child.leaving);
		ipc_port_free(halves[i]->child.port);
		(void)close(halves[i]->peer);
	}
	session_store_free(f->manager.sessions);
	start_queue_free(f->manager.start_queue);
	call_table_free(f->manager.calls);
	unproven_free(f->manager.unproven);
	addr_pool_free(f->manager.pool);
	syslog_done(&f->syslog);
	free(f);
	return 0;
}

/* The next message to that half; false if there is none. */
static bool answered(struct fixture *f, struct half *half)
{
	f->got_fd = -1;
	return ipc_receive(half->peer, IPC_FROM_MANAGER, &f->got, &f->got_fd) == 1;
}

static void ask(struct half *half, const void *message)
{
	union ipc_message *whole = calloc(1, sizeof(*whole));

	memcpy(whole, message, ipc_len(*(const uint32_t *)message));
	requests_handle(&half->child, whole);
	free(whole);
}

/* The request is refused for that reason, logged, and answered by nothing. */
static void assert_refused(struct fixture *f, struct half *half, const void *message,
			   const char *name, const char *reason)
{
	char line[256];

	caught_begin();
	ask(half, message);
	(void)snprintf(line, sizeof(line), "MGR: pptpctrl[%ld] for " CLIENT_TXT ": %s refused: %s",
		       (long)half->child.pid, name, reason);
	assert_true(caught(LOG_ERR, line));
	assert_false(answered(f, half));
	assert_int_equal(addr_pool_leased(f->manager.pool), 0);
}

static struct ipc_call_start call_from(uint32_t host_order)
{
	return (struct ipc_call_start){
		.type = IPC_CALL_START,
		.request = 77,
		.client = {.s_addr = htonl(host_order)},
	};
}

/* Starts a call; its ID. The channel is closed here. */
static uint16_t start_call(struct fixture *f, struct half *half)
{
	const struct ipc_call_start start = call_from(CLIENT);

	ask(half, &start);
	assert_true(answered(f, half));
	assert_int_equal(f->got.type, IPC_CALL_STARTED);
	assert_true(f->got_fd >= 0);
	(void)close(f->got_fd);
	return f->got.call_started.call_id;
}

/* The same for a user who has logged in. */
static uint16_t start_proven_call(struct fixture *f, struct half *half)
{
	const struct ipc_call_proven proven = {
		.type = IPC_CALL_PROVEN,
		.call_id = start_call(f, half),
	};

	ask(half, &proven);
	return proven.call_id;
}

static void name_it(struct half *half, const char *name)
{
	struct ipc_peer_name message = {.type = IPC_PEER_NAME};

	(void)snprintf(message.name, sizeof(message.name), "%s", name);
	ask(half, &message);
}

static void call_start_is_answered_with_its_channel(void **state)
{
	struct fixture *f = *state;
	const struct ipc_call_start start = call_from(CLIENT);

	ask(&f->a, &start);
	assert_true(answered(f, &f->a));
	assert_int_equal(f->got.type, IPC_CALL_STARTED);
	assert_int_equal(f->got.call_started.request, 77);
	assert_int_equal(f->got.call_started.channel, IPC_CHANNEL_PTY);
	assert_int_not_equal(f->got.call_started.call_id, 0);
	assert_int_equal(kill(f->got.call_started.pppd_pid, 0), 0);
	assert_true(isatty(f->got_fd));
	(void)close(f->got_fd);
	assert_int_equal(addr_pool_leased(f->manager.pool), 1);
}

static void call_for_another_clients_address_is_refused(void **state)
{
	struct fixture *f = *state;
	const struct ipc_call_start start = call_from(CLIENT + 1);

	assert_refused(f, &f->a, &start, "IPC_CALL_START", "for another client's address");
}

static void call_of_a_tunnel_without_a_name_is_refused(void **state)
{
	struct fixture *f = *state;
	const struct ipc_call_start start = call_from(CLIENT);

	assert_refused(f, &f->a, &start, "IPC_CALL_START", "before the LRP was let in");
}

static void call_of_a_tunnel_may_be_for_any_client(void **state)
{
	struct fixture *f = *state;
	const struct ipc_call_start start = call_from(0xc0a80107);

	name_it(&f->a, "branch-1");
	ask(&f->a, &start);
	assert_true(answered(f, &f->a));
	assert_int_equal(f->got.type, IPC_CALL_STARTED);
	(void)close(f->got_fd);
}

static void call_beyond_the_pool_is_answered_full_and_logged_once(void **state)
{
	struct fixture *f = *state;
	const struct ipc_call_start start = call_from(CLIENT);

	for (int i = 0; i < SLOTS; i++)
		(void)start_proven_call(f, &f->a);
	for (int i = 0; i < 3; i++) {
		ask(&f->a, &start);
		assert_true(answered(f, &f->a));
		assert_int_equal(f->got.type, IPC_CALL_REFUSED);
		assert_int_equal(f->got.call_refused.request, 77);
		assert_int_equal(f->got.call_refused.reason, IPC_REFUSAL_FULL);
	}
	assert_int_equal(caught_with("MGR: No free connection slots or IPs - no more clients can "
				     "connect!"),
			 1);
}

static void call_while_stopping_is_answered_so(void **state)
{
	struct fixture *f = *state;
	const struct ipc_call_start start = call_from(CLIENT);

	f->manager.stopping = true;
	ask(&f->a, &start);
	assert_true(answered(f, &f->a));
	assert_int_equal(f->got.type, IPC_CALL_REFUSED);
	assert_int_equal(f->got.call_refused.reason, IPC_REFUSAL_STOPPING);
	f->manager.stopping = false;
}

static void stopped_call_ends_and_its_child_is_told(void **state)
{
	struct fixture *f = *state;
	const struct ipc_call_stop stop = {
		.type = IPC_CALL_STOP,
		.call_id = start_call(f, &f->a),
	};
	bool told = false;

	ask(&f->a, &stop);
	for (int i = 0; i < 1000 && !told; i++) {
		run_ready(f->manager.loop);
		told = answered(f, &f->a);
		(void)usleep(10000);
	}
	assert_int_equal(f->got.type, IPC_CALL_ENDED);
	assert_int_equal(f->got.call_ended.call_id, stop.call_id);
	assert_true(WIFEXITED(f->got.call_ended.wait_status));
	assert_int_equal(WEXITSTATUS(f->got.call_ended.wait_status), 16);
	assert_int_equal(addr_pool_leased(f->manager.pool), 0);
}

static struct call *only_call(struct half *half)
{
	assert_false(list_empty(&half->child.calls));
	return container_of(half->child.calls.next, struct call, link);
}

static void call_of_another_child_is_not_stopped(void **state)
{
	struct fixture *f = *state;
	const struct ipc_call_stop stop = {
		.type = IPC_CALL_STOP,
		.call_id = start_call(f, &f->a),
	};

	ask(&f->b, &stop);
	run_ready(f->manager.loop);
	assert_int_equal(only_call(&f->a)->state, CALL_RUNNING);
	assert_true(only_call(&f->a)->channel >= 0);
	assert_false(answered(f, &f->b));
}

static void stopping_twice_is_stopping_once(void **state)
{
	struct fixture *f = *state;
	const struct ipc_call_stop stop = {
		.type = IPC_CALL_STOP,
		.call_id = start_call(f, &f->a),
	};

	ask(&f->a, &stop);
	ask(&f->a, &stop);
	assert_int_equal(only_call(&f->a)->state, CALL_HUNG_UP);
	assert_int_equal(only_call(&f->a)->channel, -1);
}

static void one_place(struct fixture *f)
{
	start_queue_free(f->manager.start_queue);
	f->manager.start_queue = start_queue_new(f->manager.loop, 1, &requests_start_ops);
}

/* As many as have a place start; the answer to the next one comes when one of them has started. */
static void call_waits_until_another_ones_pppd_has_started(void **state)
{
	struct fixture *f = *state;
	const struct ipc_call_start start = call_from(CLIENT);
	struct ipc_call_ready ready = {.type = IPC_CALL_READY};

	one_place(f);
	ready.call_id = start_proven_call(f, &f->a);
	ask(&f->b, &start);
	assert_false(answered(f, &f->b));
	assert_int_equal(addr_pool_leased(f->manager.pool), 1);
	caught_begin();
	ask(&f->b, &ready);
	assert_int_equal(caught_with("IPC_CALL_READY refused: another process's call"), 1);
	assert_false(answered(f, &f->b));
	ask(&f->a, &ready);
	assert_true(answered(f, &f->b));
	assert_int_equal(f->got.type, IPC_CALL_STARTED);
	(void)close(f->got_fd);
	ask(&f->a, &ready); /* not a second place */
	ask(&f->a, &start);
	assert_false(answered(f, &f->a));
}

static void call_waits_until_another_ones_pppd_has_ended(void **state)
{
	struct fixture *f = *state;
	const struct ipc_call_start start = call_from(CLIENT);
	bool told = false;

	one_place(f);
	(void)start_call(f, &f->a);
	ask(&f->b, &start);
	call_hang_up(only_call(&f->a));
	for (int i = 0; i < 1000 && !told; i++) {
		run_ready(f->manager.loop);
		told = answered(f, &f->b);
		(void)usleep(10000);
	}
	assert_int_equal(f->got.type, IPC_CALL_STARTED);
	(void)close(f->got_fd);
}

static void waiting_call_is_cancelled_with_an_answer(void **state)
{
	struct fixture *f = *state;
	const struct ipc_call_start start = call_from(CLIENT);
	const struct ipc_call_cancel cancel = {.type = IPC_CALL_CANCEL, .request = 77};

	one_place(f);
	(void)start_call(f, &f->a);
	ask(&f->b, &cancel);
	assert_false(answered(f, &f->b));
	ask(&f->b, &start);
	ask(&f->b, &cancel);
	assert_true(answered(f, &f->b));
	assert_int_equal(f->got.type, IPC_CALL_REFUSED);
	assert_int_equal(f->got.call_refused.request, 77);
	assert_int_equal(f->got.call_refused.reason, IPC_REFUSAL_CANCELLED);
	caught_begin();
	ask(&f->a, &cancel); /* it has started: to be stopped */
	assert_false(answered(f, &f->a));
	assert_int_equal(caught_with("refused"), 0);
}

static void calls_that_wait_count_for_the_child(void **state)
{
	struct fixture *f = *state;
	const struct ipc_call_start start = call_from(CLIENT);

	one_place(f);
	f->a.child.max_calls = 2;
	(void)start_proven_call(f, &f->b);
	ask(&f->a, &start);
	ask(&f->a, &start);
	assert_false(answered(f, &f->a));
	ask(&f->a, &start);
	assert_true(answered(f, &f->a));
	assert_int_equal(f->got.call_refused.reason, IPC_REFUSAL_FULL);
	assert_true(caught(LOG_ERR, "CTRL: Client " CLIENT_TXT " refused: too many calls"));
	assert_int_equal(f->a.child.waiting_count, 2);
}

static void calls_of_a_client_that_wait_count_as_not_logged_in(void **state)
{
	struct fixture *f = *state;
	const struct ipc_call_start start = call_from(CLIENT);

	one_place(f);
	(void)start_proven_call(f, &f->b);
	ask(&f->a, &start);
	ask(&f->a, &start);
	assert_false(answered(f, &f->a));
	ask(&f->a, &start);
	assert_true(answered(f, &f->a));
	assert_int_equal(f->got.call_refused.reason, IPC_REFUSAL_FULL);
	assert_true(caught(LOG_ERR, "CTRL: Client " CLIENT_TXT
				    " refused: too many calls that have not logged in"));
}

/* After an outage all clients of an LRP come at once. */
static void calls_of_a_tunnel_that_wait_do_not_count_as_not_logged_in(void **state)
{
	struct fixture *f = *state;
	const struct ipc_call_start start = call_from(CLIENT);

	one_place(f);
	(void)snprintf(f->a.child.name, sizeof(f->a.child.name), "branch");
	(void)snprintf(f->b.child.name, sizeof(f->b.child.name), "other");
	(void)start_proven_call(f, &f->b);
	for (unsigned i = 0; i < f->a.child.max_calls; i++)
		ask(&f->a, &start);
	assert_false(answered(f, &f->a));
	assert_int_equal(f->a.child.waiting_count, 8);
}

static void call_whose_turn_comes_when_the_child_leaves_is_refused(void **state)
{
	struct fixture *f = *state;
	const struct ipc_call_start start = call_from(CLIENT);
	struct ipc_call_ready ready = {.type = IPC_CALL_READY};

	one_place(f);
	ready.call_id = start_call(f, &f->a);
	ask(&f->b, &start);
	f->b.child.released = true;
	ask(&f->a, &ready);
	assert_true(answered(f, &f->b));
	assert_int_equal(f->got.type, IPC_CALL_REFUSED);
	assert_int_equal(f->got.call_refused.reason, IPC_REFUSAL_STOPPING);
}

/* Sends one GRE packet from one address of the loopback to another. */
static void send_gre(uint32_t from, uint32_t to, char byte)
{
	const struct address source = address_from_in((struct in_addr){.s_addr = htonl(from)}, 0);
	const struct address target = address_from_in((struct in_addr){.s_addr = htonl(to)}, 0);
	int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, 47);

	assert_int_equal(bind(fd, &source.sa, source.len), 0);
	assert_int_equal(sendto(fd, &byte, 1, 0, &target.sa, target.len), 1);
	(void)close(fd);
}

static void gre_is_opened_between_the_two_addresses_and_once(void **state)
{
	struct fixture *f = *state;
	const struct ipc_gre_open open = {.type = IPC_GRE_OPEN};
	char packet[64];

	if (geteuid() != 0)
		skip();
	f->a.child.remote.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1);
	ask(&f->a, &open);
	assert_true(answered(f, &f->a));
	assert_int_equal(f->got.type, IPC_GRE_OPENED);
	assert_int_equal(f->got.gre_opened.error, 0);
	assert_true(is_cloexec_and_nonblocking(f->got_fd));
	send_gre(INADDR_LOOPBACK + 2, INADDR_LOOPBACK, 'x');
	send_gre(INADDR_LOOPBACK + 1, INADDR_LOOPBACK + 3, 'y');
	send_gre(INADDR_LOOPBACK + 1, INADDR_LOOPBACK, 'z');
	assert_int_equal(recv(f->got_fd, packet, sizeof(packet), 0), 21);
	assert_int_equal(packet[20], 'z');
	assert_int_equal(recv(f->got_fd, packet, sizeof(packet), 0), -1);
	(void)close(f->got_fd);
	f->a.child.remote.in.sin_addr.s_addr = htonl(CLIENT);
	assert_refused(f, &f->a, &open, "IPC_GRE_OPEN", "it has one already");
}

static void gre_that_cannot_be_opened_is_answered_with_the_error(void **state)
{
	struct fixture *f = *state;
	const struct ipc_gre_open open = {.type = IPC_GRE_OPEN};

	f->a.child.local.in.sin_addr.s_addr = htonl(0xc0000201); /* not an address of ours */
	f->a.child.connections = 0;
	ask(&f->a, &open);
	assert_true(answered(f, &f->a));
	assert_int_equal(f->got.type, IPC_GRE_OPENED);
	assert_int_equal(f->got_fd, -1);
	assert_int_not_equal(f->got.gre_opened.error, 0);
	assert_int_equal(caught_with("MGR: GRE socket for client " CLIENT_TXT ": "), 1);
	assert_refused(f, &f->a, &open, "IPC_GRE_OPEN", "it has failed already");
	f->a.child.connections++;
	caught_begin();
	ask(&f->a, &open);
	assert_int_equal(caught_with("MGR: GRE socket for client " CLIENT_TXT ": "), 1);
}

static void gre_for_a_tunnel_is_refused(void **state)
{
	struct fixture *f = *state;
	const struct ipc_gre_open open = {.type = IPC_GRE_OPEN};

	assert_refused(f, &f->a, &open, "IPC_GRE_OPEN", "a tunnel has no GRE");
}

/* What the manager's kernel answers to who asks for a PPTP socket: 0 and a socket, or an error. */
static int kernel_socket_error;

int __wrap_channel_kernel_open(const struct channel_kernel_end *ours,
			       const struct channel_kernel_end *clients);

int __wrap_channel_kernel_open(const struct channel_kernel_end *ours UNUSED,
			       const struct channel_kernel_end *clients UNUSED)
{
	return kernel_socket_error ? kernel_socket_error
				   : socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

/* As if pppd had been found to take the plugin, and the kernel to have PPTP; pppd does `options`.
 */
static void trust_plugin(struct fixture *f, const char *options)
{
	static char file[256];
	struct channel_trust *trust = &f->manager.channels.trust;

	(void)snprintf(file, sizeof(file), "%s", scratch_file("options", options));
	f->conf.option = file;
	f->conf.ppp_channel = (struct channel_choice){.given = true, .wish = CHANNEL_AUTO};
	trust->ppp = f->ppp;
	trust->distrusted_until = mono_now();
	trust->found = (struct channel_findings){
		.answered = true, .has_plugin = true, .version = "2.4.9", .pppoe_error = -ENODEV};
	channel_files_look(f->ppp, &trust->found.files);
}

/* As where another namespace has the client's call, or a module went away: here, as no kernel has
 * it. */
static void call_falls_to_what_it_can_have_and_one_line_tells_it(void **state)
{
	struct fixture *f = *state;
	const struct ipc_call_start start = call_from(CLIENT);

	kernel_socket_error = -EPROTONOSUPPORT;
	trust_plugin(f, "mirror");
	rate_limit_init(&f->manager.channels.fall_limit, 1, 1000000, mono_now());
	for (int i = 0; i < 2; i++) {
		ask(&f->a, &start);
		assert_true(answered(f, &f->a));
		assert_int_equal(f->got.type, IPC_CALL_STARTED);
		assert_int_equal(f->got.call_started.channel, IPC_CHANNEL_PTY);
		assert_true(f->got_fd >= 0);
		(void)close(f->got_fd);
	}
	assert_int_equal(caught_with("MGR: call of " CLIENT_TXT ": no channel kernel ("), 1);
	assert_int_equal(caught_with("; PPP channel pty is used"), 1);
	kernel_socket_error = 0;
}

/* The next message to that half, when it comes; the channel's descriptor is closed here. */
static uint32_t next_answer(struct fixture *f, struct half *half)
{
	for (int i = 0; i < 1000 && !answered(f, half); i++) {
		run_ready(f->manager.loop);
		(void)usleep(10000);
		f->got.type = 0;
	}
	if (f->got_fd >= 0)
		(void)close(f->got_fd);
	return f->got.type;
}

static void call_is_answered_when_pppd_has_taken_its_channel(void **state)
{
	struct fixture *f = *state;
	const struct ipc_call_start start = call_from(CLIENT);

	trust_plugin(f, "plugin runs");
	ask(&f->a, &start);
	assert_false(answered(f, &f->a));
	assert_int_equal(next_answer(f, &f->a), IPC_CALL_STARTED);
	assert_int_equal(f->got.call_started.request, 77);
	assert_int_equal(f->got.call_started.channel, IPC_CHANNEL_KERNEL);
	assert_int_equal(f->got_fd, -1);
	assert_true(only_call(&f->a)->started);
	assert_false(answered(f, &f->a));
}

static void assert_again_on_a_terminal(struct fixture *f, const char *options)
{
	const struct ipc_call_start start = call_from(CLIENT);
	struct ipc_call_ready ready = {.type = IPC_CALL_READY};

	trust_plugin(f, options);
	ask(&f->a, &start);
	assert_int_equal(next_answer(f, &f->a), IPC_CALL_STARTED);
	assert_int_equal(f->got.call_started.channel, IPC_CHANNEL_PTY);
	assert_int_equal(f->got.call_started.pppd_pid, only_call(&f->a)->pid);
	assert_int_equal(caught_with("PPP channel pty is used"), 0);
	ready.call_id = f->got.call_started.call_id;
	ask(&f->a, &ready);
	assert_int_equal(caught_with("PPP channel pty is used for 60 s"), 1);
	assert_false(channel_trust_may_use(&f->manager.channels.trust));
	assert_int_equal(addr_pool_leased(f->manager.pool), 1);
}

static void call_whose_pppd_fails_with_the_plugin_runs_on_a_terminal(void **state)
{
	assert_again_on_a_terminal(*state, "plugin fails");
}

static void call_whose_pppd_crashes_with_the_plugin_does_too(void **state)
{
	assert_again_on_a_terminal(*state, "plugin crashes");
}

static void plugin_is_trusted_if_pppd_fails_on_a_terminal_too(void **state)
{
	struct fixture *f = *state;
	const struct ipc_call_start start = call_from(CLIENT);

	trust_plugin(f, "wrong");
	ask(&f->a, &start);
	assert_int_equal(next_answer(f, &f->a), IPC_CALL_STARTED);
	assert_int_equal(f->got.call_started.channel, IPC_CHANNEL_PTY);
	assert_int_equal(next_answer(f, &f->a), IPC_CALL_ENDED);
	assert_int_equal(f->got.call_ended.wait_status, 2 << 8);
	assert_true(channel_trust_may_use(&f->manager.channels.trust));
	assert_int_equal(caught_with("PPP channel"), 0);
}

static void peer_that_leaves_before_ppp_runs_says_nothing_of_the_plugin(void **state)
{
	struct fixture *f = *state;
	const struct ipc_call_start start = call_from(CLIENT);
	const struct ipc_call_cancel cancel = {.type = IPC_CALL_CANCEL, .request = 77};
	struct ipc_call_stop stop = {.type = IPC_CALL_STOP};

	f->manager.patience.hung_up = 0.5;
	trust_plugin(f, "plugin waits");
	ask(&f->a, &start);
	assert_false(answered(f, &f->a));
	ask(&f->a, &cancel);
	assert_true(answered(f, &f->a));
	assert_int_equal(f->got.type, IPC_CALL_STARTED);
	stop.call_id = f->got.call_started.call_id;
	ask(&f->a, &stop);
	assert_int_equal(next_answer(f, &f->a), IPC_CALL_ENDED);
	assert_true(channel_trust_may_use(&f->manager.channels.trust));
	assert_int_equal(caught_with("PPP channel"), 0);
}

/* A packet of enhanced GRE with that first half-word, and a number behind its 16 bytes. */
static void send_enhanced_gre(uint16_t flags)
{
	const struct address source =
		address_from_in((struct in_addr){.s_addr = htonl(INADDR_LOOPBACK + 1)}, 0);
	const struct address target =
		address_from_in((struct in_addr){.s_addr = htonl(INADDR_LOOPBACK)}, 0);
	uint8_t packet[500] = {(uint8_t)(flags >> 8), (uint8_t)flags, 0x88, 0x0b};
	int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, 47);

	packet[15] = 7;
	assert_int_equal(bind(fd, &source.sa, source.len), 0);
	assert_int_equal(sendto(fd, packet, sizeof(packet), 0, &target.sa, target.len),
			 sizeof(packet));
	(void)close(fd);
}

static void sample_of_gre_has_headers_with_a_sequence_number_only(void **state)
{
	struct fixture *f = *state;
	const struct ipc_gre_open open = {.type = IPC_GRE_OPEN, .sample = 1};
	char packet[600];

	if (geteuid() != 0)
		skip();
	f->a.child.remote.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1);
	ask(&f->a, &open);
	assert_true(answered(f, &f->a));
	assert_int_equal(f->got.type, IPC_GRE_OPENED);
	assert_int_equal(f->got.gre_opened.error, 0);
	assert_int_equal(f->got.gre_opened.sample, 1);
	send_enhanced_gre(0x2081); /* an acknowledgement alone */
	send_enhanced_gre(0x3081);
	assert_int_equal(recv(f->got_fd, packet, sizeof(packet), 0), 20 + 16);
	assert_int_equal(packet[20 + 15], 7);
	assert_int_equal(recv(f->got_fd, packet, sizeof(packet), 0), -1);
	assert_int_equal(setsockopt(f->got_fd, SOL_SOCKET, SO_DETACH_FILTER, NULL, 0), -1);
	(void)close(f->got_fd);
	assert_false(f->a.child.has_gre);
	f->a.child.remote.in.sin_addr.s_addr = htonl(CLIENT);
}

static void samples_are_limited_each_has_an_answer_and_none_a_line(void **state)
{
	struct fixture *f = *state;
	const struct ipc_gre_open open = {.type = IPC_GRE_OPEN, .sample = 1};

	if (geteuid() != 0)
		skip();
	rate_limit_init(&f->a.child.sample_limit, 1, 1000000, mono_now());
	f->a.child.remote.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1);
	for (int i = 0; i < 3; i++) {
		ask(&f->a, &open);
		assert_true(answered(f, &f->a));
		assert_int_equal(f->got.gre_opened.error, i ? EBUSY : 0);
		assert_int_equal(f->got_fd >= 0, !i);
		if (f->got_fd >= 0)
			(void)close(f->got_fd);
	}
	assert_int_equal(caught_with("MGR:"), 0);
	f->a.child.remote.in.sin_addr.s_addr = htonl(CLIENT);
}

static void samples_of_all_clients_together_are_limited(void **state)
{
	struct fixture *f = *state;
	const struct ipc_gre_open open = {.type = IPC_GRE_OPEN, .sample = 1};
	struct half *halves[] = {&f->a, &f->b, &f->a};

	if (geteuid() != 0)
		skip();
	rate_limit_init(&f->manager.samples, 2, 1000000, mono_now());
	f->a.child.remote.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1);
	f->b.child.remote.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 2);
	for (size_t i = 0; i < ARRAY_SIZE(halves); i++) {
		ask(halves[i], &open);
		assert_true(answered(f, halves[i]));
		assert_int_equal(f->got.gre_opened.error, i == 2 ? EBUSY : 0);
		fdio_close(&f->got_fd);
	}
	f->a.child.remote.in.sin_addr.s_addr = htonl(CLIENT);
	f->b.child.remote.in.sin_addr.s_addr = htonl(CLIENT);
}

static void client_that_reorders_is_remembered_and_told_once(void **state)
{
	struct fixture *f = *state;
	const struct ipc_reordered reordered = {.type = IPC_REORDERED};

	ask(&f->a, &reordered);
	ask(&f->a, &reordered);
	assert_true(reordered_sources_has(&f->manager.channels.reordered, &f->a.child.remote,
					  mono_now()));
	assert_int_equal(caught_with("MGR: packets of client " CLIENT_TXT
				     " come out of order: its next calls do without PPP channel "
				     "kernel"),
			 1);
}

static void tunnel_does_not_reorder(void **state)
{
	struct fixture *f = *state;
	const struct ipc_reordered reordered = {.type = IPC_REORDERED};

	assert_refused(f, &f->a, &reordered, "IPC_REORDERED", "a tunnel keeps the order");
}

static void idle_child_is_released(void **state)
{
	struct fixture *f = *state;
	const struct ipc_idle idle = {.type = IPC_IDLE, .connections = 4};

	f->a.child.connections = 4;
	ask(&f->a, &idle);
	assert_true(answered(f, &f->a));
	assert_int_equal(f->got.type, IPC_RELEASED);
	assert_true(f->a.child.released);
	/* a further connection of the same client goes to another process */
	assert_ptr_equal(child_find_direct(&f->manager, &f->a.child.remote, &f->a.child.local),
			 &f->b.child);
}

static void idle_that_crossed_a_connection_is_not_answered(void **state)
{
	struct fixture *f = *state;
	const struct ipc_idle idle = {.type = IPC_IDLE, .connections = 3};

	f->a.child.connections = 4;
	ask(&f->a, &idle);
	assert_false(answered(f, &f->a));
	assert_false(f->a.child.released);
	assert_ptr_equal(child_find_direct(&f->manager, &f->a.child.remote, &f->a.child.local),
			 &f->a.child);
}

static void connections_go_to_the_child_of_both_addresses(void **state)
{
	struct fixture *f = *state;
	struct address other = f->a.child.remote;

	f->b.child.local.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 9);
	assert_ptr_equal(child_find_direct(&f->manager, &other, &f->b.child.local), &f->b.child);
	other.in.sin_port = htons(9);
	assert_ptr_equal(child_find_direct(&f->manager, &other, &f->a.child.local), &f->a.child);
	other.in.sin_addr.s_addr = htonl(CLIENT + 1);
	assert_null(child_find_direct(&f->manager, &other, &f->a.child.local));
}

static void peer_name_is_kept(void **state)
{
	struct fixture *f = *state;
	char longest[IPC_NAME_MAX + 1];

	name_it(&f->a, "Branch_1.example-x");
	assert_string_equal(f->a.child.name, "Branch_1.example-x");
	memset(longest, 'z', IPC_NAME_MAX);
	longest[IPC_NAME_MAX] = '\0';
	name_it(&f->b, longest);
	assert_string_equal(f->b.child.name, longest);
	assert_int_equal(caught_with(""), 0);
}

static void peer_name_with_any_other_character_is_refused(void **state)
{
	struct fixture *f = *state;

	for (int c = 1; c < 256; c++) {
		struct ipc_peer_name message = {.type = IPC_PEER_NAME, .name = {'a', (char)c, 'b'}};

		if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    c == '.' || c == '_' || c == '-')
			continue;
		rate_limit_init(&f->a.child.log_limit, 100, 1000, mono_now());
		assert_refused(f, &f->a, &message, "IPC_PEER_NAME", "a character that no name has");
		assert_string_equal(f->a.child.name, "");
	}
}

static void peer_name_that_is_empty_or_endless_is_refused(void **state)
{
	struct fixture *f = *state;
	struct ipc_peer_name message = {.type = IPC_PEER_NAME};

	assert_refused(f, &f->a, &message, "IPC_PEER_NAME", "empty or without end");
	memset(message.name, 'a', sizeof(message.name));
	assert_refused(f, &f->a, &message, "IPC_PEER_NAME", "empty or without end");
	assert_string_equal(f->a.child.name, "");
}

static void second_peer_name_is_refused(void **state)
{
	struct fixture *f = *state;
	const struct ipc_peer_name message = {.type = IPC_PEER_NAME, .name = "other"};

	name_it(&f->a, "branch-1");
	assert_refused(f, &f->a, &message, "IPC_PEER_NAME",
		       "only a plain tunnel says its name, and once");
	assert_string_equal(f->a.child.name, "branch-1");
}

static void peer_name_of_a_direct_client_is_refused(void **state)
{
	struct fixture *f = *state;
	const struct ipc_peer_name message = {.type = IPC_PEER_NAME, .name = "branch-1"};

	assert_refused(f, &f->a, &message, "IPC_PEER_NAME",
		       "only a plain tunnel says its name, and once");
}

static void log_line_out_of_bounds_is_refused(void **state)
{
	struct fixture *f = *state;
	struct ipc_log message = {.type = IPC_LOG, .severity = LOG_CRIT, .text = "x"};

	assert_refused(f, &f->a, &message, "IPC_LOG", "severity out of range");
	message.severity = LOG_DEBUG + 1;
	assert_refused(f, &f->a, &message, "IPC_LOG", "severity out of range");
	message.severity = -1;
	assert_refused(f, &f->a, &message, "IPC_LOG", "severity out of range");
	message.severity = LOG_INFO;
	memset(message.text, 'x', sizeof(message.text));
	assert_refused(f, &f->a, &message, "IPC_LOG", "text without end");
}

/* Such lines have addresses banned. */
static void log_line_about_another_client_is_refused(void **state)
{
	static const char *const others[] = {
		"CTRL: Client 10.0.0.6 refused: x",
		"CTRL: Client 10.0.0.50 refused: x",
		"CTRL: Client 10.0.0.5.6 refused",
		"CTRL: Client 10.0.0.5",
		"MGR: dropped small initial connection from 10.0.0.6",
	};
	struct fixture *f = *state;
	struct ipc_log message = {.type = IPC_LOG, .severity = LOG_INFO};

	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		(void)snprintf(message.text, sizeof(message.text), "%s", others[i]);
		assert_refused(f, &f->a, &message, "IPC_LOG", "a line about another client or LRP");
	}
	caught_begin();
	(void)snprintf(message.text, sizeof(message.text), "CTRL: Client " CLIENT_TXT " finished");
	ask(&f->a, &message);
	(void)snprintf(message.text, sizeof(message.text), "CTRL: Client " CLIENT_TXT ": ignored");
	ask(&f->a, &message);
	assert_int_equal(caught_with("refused"), 0);
	f->a.child.kind = IPC_KIND_TUNNEL;
	assert_refused(f, &f->a, &message, "IPC_LOG", "a line about another client or LRP");
	f->a.child.kind = IPC_KIND_DIRECT;
}

static void lines_of_tunnels_are_its_own(struct fixture *f, const char *const *lines, bool own)
{
	struct ipc_log message = {.type = IPC_LOG, .severity = LOG_INFO};

	for (; *lines; lines++) {
		(void)snprintf(message.text, sizeof(message.text), "%s", *lines);
		caught_begin();
		ask(&f->a, &message);
		if (caught_with("a line about another client or LRP") == own)
			fail_msg("%s", *lines);
	}
}

static void log_line_about_a_tunnel_is_of_that_tunnel_alone(void **state)
{
	static const char *const unnamed[] = {
		"RRP: " CLIENT_TXT ": TLS handshake failed: x",
		"RRP: LRP unnamed (" CLIENT_TXT "): expected HELLO",
		NULL,
	};
	static const char *const named[] = {
		"RRP: " CLIENT_TXT ": x",
		"RRP: LRP bonn (" CLIENT_TXT "): tunnel up",
		NULL,
	};
	static const char *const others[] = {
		"RRP: LRP bonn (10.0.0.6): x",
		"RRP: LRP bonn (" CLIENT_TXT "0): x",
		"RRP: LRP bonn (" CLIENT_TXT ")",
		"RRP: LRP bon (" CLIENT_TXT "): x",
		"RRP: LRP koeln (" CLIENT_TXT "): x",
		"RRP: 10.0.0.6: dropped",
		"RRP: " CLIENT_TXT "0: dropped",
		"RRP: " CLIENT_TXT,
		"RRP:",
		NULL,
	};
	struct fixture *f = *state;

	lines_of_tunnels_are_its_own(f, unnamed, false); /* of a direct client */
	f->a.child.kind = IPC_KIND_TUNNEL;
	lines_of_tunnels_are_its_own(f, unnamed, true);
	lines_of_tunnels_are_its_own(f, named + 1, false);
	(void)snprintf(f->a.child.name, sizeof(f->a.child.name), "bonn");
	lines_of_tunnels_are_its_own(f, named, true);
	lines_of_tunnels_are_its_own(f, others, false);
	f->a.child.kind = IPC_KIND_DIRECT;
}

static void lines_about_refusals_are_limited(void **state)
{
	struct fixture *f = *state;
	const struct ipc_call_start start = call_from(CLIENT + 1);

	rate_limit_init(&f->a.child.log_limit, 5, 3600000, mono_now());
	for (int i = 0; i < 50; i++)
		ask(&f->a, &start);
	assert_int_equal(caught_with("refused"), 5);
	assert_false(answered(f, &f->a));
}

static struct ipc_checkpoint checkpoint_of(uint8_t id, const char *text)
{
	struct ipc_checkpoint checkpoint = {
		.type = IPC_CHECKPOINT,
		.len = (uint32_t)strlen(text),
		.session_id = {id},
		.proof = {9, 9, 9},
	};

	memcpy(checkpoint.data, text, strlen(text));
	return checkpoint;
}

static void checkpoint_of_a_direct_client_is_refused(void **state)
{
	struct fixture *f = *state;
	const struct ipc_checkpoint message = checkpoint_of(1, "state");

	assert_refused(f, &f->a, &message, "IPC_CHECKPOINT", "only a tunnel has a session");
}

static void checkpoint_that_is_too_long_is_refused(void **state)
{
	struct fixture *f = *state;
	struct ipc_checkpoint message = checkpoint_of(1, "state");

	message.len = IPC_CHECKPOINT_MAX + 1;
	assert_refused(f, &f->a, &message, "IPC_CHECKPOINT", "longer than a checkpoint may be");
	message.len = UINT32_MAX;
	assert_refused(f, &f->a, &message, "IPC_CHECKPOINT", "longer than a checkpoint may be");
}

static void checkpoint_of_a_foreign_session_is_refused(void **state)
{
	struct fixture *f = *state;
	const struct ipc_checkpoint message = checkpoint_of(1, "state");

	ask(&f->a, &message);
	assert_int_equal(caught_with(""), 0);
	assert_refused(f, &f->b, &message, "IPC_CHECKPOINT", "another process's session");
}

static const struct ipc_adopt adopt_1 = {.type = IPC_ADOPT, .session_id = {1}, .proof = {9, 9, 9}};

static void adopt_by_a_direct_client_is_refused(void **state)
{
	struct fixture *f = *state;

	assert_refused(f, &f->a, &adopt_1, "IPC_ADOPT", "only a tunnel has a session");
}

static void adopt_with_calls_of_its_own_is_refused(void **state)
{
	struct fixture *f = *state;

	name_it(&f->a, "branch-1");
	(void)start_call(f, &f->a);
	caught_begin();
	ask(&f->a, &adopt_1);
	assert_int_equal(caught_with("IPC_ADOPT refused: it has calls already"), 1);
	assert_false(answered(f, &f->a));
}

static void adopt_of_an_unknown_session_finds_nothing_and_kills_nobody(void **state)
{
	struct fixture *f = *state;
	const struct ipc_checkpoint checkpoint = checkpoint_of(1, "state");
	struct ipc_adopt wrong = adopt_1;

	ask(&f->a, &checkpoint);
	wrong.proof[31] = 1;
	ask(&f->b, &wrong);
	assert_true(answered(f, &f->b));
	assert_int_equal(f->got.type, IPC_ADOPTED);
	assert_int_equal(f->got.adopted.found, 0);
	assert_int_equal(f->got.adopted.calls, 0);
	assert_int_equal(waitpid(f->a.child.pid, NULL, WNOHANG), 0);
	assert_false(f->a.child.released);
}

static void adopt_moves_running_calls_and_kills_the_former(void **state)
{
	struct fixture *f = *state;
	const struct ipc_checkpoint checkpoint = checkpoint_of(1, "state");
	uint16_t ids[2];
	int status;

	name_it(&f->a, "branch-1");
	ask(&f->a, &checkpoint);
	ids[0] = start_call(f, &f->a);
	ids[1] = start_call(f, &f->a);
	ask(&f->b, &adopt_1);
	assert_true(answered(f, &f->b));
	assert_int_equal(f->got.type, IPC_ADOPTED);
	assert_int_equal(f->got.adopted.found, 1);
	assert_int_equal(f->got.adopted.calls, 2);
	assert_int_equal(f->got.adopted.checkpoint_len, 5);
	assert_memory_equal(f->got.adopted.checkpoint, "state", 5);
	for (int i = 0; i < 2; i++) {
		assert_true(answered(f, &f->b));
		assert_int_equal(f->got.type, IPC_ADOPTED_CALL);
		assert_int_equal(f->got.adopted_call.call_id, ids[i]);
		assert_int_equal(f->got.adopted_call.channel, IPC_CHANNEL_PTY);
		assert_int_equal(kill(f->got.adopted_call.pppd_pid, 0), 0);
		assert_true(isatty(f->got_fd));
		(void)close(f->got_fd);
	}
	assert_false(answered(f, &f->b));
	assert_true(list_empty(&f->a.child.calls));
	assert_ptr_equal(only_call(&f->b)->child, &f->b.child);
	assert_string_equal(f->b.child.name, "branch-1");
	assert_int_equal(waitpid(f->a.child.pid, &status, 0), f->a.child.pid);
	assert_int_equal(WTERMSIG(status), SIGKILL);
	assert_int_equal(addr_pool_leased(f->manager.pool), 2);
	f->a.child.pid = f->b.child.pid; /* reaped: not to be killed again */
}

static void adopt_leaves_a_call_that_is_being_hung_up(void **state)
{
	struct fixture *f = *state;
	const struct ipc_checkpoint checkpoint = checkpoint_of(1, "state");

	name_it(&f->a, "branch-1");
	ask(&f->a, &checkpoint);
	(void)start_call(f, &f->a);
	call_hang_up(only_call(&f->a));
	ask(&f->b, &adopt_1);
	assert_true(answered(f, &f->b));
	assert_int_equal(f->got.adopted.found, 1);
	assert_int_equal(f->got.adopted.calls, 0);
	assert_false(list_empty(&f->a.child.calls));
}

static void node_is_asked_about_in_a_tls_tunnel_alone_and_once(void **state)
{
	static const struct ipc_peer peer = {.type = IPC_PEER};
	static const struct ipc_enrol enrol = {.type = IPC_ENROL};
	struct fixture *f = *state;

	assert_refused(f, &f->a, &peer, "IPC_PEER", "only a TLS tunnel has a node");
	assert_refused(f, &f->a, &enrol, "IPC_ENROL", "only a TLS tunnel has a node");
	f->a.child.tls = true;
	ask(&f->a, &peer);
	assert_true(answered(f, &f->a));
	assert_int_equal(f->got.type, IPC_PEER_VERDICT);
	assert_int_equal(f->got.peer_verdict.verdict, IPC_VERDICT_UNKNOWN);
	assert_string_equal(f->a.child.name, "");
	assert_refused(f, &f->a, &peer, "IPC_PEER", "it has asked already");
	assert_refused(f, &f->a, &enrol, "IPC_ENROL", "it has asked already");
	assert_true(child_is_half_open(&f->a.child));
}

static void node_of_a_direct_client_is_refused(void **state)
{
	static const struct ipc_peer peer = {.type = IPC_PEER};
	struct fixture *f = *state;

	assert_refused(f, &f->a, &peer, "IPC_PEER", "only a TLS tunnel has a node");
}

static void name_of_a_tls_tunnel_is_not_its_own_to_say(void **state)
{
	const struct ipc_peer_name message = {.type = IPC_PEER_NAME, .name = "branch-1"};
	const struct ipc_checkpoint checkpoint = checkpoint_of(1, "state");
	struct fixture *f = *state;

	f->a.child.tls = true;
	assert_refused(f, &f->a, &message, "IPC_PEER_NAME",
		       "only a plain tunnel says its name, and once");
	assert_refused(f, &f->a, &checkpoint, "IPC_CHECKPOINT", "before the LRP was let in");
	assert_refused(f, &f->a, &adopt_1, "IPC_ADOPT", "before the LRP was let in");
}

static void call_of_another_child_is_neither_stopped_nor_proven(void **state)
{
	struct fixture *f = *state;
	const struct ipc_call_stop stop = {.type = IPC_CALL_STOP, .call_id = start_call(f, &f->a)};
	const struct ipc_call_proven proven = {.type = IPC_CALL_PROVEN, .call_id = stop.call_id};

	ask(&f->b, &stop);
	ask(&f->b, &proven);
	assert_int_equal(caught_with("IPC_CALL_STOP refused: another process's call"), 1);
	assert_int_equal(caught_with("IPC_CALL_PROVEN refused: another process's call"), 1);
	assert_int_equal(only_call(&f->a)->state, CALL_RUNNING);
	assert_non_null(only_call(&f->a)->unproven);
	ask(&f->a, &proven);
	assert_null(only_call(&f->a)->unproven);
}

static void call_that_has_ended_meanwhile_is_no_offence(void **state)
{
	static const struct ipc_call_proven proven = {.type = IPC_CALL_PROVEN, .call_id = 77};
	static const struct ipc_call_stop stop = {.type = IPC_CALL_STOP, .call_id = 77};
	struct fixture *f = *state;

	ask(&f->a, &proven);
	ask(&f->a, &stop);
	assert_int_equal(caught_with("refused"), 0);
}

static void session_of_another_lrp_is_not_adopted(void **state)
{
	const struct ipc_checkpoint checkpoint = checkpoint_of(1, "state");
	struct fixture *f = *state;

	name_it(&f->a, "branch-1");
	name_it(&f->b, "branch-2");
	f->a.child.tls = f->b.child.tls = true;
	f->b.child.node.bytes[0] = 9;
	ask(&f->a, &checkpoint);
	assert_refused(f, &f->b, &adopt_1, "IPC_ADOPT", "another LRP's session");
	f->b.child.node.bytes[0] = 0;
	f->manager.stopping = true;
	assert_refused(f, &f->b, &adopt_1, "IPC_ADOPT", "everything ends");
	f->manager.stopping = false;
}

static void call_of_a_child_that_is_to_end_is_answered_so(void **state)
{
	struct fixture *f = *state;
	const struct ipc_call_start start = call_from(CLIENT);

	f->a.child.released = true;
	ask(&f->a, &start);
	assert_true(answered(f, &f->a));
	assert_int_equal(f->got.call_refused.reason, IPC_REFUSAL_STOPPING);
}

static void call_beyond_those_of_the_connections_is_answered_full(void **state)
{
	struct fixture *f = *state;
	const struct ipc_call_start start = call_from(CLIENT);

	f->a.child.max_calls = 1;
	(void)start_proven_call(f, &f->a);
	ask(&f->a, &start);
	assert_true(answered(f, &f->a));
	assert_int_equal(f->got.call_refused.reason, IPC_REFUSAL_FULL);
	assert_true(caught(LOG_ERR, "CTRL: Client " CLIENT_TXT " refused: too many calls"));
	f->a.child.connections = 2;
	(void)start_call(f, &f->a);
}

#define DIRECT(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
#define TUNNEL(test) cmocka_unit_test_setup_teardown(test, set_up_tunnel, tear_down)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		DIRECT(call_start_is_answered_with_its_channel),
		DIRECT(call_for_another_clients_address_is_refused),
		TUNNEL(call_of_a_tunnel_without_a_name_is_refused),
		TUNNEL(call_of_a_tunnel_may_be_for_any_client),
		DIRECT(call_beyond_the_pool_is_answered_full_and_logged_once),
		DIRECT(call_while_stopping_is_answered_so),
		DIRECT(stopped_call_ends_and_its_child_is_told),
		DIRECT(call_of_another_child_is_not_stopped),
		DIRECT(stopping_twice_is_stopping_once),
		DIRECT(call_waits_until_another_ones_pppd_has_started),
		DIRECT(call_waits_until_another_ones_pppd_has_ended),
		DIRECT(waiting_call_is_cancelled_with_an_answer),
		DIRECT(calls_that_wait_count_for_the_child),
		DIRECT(calls_of_a_client_that_wait_count_as_not_logged_in),
		TUNNEL(calls_of_a_tunnel_that_wait_do_not_count_as_not_logged_in),
		DIRECT(call_whose_turn_comes_when_the_child_leaves_is_refused),
		DIRECT(gre_is_opened_between_the_two_addresses_and_once),
		DIRECT(gre_that_cannot_be_opened_is_answered_with_the_error),
		TUNNEL(gre_for_a_tunnel_is_refused),
		DIRECT(call_falls_to_what_it_can_have_and_one_line_tells_it),
		DIRECT(call_is_answered_when_pppd_has_taken_its_channel),
		DIRECT(call_whose_pppd_fails_with_the_plugin_runs_on_a_terminal),
		DIRECT(call_whose_pppd_crashes_with_the_plugin_does_too),
		DIRECT(plugin_is_trusted_if_pppd_fails_on_a_terminal_too),
		DIRECT(peer_that_leaves_before_ppp_runs_says_nothing_of_the_plugin),
		DIRECT(sample_of_gre_has_headers_with_a_sequence_number_only),
		DIRECT(samples_are_limited_each_has_an_answer_and_none_a_line),
		DIRECT(samples_of_all_clients_together_are_limited),
		DIRECT(client_that_reorders_is_remembered_and_told_once),
		TUNNEL(tunnel_does_not_reorder),
		DIRECT(idle_child_is_released),
		DIRECT(idle_that_crossed_a_connection_is_not_answered),
		DIRECT(connections_go_to_the_child_of_both_addresses),
		TUNNEL(peer_name_is_kept),
		TUNNEL(peer_name_with_any_other_character_is_refused),
		TUNNEL(peer_name_that_is_empty_or_endless_is_refused),
		TUNNEL(second_peer_name_is_refused),
		DIRECT(peer_name_of_a_direct_client_is_refused),
		DIRECT(log_line_out_of_bounds_is_refused),
		DIRECT(log_line_about_another_client_is_refused),
		DIRECT(log_line_about_a_tunnel_is_of_that_tunnel_alone),
		DIRECT(lines_about_refusals_are_limited),
		DIRECT(checkpoint_of_a_direct_client_is_refused),
		TUNNEL(checkpoint_that_is_too_long_is_refused),
		TUNNEL(checkpoint_of_a_foreign_session_is_refused),
		DIRECT(adopt_by_a_direct_client_is_refused),
		TUNNEL(adopt_with_calls_of_its_own_is_refused),
		TUNNEL(adopt_of_an_unknown_session_finds_nothing_and_kills_nobody),
		TUNNEL(adopt_moves_running_calls_and_kills_the_former),
		TUNNEL(adopt_leaves_a_call_that_is_being_hung_up),
		TUNNEL(node_is_asked_about_in_a_tls_tunnel_alone_and_once),
		DIRECT(node_of_a_direct_client_is_refused),
		TUNNEL(name_of_a_tls_tunnel_is_not_its_own_to_say),
		DIRECT(call_of_another_child_is_neither_stopped_nor_proven),
		DIRECT(call_that_has_ended_meanwhile_is_no_offence),
		TUNNEL(session_of_another_lrp_is_not_adopted),
		DIRECT(call_of_a_child_that_is_to_end_is_answered_so),
		DIRECT(call_beyond_those_of_the_connections_is_answered_full),
	};

	standin_run(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
