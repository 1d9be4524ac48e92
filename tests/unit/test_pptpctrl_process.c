/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The program pptpctrl as its manager starts it: confined before it serves, and able to do all that
 * it has to. Needs root; skipped without.
 */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pptpctrl/pptp/gre_raw.h"
#include "pptpctrl/sandbox.h"
#include "pptpd/base/fdio.h"
#include "pptpd/base/log.h"
#include "pptpd/base/privileges.h"
#include "tests/unit/pptpctrl_program.h"
#include "tests/unit/rrp_side.h"
#include "tests/unit/tls_world.h"

#define SKIPPED 77

/* Attempts of the compromised program that must have been made: nearly all of its tables. */
#define ATTEMPTS_MIN 60

static struct program program;

static void assert_confined(void)
{
	char status[STATUS_MAX];

	assert_true(status_read(program.pid, status));
	assert_true(status_has(status, "Uid", "64124 64124 64124 64124"));
	assert_true(status_has(status, "Gid", "64124 64124 64124 64124"));
	assert_true(status_has(status, "Groups", ""));
	assert_true(status_has(status, "CapEff", "0000000000000000"));
	assert_true(status_has(status, "CapPrm", "0000000000000000"));
	assert_true(status_has(status, "CapBnd", "0000000000000000"));
	assert_true(status_has(status, "NoNewPrivs", "1"));
	assert_true(status_has(status, "Seccomp", "2"));
}

/* A connection from the client; returns the client's end. */
static int connect_client(void)
{
	int pair[2];

	tls_world_tcp(pair);
	manager_send_connection(&program.manager, pair[1]);
	return pair[0];
}

static int open_raw(uint32_t from, uint32_t to)
{
	struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr = {htonl(from)}};
	int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 47);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&name, sizeof(name)), 0);
	name.sin_addr.s_addr = htonl(to);
	assert_int_equal(connect(fd, (struct sockaddr *)&name, sizeof(name)), 0);
	assert_int_equal(gre_raw_prepare(fd), 0);
	return fd;
}

static void a_direct_one_is_confined_before_it_serves(void **state UNUSED)
{
	const struct ipc_settings settings = program_settings(IPC_KIND_DIRECT);
	int client;

	program_start(&program, "pptpctrl/pptpctrl", &settings);
	client = connect_client();
	fdio_close(&client);
	program_wait(&program, IPC_IDLE);
	assert_confined();
	program_release(&program);
	assert_int_equal(program_end(&program), 0);
	assert_string_equal(program.logged, "");
}

static void a_tunnel_is_confined_before_it_serves(void **state UNUSED)
{
	const struct ipc_settings settings = program_settings(IPC_KIND_TUNNEL);
	int client;

	program_start(&program, "pptpctrl/pptpctrl-tunnel", &settings);
	client = connect_client();
	fdio_close(&client);
	program_wait(&program, IPC_IDLE);
	assert_confined();
	program_release(&program);
	assert_int_equal(program_end(&program), 0);
}

/* With a signer's channel, and an LRP that shakes hands. */
static struct tls_world *start_tls(void)
{
	struct ipc_settings settings = program_settings(IPC_KIND_TUNNEL);
	const struct ipc_signer message = {.type = IPC_SIGNER};
	struct tls_world *world = tls_world_new();
	int channel;

	settings.tls = 1;
	assert_int_equal(
		signer_link_channel(world->server_signer.control, SIGNER_SERVER, 1, &channel), 0);
	program_start(&program, "pptpctrl/pptpctrl-tunnel", &settings);
	manager_send(&program.manager, &message, channel);
	tls_world_connect(world, connect_client());
	tls_world_run(world, &world->client);
	assert_string_equal(world->client.failed, "");
	program_wait(&program, IPC_PEER);
	assert_memory_equal(program.last.peer.node_id, world->client_signer.id.bytes, NODE_ID_LEN);
	assert_confined();
	return world;
}

static bool has_log(void *side)
{
	return ((const struct side *)side)->log[0] != '\0';
}

static struct side side;

/* One turn of the loop. */
static bool has_turned(void *turns)
{
	return ++*(unsigned *)turns > 2;
}

/* An LRP's end, once both have said their names. */
static struct tunnel *bring_up(struct tls_world *world, struct rrp_stream *stream)
{
	const struct tunnel_settings settings = {
		.role = TUNNEL_CLIENT,
		.hello_timeout_s = 60,
		.ping_interval_s = 60,
		.ping_misses = 3,
		.max_calls = 10,
		.name = "branch",
	};
	struct tunnel *tunnel;

