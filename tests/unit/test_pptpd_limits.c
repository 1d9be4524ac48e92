/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What one source, or all of them, can take from the others: bounded, and told with the address. */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pptpd/peer_limits.h"
#include "tests/unit/pptpd_clock.h"
#include "tests/unit/pptpd_help.h"
#include "tests/unit/pptpd_process.h"
#include "tests/unit/pptpd_sandbox.h"
#include "tests/unit/pptpd_standin.h"

/* Processes beyond one for each call. */
#define SPARE_CHILDREN 128

static int set_up_with(void **state, const char *more)
{
	struct fixture *f = calloc(1, sizeof(*f));

	copy_program(f->program, sizeof(f->program));
	write_conf(f, "mirror", more);
	start_manager(f);
	*state = f;
	return 0;
}

static int set_up(void **state)
{
	return set_up_with(state, "remoteip 10.9.1.1-8\nconnections 8\nrrp-listen :4723\n"
				  "rrp-security plain\n");
}

/* What was used up never comes back, however slow the machine is. */
static int set_up_timeless(void **state)
{
	return clock_stand(set_up, state);
}

static int set_up_both(void **state)
{
	return set_up_with(state, "remoteip 10.9.1.1-8\nconnections 8\nrrp-listen [::]:4723\n"
				  "rrp-security plain\n");
}

static int set_up_anywhere(void **state)
{
	return set_up_with(state, "remoteip 10.9.1.1-8\nrrp-listen 198.51.100.1:4723\n"
				  "rrp-security plain\nrrp-plain-anywhere\n");
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	stop_manager(f);
	free(f);
	return 0;
}

static void calls_that_do_not_log_in_leave_half_of_the_pool(void **state UNUSED)
{
	int bad = client(2), good = client(3);

	tell(bad, "silent");
	for (int i = 0; i < 4; i++)
		(void)call(bad);
	assert_string_equal(ask(bad, "call"), "refused 1");
	assert_non_null(sandbox_log_wait(
		"CTRL: Client 127.0.0.2 refused: too many calls that have not logged in"));
	for (int i = 0; i < 4; i++)
		(void)call(good);
	assert_string_equal(ask(good, "call"), "refused 1");
	(void)close(bad);
	(void)close(good);
}

static void control_connection_has_eight_calls_at_most(void **state UNUSED)
{
	int fd = client(2), other = client(2);

	for (int i = 0; i < 8; i++)
		(void)call(fd);
	assert_string_equal(ask(fd, "call"), "refused 1");
	assert_non_null(sandbox_log_wait("CTRL: Client 127.0.0.2 refused: too many calls"));
	(void)close(fd);
	(void)close(other);
}

static void connections_of_one_source_have_a_rate(void **state UNUSED)
{
	int other;

	for (int i = 0; i < 401; i++)
		(void)close(client(2));
	assert_non_null(sandbox_log_wait("CTRL: Client 127.0.0.2 refused: too many connections"));
	other = client(3);
	assert_true(pid_behind(other) > 1);
	(void)close(other);
}

static void two_hundred_clients_behind_one_address_may_connect_twice_at_once(void **state UNUSED)
{
	int fd;

	for (int i = 0; i < 400; i++) {
		fd = client(2);
		(void)close(fd);
	}
	fd = client(3);
	assert_true(pid_behind(fd) > 1); /* all before it were looked at */
	assert_int_equal(sandbox_log_count("too many connections"), 0);
	(void)close(fd);
}

static void tunnels_of_one_source_have_a_rate(void **state UNUSED)
{
	unsigned made = 0;

	while (!sandbox_log_count("RRP: 127.0.0.2: dropped: too many connections from this") &&
	       made < 100) {
		int fd = client_from(2, TUNNEL_PORT);

		tell(fd, "leave 0");
		assert_string_equal(hear(fd), "");
		(void)close(fd);
		made++;
	}
	assert_in_range(made, 33, 99);
}

static void ninth_tunnel_that_is_not_let_in_ends_the_oldest_of_its_source(void **state UNUSED)
{
	int fds[9], other = client_from(3, TUNNEL_PORT);
	pid_t pids[9], others = pid_behind(other);

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		fds[i] = client_from(2, TUNNEL_PORT);
		pids[i] = pid_behind(fds[i]);
	}
	assert_true(ends_soon(pids[0]));
	assert_non_null(sandbox_log_wait("RRP: 127.0.0.2: dropped: too many tunnels that have not "
					 "logged in, the oldest"));
	assert_int_equal(sandbox_log_count("killed by signal"), 0); /* it is no crash */
	assert_true(is_running(pids[1]));
	assert_true(is_running(others));
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		(void)close(fds[i]);
	(void)close(other);
}

static void processes_of_a_source_that_crash_do_not_fill_the_log(void **state UNUSED)
{
	for (unsigned i = 0; i < 30; i++) {
		int fd = client_from(2, TUNNEL_PORT);

		(void)kill(pid_behind(fd), SIGKILL);
		assert_string_equal(hear(fd), "");
		(void)close(fd);
	}
	(void)close(client_from(3, TUNNEL_PORT));
	assert_non_null(sandbox_log_wait("for 127.0.0.2 was killed by signal 9"));
	assert_in_range(sandbox_log_count("for 127.0.0.2 was killed by signal 9"),
			peer_measure_bad.burst - 2, 28);
}

static void tunnels_that_are_not_let_in_are_bounded_over_all_sources(void **state UNUSED)
{
	int fds[65], few = client_from(9, TUNNEL_PORT);
	pid_t pids[65], fews = pid_behind(few);

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		fds[i] = client_from(20 + (uint32_t)i / 7, TUNNEL_PORT);
		pids[i] = pid_behind(fds[i]);
	}
	assert_true(ends_soon(pids[0])); /* of a source with most of them, the oldest */
	assert_true(is_running(fews));
	assert_true(is_running(pids[64]));
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		(void)close(fds[i]);
	(void)close(few);
}

static void client_without_a_call_makes_place_when_processes_are_out(void **state UNUSED)
{
	static int fds[8 + SPARE_CHILDREN];
	int with_call = client(2), fresh;
	pid_t busy, idlest;

	(void)call(with_call);
	busy = pid_behind(with_call);
	fds[1] = client(3);
	idlest = pid_behind(fds[1]);
	for (size_t i = 2; i < ARRAY_SIZE(fds); i++) {
		fds[i] = client(2 + (uint32_t)i);
		assert_true(pid_behind(fds[i]) > 1);
	}
	assert_true(is_running(idlest));
	fresh = client(250);
	assert_true(pid_behind(fresh) > 1);
	assert_true(ends_soon(idlest));
	assert_true(is_running(busy));
	assert_non_null(sandbox_log_wait(
		"CTRL: Client 127.0.0.3 refused: no call for longest while others wait"));
	for (size_t i = 1; i < ARRAY_SIZE(fds); i++)
		(void)close(fds[i]);
	(void)close(with_call);
	(void)close(fresh);
}

/* An address that is not private, on this network's loopback. */
static void add_public_address(void)
{
	struct ifreq request = {.ifr_name = "lo:1"};
	const struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = inet_addr("198.51.100.1"),
	};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	memcpy(&request.ifr_addr, &address, sizeof(address));
	assert_int_equal(ioctl(fd, SIOCSIFADDR, &request), 0);
	(void)close(fd);
}