	memset(&side, 0, sizeof(side));
	tunnel = tunnel_new(world->loop, stream, &settings, &side_ops, &side);
	assert_non_null(tunnel);
	assert_true(tls_world_run_until(world, has_log, &side));
	assert_string_equal(side.log, "UP pptpd, version 1;up pptpd;");
	side_clear_log(&side);
	return tunnel;
}

static void a_tls_tunnel_comes_up_when_confined(void **state UNUSED)
{
	struct tls_world *world = start_tls();
	struct tunnel *tunnel;

	manager_send_peer_verdict(&program.manager, IPC_VERDICT_GOOD, "branch", 3);
	tunnel = bring_up(world, world->client.stream);
	world->client.stream = NULL;
	tunnel_free(tunnel);
	program_wait(&program, IPC_IDLE);
	assert_int_equal(program_logged(&program, "RRP: LRP branch (127.0.0.2): tunnel up\n"), 1);
	program_release(&program);
	assert_int_equal(program_end(&program), 0);
	tls_world_free(world);
}

static void a_tls_peer_is_refused_when_confined(void **state UNUSED)
{
	struct tls_world *world = start_tls();

	manager_send_peer_verdict(&program.manager, IPC_VERDICT_UNKNOWN, "", 0);
	/* It answers our end; or two seconds pass. */
	world->client.stream->ops->free(world->client.stream);
	world->client.stream = NULL;
	program_wait(&program, IPC_IDLE);
	assert_int_equal(program_logged(&program, "refused: node "), 1);
	program_release(&program);
	assert_int_equal(program_end(&program), 0);
	tls_world_free(world);
}

/* The manager keeps a copy of each line of pppd's, which is heard of when ours is closed. */
static void what_a_closed_line_brings_does_not_end_it(void **state UNUSED)
{
	const struct ipc_settings settings = program_settings(IPC_KIND_TUNNEL);
	const struct tunnel_call_request request = {.client = {.s_addr = htonl(0x0a000009)}};
	struct ipc_call_started started = {
		.type = IPC_CALL_STARTED, .call_id = 5, .channel = IPC_CHANNEL_PTY, .pppd_pid = 1};
	struct tls_world *world = tls_world_new();
	struct tunnel *tunnel;
	unsigned turns = 0;
	int line[2];

	program_start(&program, "pptpctrl/pptpctrl-tunnel", &settings);
	tunnel = bring_up(world, rrp_stream_plain(connect_client()));
	assert_non_null(tunnel_call_open(tunnel, &request, NULL));
	assert_true(tls_world_run_until(world, has_turned, &turns));
	program_wait(&program, IPC_CALL_START);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, line), 0);
	started.request = program.last.call_start.request;
	manager_send(&program.manager, &started, dup(line[0]));
	assert_true(tls_world_run_until(world, has_log, &side));
	tunnel_free(tunnel);
	program_wait(&program, IPC_CALL_STOP);
	assert_int_equal(write(line[1], "late", 4), 4);
	manager_send_ended(&program.manager, 5);
	program_wait(&program, IPC_IDLE);
	program_release(&program);
	assert_int_equal(program_end(&program), 0);
	(void)close(line[0]);
	(void)close(line[1]);
	tls_world_free(world);
}

static void without_a_signer_there_is_no_tls_tunnel(void **state UNUSED)
{
	struct ipc_settings settings = program_settings(IPC_KIND_TUNNEL);

	settings.tls = 1;
	program_start(&program, "pptpctrl/pptpctrl-tunnel", &settings);
	(void)connect_client();
	assert_int_equal(program_end(&program), 1);
	assert_int_equal(program_logged(&program, ": the signer: "), 1);
}

/* A signer that was taken over answers with a certificate of its choice. */
static void the_signers_answer_is_not_read_as_root(void **state UNUSED)
{
	struct ipc_settings settings = program_settings(IPC_KIND_TUNNEL);
	const struct ipc_signer message = {.type = IPC_SIGNER};
	struct pollfd asked = {.events = POLLIN};
	char status[STATUS_MAX];
	int pair[2];

	settings.tls = 1;
	assert_int_equal(
		socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair), 0);
	program_start(&program, "pptpctrl/pptpctrl-tunnel", &settings);
	manager_send(&program.manager, &message, pair[1]);
	asked.fd = pair[0];
	assert_int_equal(poll(&asked, 1, PATIENCE_MS), 1);
	assert_true(status_read(program.pid, status));
	assert_true(status_has(status, "Uid", "64124 64124 64124 64124"));
	assert_true(status_has(status, "CapPrm", "0000000000000000"));
	fdio_close(&pair[0]);
	assert_int_equal(program_end(&program), 1);
}