/* A connection to the public address, and so from it. */
static int public_tunnel(void)
{
	const struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_port = htons(TUNNEL_PORT),
		.sin_addr.s_addr = inet_addr("198.51.100.1"),
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(connect(fd, (const struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

/* fd00:NETWORK::HOST, on this network's loopback. */
static struct sockaddr_in6 address6(uint8_t network, uint8_t host)
{
	return (struct sockaddr_in6){
		.sin6_family = AF_INET6,
		.sin6_port = 0,
		.sin6_addr = {{{0xfd, [7] = network, [15] = host}}},
	};
}

static void add_addresses6(void)
{
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	for (uint8_t i = 1; i <= 6; i++) {
		/* As the kernel has it; its header cannot be had beside the C library's. */
		struct {
			struct in6_addr address;
			uint32_t prefix_len;
			int interface;
		} request = {address6(i / 6, i).sin6_addr, 64, (int)if_nametoindex("lo")};

		assert_int_equal(ioctl(fd, SIOCSIFADDR, &request), 0);
	}
	(void)close(fd);
}

static int tunnel6(uint8_t network, uint8_t host)
{
	const struct sockaddr_in6 from = address6(network, host);
	struct sockaddr_in6 to = address6(0, 1);
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);

	to.sin6_port = htons(TUNNEL_PORT);
	assert_int_equal(bind(fd, (const struct sockaddr *)&from, sizeof(from)), 0);
	assert_int_equal(connect(fd, (const struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

/* The rule's command stands for the name server of that network, which does not answer. */
static void network_has_four_questions_to_hosts_allow_at_once(void **state UNUSED)
{
	int fds[5], good;

	for (uint8_t i = 0; i < 5; i++)
		fds[i] = tunnel6(0, i + 1);
	assert_string_equal(hear(fds[4]), "");
	assert_non_null(
		sandbox_log_wait("RRP: fd00::5: dropped: too many wait for hosts.allow's answer"));
	assert_int_equal(sandbox_log_count("too many wait"), 1);
	good = tunnel6(1, 6);
	assert_true(pid_behind(good) > 1);
	(void)close(good);
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		(void)close(fds[i]);
}

static void many_slow_questions_keep_nobody_out(void **state UNUSED)
{
	int fds[65], good;

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		fds[i] = client(256 + (uint32_t)i);
	assert_string_equal(hear(fds[0]), ""); /* the oldest has had its time */
	assert_non_null(sandbox_log_wait("MGR: 127.0.1.0 dropped: no answer about it from hosts"));
	good = client(3);
	assert_true(pid_behind(good) > 1);
	(void)close(good);
	good = client_from(3, TUNNEL_PORT);
	assert_true(pid_behind(good) > 1);
	(void)close(good);
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		(void)close(fds[i]);
}

/* A child of `parent` that is not root's (a stand-in stays root), or 0. */
static pid_t unprivileged_child(pid_t parent)
{
	char path[64], text[256];
	pid_t found = 0;

	(void)snprintf(path, sizeof(path), "/proc/%ld/task/%ld/children", (long)parent,
		       (long)parent);
	(void)snprintf(text, sizeof(text), "%s", file_content(path));
	for (char *at = text; *at && !found; at += strcspn(at, " "), at += strspn(at, " ")) {
		const char *status;

		(void)snprintf(path, sizeof(path), "/proc/%ld/status", atol(at));
		status = file_content(path);
		if (strstr(status, "\nUid:\t") && !strstr(status, "\nUid:\t0\t") &&
		    strstr(status, "\nCapEff:\t0000000000000000\n"))
			found = (pid_t)atol(at);
	}
	return found;
}

static void question_to_hosts_allow_has_no_privilege_and_one_connection(void **state)
{
	const struct fixture *f = *state;
	int other = client(3), waiting = client(256);
	unsigned count = 0;
	char path[64];

	/* The question about `other` is answered at once: its process may be seen without any. */
	for (int i = 0; i < 1000 && count < 2 + 4; i++) {
		(void)usleep(10000);
		(void)snprintf(path, sizeof(path), "/proc/%ld/fd",
			       (long)unprivileged_child(f->manager));
		count = descriptors_in(path);
	}
	/* "." and "..", the null device as 0 to 2, the connection, hosts.deny */
	assert_in_range(count, 2 + 4, 2 + 5);
	(void)close(other);
	(void)close(waiting);
}

static void plain_tunnel_is_for_private_addresses(void **state UNUSED)
{
	int fd = public_tunnel(), private = client_from(2, TUNNEL_PORT);

	assert_string_equal(hear(fd), "");
	assert_non_null(sandbox_log_wait("RRP: 198.51.100.1: dropped: a plain tunnel between "
					 "addresses that are not private"));
	assert_true(pid_behind(private) > 1);
	(void)close(fd);
	(void)close(private);
}

static void plain_tunnel_may_be_anywhere_if_that_was_said(void **state UNUSED)
{
	int fd = public_tunnel();

	assert_true(pid_behind(fd) > 1);
	(void)close(fd);
}

static void start_on_a_public_address_is_refused_for_plain(void **state)
{
	struct fixture *f = *state;
	int status = -1;
	pid_t pid;

	stop_manager(f);
	write_conf(f, "mirror",
		   "remoteip 10.9.1.1-8\nrrp-listen 198.51.100.1:4723\nrrp-security plain\n");
	pid = fork();
	if (pid == 0) {
		(void)execl(f->program, "manager", "-f", "-c", f->conf, NULL);
		_exit(126);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 1 << 8);
	assert_non_null(sandbox_log_wait("MGR: rrp-listen 198.51.100.1:4723: rrp-security plain is "
					 "for private addresses"));
}

/* Its hard limit. */
static int open_files_of(pid_t pid)
{
	struct rlimit limit;

	assert_int_equal(prlimit(pid, RLIMIT_NOFILE, NULL, &limit), 0);
	assert_int_equal(limit.rlim_cur, limit.rlim_max);
	return (int)limit.rlim_max;
}

static void too_few_open_files_are_told_with_the_calls_that_fit(void **state)
{
	const struct rlimit few = {1000, 1000};
	struct fixture *f = *state;

	stop_manager(f);
	write_conf(f, "mirror", "remoteip 10.9.1.1-254,10.9.2.1-254\nconnections 500\n");
	start_manager_with_files(f, &few);
	assert_non_null(sandbox_log_wait("MGR: a limit of 1000 open files is little for 500 "
					 "connections: 158 fit at least, 3716 files are enough"));
}

static void pptpctrl_has_descriptors_for_its_own_connections_and_calls_only(void **state)
{
	struct fixture *f = *state;
	int direct, tunnel;

	stop_manager(f);
	write_conf(f, "mirror",
		   "remoteip 10.9.1.1-50\nconnections 50\nrrp-listen :4723\n"
		   "rrp-security plain\nrrp-plain-anywhere\n");
	start_manager(f);
	direct = client(2);
	tunnel = client_from(3, TUNNEL_PORT);
	assert_int_equal(open_files_of(pid_behind(direct)), 50 + 1024 + 32);
	assert_int_equal(open_files_of(pid_behind(tunnel)), 50 + 1 + 32);
	(void)close(direct);
	(void)close(tunnel);
}

#define MANAGER(test, with) cmocka_unit_test_setup_teardown(test, with, tear_down)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		MANAGER(calls_that_do_not_log_in_leave_half_of_the_pool, set_up),
		MANAGER(control_connection_has_eight_calls_at_most, set_up),
		MANAGER(connections_of_one_source_have_a_rate, set_up_timeless),
		MANAGER(two_hundred_clients_behind_one_address_may_connect_twice_at_once, set_up),
		MANAGER(tunnels_of_one_source_have_a_rate, set_up_timeless),
		MANAGER(ninth_tunnel_that_is_not_let_in_ends_the_oldest_of_its_source, set_up),
		MANAGER(processes_of_a_source_that_crash_do_not_fill_the_log, set_up),
		MANAGER(tunnels_that_are_not_let_in_are_bounded_over_all_sources, set_up),
		MANAGER(client_without_a_call_makes_place_when_processes_are_out, set_up),
		MANAGER(network_has_four_questions_to_hosts_allow_at_once, set_up_both),
		MANAGER(many_slow_questions_keep_nobody_out, set_up),
		MANAGER(question_to_hosts_allow_has_no_privilege_and_one_connection, set_up),
		MANAGER(plain_tunnel_is_for_private_addresses, set_up),
		MANAGER(plain_tunnel_may_be_anywhere_if_that_was_said, set_up_anywhere),
		MANAGER(start_on_a_public_address_is_refused_for_plain, set_up),
		MANAGER(too_few_open_files_are_told_with_the_calls_that_fit, set_up),
		MANAGER(pptpctrl_has_descriptors_for_its_own_connections_and_calls_only, set_up),
	};

	if (strcmp(argv[0], "manager") == 0)
		return process_run_manager(argc, argv);
	standin_run(argc, argv);
	if (!sandbox_enter(4096))
		return SANDBOX_SKIP_STATUS;
	add_public_address();
	add_addresses6();
	sandbox_cover("/etc/hosts.allow", "");
	sandbox_cover("/etc/hosts.deny", "pptpd: [fd00::]/64: spawn (sleep 20)\n"
					 "pptpd: 127.0.1.: spawn (sleep 20)\n");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