static bool has_mapped(pid_t pid, const char *part)
{
	char path[64], line[512];
	bool found = false;
	FILE *maps;

	(void)snprintf(path, sizeof(path), "/proc/%ld/maps", (long)pid);
	maps = fopen(path, "r");
	assert_non_null(maps);
	while (fgets(line, sizeof(line), maps))
		found = found || strstr(line, part);
	(void)fclose(maps);
	return found;
}

/* Loading it took three quarters of the time until a client was answered. */
static void only_tunnels_have_tls(void **state UNUSED)
{
	static const struct {
		const char *file;
		enum ipc_kind kind;
		bool has_tls;
	} programs[] = {
		{"pptpctrl/pptpctrl", IPC_KIND_DIRECT, false},
		{"pptpctrl/pptpctrl-tunnel", IPC_KIND_TUNNEL, true},
	};

	for (size_t i = 0; i < ARRAY_SIZE(programs); i++) {
		const struct ipc_settings settings = program_settings(programs[i].kind);
		int client;

		program_start(&program, programs[i].file, &settings);
		client = connect_client();
		fdio_close(&client);
		program_wait(&program, IPC_IDLE);
		assert_true(has_mapped(program.pid, "libseccomp"));
		assert_int_equal(has_mapped(program.pid, "libgnutls"), programs[i].has_tls);
		program_release(&program);
		assert_int_equal(program_end(&program), 0);
	}
}

static void each_program_serves_its_kind_only(void **state UNUSED)
{
	const struct ipc_settings direct = program_settings(IPC_KIND_DIRECT);
	const struct ipc_settings tunnel = program_settings(IPC_KIND_TUNNEL);

	program_start(&program, "pptpctrl/pptpctrl", &tunnel);
	assert_int_equal(program_end(&program), 2);
	program_start(&program, "pptpctrl/pptpctrl-tunnel", &direct);
	assert_int_equal(program_end(&program), 2);
}

static void it_serves_nobody_as_root(void **state UNUSED)
{
	struct ipc_settings settings = program_settings(IPC_KIND_DIRECT);
	int client;

	settings.uid = 0;
	program_start(&program, "pptpctrl/pptpctrl", &settings);
	client = connect_client();
	assert_int_equal(program_end(&program), 1);
	assert_int_equal(program_logged(&program, "CTRL: cannot become user 0: "), 1);
	fdio_close(&client);
}

static void it_ends_without_its_manager(void **state UNUSED)
{
	const struct ipc_settings settings = program_settings(IPC_KIND_DIRECT);
	int client;

	program_start(&program, "pptpctrl/pptpctrl", &settings);
	client = connect_client();
	fdio_close(&client);
	program_wait(&program, IPC_IDLE);
	(void)shutdown(program.manager.fd, SHUT_RDWR);
	assert_int_equal(program_end(&program), 1);
}

/* Confined as the program is. */
static int confine_and(void (*act)(void))
{
	const struct account account = {.uid = PROGRAM_ID, .gid = PROGRAM_ID};

	if (privileges_drop(&account) != 0 ||
	    pptpctrl_sandbox_enter(IPC_KIND_DIRECT, SANDBOX_ENFORCE) != 0)
		return 1;
	act();
	return 0;
}

static void find_a_bug(void)
{
	bug("of this test's");
}

static int abort_when_confined(void *error_end)
{
	(void)dup2(*(int *)error_end, STDERR_FILENO);
	log_init(log_sink_stderr, NULL, false);
	return confine_and(find_a_bug);
}

static void a_bug_still_ends_it_by_its_signal_and_with_a_line(void **state UNUSED)
{
	char line[256] = "";
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_int_equal(child_run(abort_when_confined, &ends[1]), 128 + SIGABRT);
	assert_true(read(ends[0], line, sizeof(line) - 1) > 0);
	assert_non_null(strstr(line, "of this test's"));
	(void)close(ends[0]);
	(void)close(ends[1]);
}

static void check_attempts(unsigned spare)
{
	unsigned tried = program_logged(&program, ": stopped (");

	if (program_logged(&program, "SUCCEEDED"))
		fail_msg("%s", program.logged);
	assert_int_equal(program_logged(&program, "compromised: all tried\n"), 1);
	assert_true(tried + spare >= ATTEMPTS_MIN);
}

/* All that came from it through the raw socket came from our address. */
static void check_sources(int peer)
{
	struct pollfd readable = {.fd = peer, .events = POLLIN};
	uint8_t packet[2048];
	unsigned count = 0;
	ssize_t len;

	assert_int_equal(poll(&readable, 1, PATIENCE_MS), 1);
	while ((len = recv(peer, packet, sizeof(packet), 0)) > 0) {
		assert_true(len >= 20);
		assert_memory_equal(packet + 12, "\x7f\x00\x00\x01", 4);
		count++;
	}
	assert_int_equal(count, 1);
}

static bool is_lenient(void)
{
	if (SANITIZED)
		print_message("a build with sanitizers does not enforce\n");
	return SANITIZED;
}

static void a_compromised_direct_one_is_stopped(void **state UNUSED)
{
	const struct ipc_settings settings = program_settings(IPC_KIND_DIRECT);
	int client, peer;

	if (is_lenient())
		skip();
	program_start(&program, "tests/compromised/pptpctrl", &settings);
	peer = open_raw(0x7f000002, 0x7f000001);
	program.gre = open_raw(0x7f000001, 0x7f000002);
	program.refuses_calls = true;
	client = connect_client();
	program_wait(&program, IPC_CALL_START);
	assert_confined();
	check_attempts(0);
	check_sources(peer);
	/* Its last message is of a wrong length: what comes is the end of the messages. */
	while (!program.ended && program.count[IPC_LOG] < 1000) {
		struct pollfd readable = {.fd = program.manager.fd, .events = POLLIN};
		int fd = -1;
		int got;

		assert_int_equal(poll(&readable, 1, PATIENCE_MS), 1);
		got = ipc_receive(program.manager.fd, IPC_FROM_PPTPCTRL, &program.last, &fd);
		if (got == -EPROTO)
			break;
		assert_int_equal(got, 1);
		program.count[program.last.type]++;
	}
	assert_int_equal(program.count[IPC_GRE_OPEN], 2);
	assert_true(program.count[IPC_PEER] == 2 && program.count[IPC_ADOPT] == 1);
	(void)kill(program.pid, SIGKILL);
	assert_int_equal(program_end(&program), 128 + SIGKILL);
	fdio_close(&client);
	fdio_close(&peer);
}

static void a_compromised_tunnel_is_stopped(void **state UNUSED)
{
	const struct ipc_settings settings = program_settings(IPC_KIND_TUNNEL);
	int client;

	if (is_lenient())
		skip();
	program_start(&program, "tests/compromised/pptpctrl", &settings);
	client = connect_client();
	program_wait(&program, IPC_CALL_START);
	assert_confined();
	check_attempts(8);
	(void)kill(program.pid, SIGKILL);
	assert_int_equal(program_end(&program), 128 + SIGKILL);
	fdio_close(&client);
}

/* Raw GRE is heard by everybody: other tests' packets must not be here. */
static bool have_own_network(void)
{
	struct ifreq loopback = {.ifr_name = "lo", .ifr_flags = IFF_UP};
	int fd, result;

	if (unshare(CLONE_NEWNET) != 0)
		return false;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	result = ioctl(fd, SIOCSIFFLAGS, &loopback);
	fdio_close(&fd);
	return result == 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_direct_one_is_confined_before_it_serves),
		cmocka_unit_test(a_tunnel_is_confined_before_it_serves),
		cmocka_unit_test(a_tls_tunnel_comes_up_when_confined),
		cmocka_unit_test(a_tls_peer_is_refused_when_confined),
		cmocka_unit_test(what_a_closed_line_brings_does_not_end_it),
		cmocka_unit_test(without_a_signer_there_is_no_tls_tunnel),
		cmocka_unit_test(the_signers_answer_is_not_read_as_root),
		cmocka_unit_test(it_serves_nobody_as_root),
		cmocka_unit_test(only_tunnels_have_tls),
		cmocka_unit_test(each_program_serves_its_kind_only),
		cmocka_unit_test(it_ends_without_its_manager),
		cmocka_unit_test(a_bug_still_ends_it_by_its_signal_and_with_a_line),
		cmocka_unit_test(a_compromised_direct_one_is_stopped),
		cmocka_unit_test(a_compromised_tunnel_is_stopped),
	};

	if (geteuid() != 0 || !have_own_network()) {
		printf("needs root and a network namespace: skipped\n");
		return SKIPPED;
	}
	program_reserve();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
