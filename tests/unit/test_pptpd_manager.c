/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The manager as a whole process, in a network of its own, with stand-ins for pptpctrl and pppd
 * that do what the test's clients say.
 */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pptpd/addr_pool.h"
#include "pptpd/base/log.h"
#include "pptpd/conf.h"
#include "pptpd/manager.h"
#include "pptpd/pidfile.h"
#include "pptpd/syslog.h"
#include "tests/unit/pptpd_help.h"
#include "tests/unit/pptpd_process.h"
#include "tests/unit/pptpd_sandbox.h"
#include "tests/unit/pptpd_standin.h"

#define SLOTS 3

static int set_up_with(void **state, const char *pppd_mode)
{
	struct fixture *f = calloc(1, sizeof(*f));

	copy_program(f->program, sizeof(f->program));
	write_conf(f, pppd_mode,
		   "remoteip 10.9.1.1-3\nrrp-listen 127.0.0.1:4723\nrrp-security plain\n");
	start_manager(f);
	*state = f;
	return 0;
}

static int set_up(void **state)
{
	return set_up_with(state, "mirror");
}

static int set_up_deaf(void **state)
{
	return set_up_with(state, "deaf");
}

static int set_up_stubborn(void **state)
{
	return set_up_with(state, "stubborn");
}

static int set_up_report(void **state)
{
	return set_up_with(state, "report");
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	stop_manager(f);
	free(f);
	return 0;
}

static void process_starts_with_the_first_bytes_only(void **state UNUSED)
{
	int fd = client(2);

	(void)send(fd, "     ", 5, 0);
	(void)usleep(100000);
	assert_int_equal(sandbox_log_count("pptpctrl["), 0);
	assert_true(pid_behind(fd) > 1);
	(void)close(fd);
}

static void same_address_gets_the_same_process(void **state UNUSED)
{
	int a = client(2), b = client(2), other = client(3);
	pid_t pid = pid_behind(a);

	assert_int_equal(pid_behind(b), pid);
	assert_int_not_equal(pid_behind(other), pid);
	(void)close(a);
	(void)close(b);
	(void)close(other);
}

static void each_tunnel_gets_a_process_of_its_own(void **state UNUSED)
{
	int a = client_from(2, TUNNEL_PORT), b = client_from(2, TUNNEL_PORT), direct = client(2);
	pid_t pid = pid_behind(a);

	assert_int_not_equal(pid_behind(b), pid);
	assert_int_not_equal(pid_behind(direct), pid);
	assert_string_equal(ask(a, "settings"), "4 2 100");
	assert_string_equal(ask(direct, "settings"), "4 1 8");
	(void)close(a);
	(void)close(b);
	(void)close(direct);
}

static void tunnels_of_one_address_leave_room_for_others(void **state UNUSED)
{
	int tunnels[20], other, direct;
	size_t served = 0;

	for (size_t i = 0; i < ARRAY_SIZE(tunnels); i++) {
		tunnels[i] = client_from(2, TUNNEL_PORT);
		tell(tunnels[i], "name branch");
		served += strcmp(ask(tunnels[i], "settings"), "4 2 100") == 0;
	}
	assert_int_equal(served, 16);
	assert_non_null(sandbox_log_wait("too many tunnels from one address"));
	other = client_from(3, TUNNEL_PORT);
	direct = client(2);
	assert_true(pid_behind(other) > 1);
	assert_true(pid_behind(direct) > 1);
	(void)close(tunnels[0]);
	(void)close(other);
	(void)close(direct);
	for (size_t i = 1; i < ARRAY_SIZE(tunnels); i++)
		(void)close(tunnels[i]);
}

static void pptpctrl_has_its_socket_and_its_connection_and_nothing_else(void **state UNUSED)
{
	int fd = client(2);
	const char *text = ask(fd, "descriptors");
	unsigned count = 0;

	for (const char *at = text; (at = strchr(at, ' ')); at++)
		count++;
	assert_int_equal(strncmp(text, " 0:/dev/null 1:/dev/null 2:", 27), 0);
	assert_true(SANITIZED || strstr(text, " 2:/dev/null "));
	assert_non_null(strstr(text, " 3:socket:["));
	assert_non_null(strstr(text, " 4:socket:["));
	assert_int_equal(count, 5);
	(void)close(fd);
}

static void pppd_has_nothing_of_the_managers(void **state UNUSED)
{
	int fd = client(2);
	const char *line;
	char wanted[256];
	int slave = -1;

	(void)call(fd);
	line = sandbox_log_wait("says: descriptors");
	line = strstr(line, "descriptors");
	assert_int_equal(sscanf(line, "descriptors 0:/dev/pts/%d", &slave), 1);
	(void)snprintf(wanted, sizeof(wanted), "descriptors 0:/dev/pts/%d 1:/dev/pts/%d 2:pipe:[",
		       slave, slave);
	assert_int_equal(strncmp(line, wanted, strlen(wanted)), 0);
	assert_null(strstr(line + strlen(wanted), ":/"));
	assert_null(strstr(line + strlen(wanted), " 3:"));
	assert_non_null(sandbox_log_wait("says: words local file"));
	assert_int_equal(sandbox_log_count(" 115200 10.9.0.1:10.9.1.1 ipparam 127.0.0.2 "
					   "remotenumber 127.0.0.2"),
			 1);
	assert_non_null(sandbox_log_wait("raw 1, SIGCHLD blocked 0, SIGPIPE ignored 0"));
	(void)close(fd);
}

static void stopped_call_gives_its_lease_back(void **state UNUSED)
{
	int fd = client(2);

	for (int i = 0; i < 3 * SLOTS; i++) {
		pid_t pppd = call(fd);
		unsigned id;
		int status;

		assert_int_equal(sscanf(ask(fd, "stop"), "ended %u %d", &id, &status), 2);
		assert_int_equal(status, 16 << 8);
		assert_false(is_running(pppd));
	}
	(void)close(fd);
}

static void killed_process_has_its_calls_hung_up_and_leases_back(void **state UNUSED)
{
	pid_t pppd[SLOTS], pid;
	int fd = client(2);

	pid = pid_behind(fd);
	for (int i = 0; i < SLOTS; i++)
		pppd[i] = call(fd);
	assert_string_equal(ask(fd, "call"), "refused 1");
	(void)kill(pid, SIGKILL);
	for (int i = 0; i < SLOTS; i++)
		assert_true(ends_soon(pppd[i]));
	assert_non_null(sandbox_log_wait("for 127.0.0.2 was killed by signal 9"));
	assert_int_equal(sandbox_log_count("ended, wait status 0x1000"), SLOTS);
	(void)close(fd);
	fd = client(2);
	for (int i = 0; i < SLOTS; i++)
		assert_true(call(fd) > 1);
	(void)close(fd);
}

static void pppd_that_ignores_the_hang_up_is_terminated(void **state UNUSED)
{
	int fd = client(2);
	unsigned id;
	int status;

	(void)call(fd);
	assert_non_null(sandbox_log_wait("says: ready"));
	assert_int_equal(sscanf(ask(fd, "stop"), "ended %u %d", &id, &status), 2);
	assert_int_equal(status, 5 << 8);
	assert_int_equal(sandbox_log_count("does not end"), 0);
	(void)close(fd);
}

static void pppd_that_ignores_that_too_is_killed(void **state UNUSED)
{
	int fd = client(2);
	unsigned id;
	int status;

	(void)call(fd);
	assert_non_null(sandbox_log_wait("says: ready"));
	assert_int_equal(sscanf(ask(fd, "stop"), "ended %u %d", &id, &status), 2);
	assert_int_equal(status, SIGKILL);
	assert_int_equal(sandbox_log_count("does not end, killed"), 1);
	(void)close(fd);
}

static void last_log_lines_of_a_process_are_not_lost(void **state UNUSED)
{
	for (int i = 0; i < 5; i++) {
		int fd = client(2);

		tell(fd, "leave 100");
		assert_string_equal(hear(fd), "");
		assert_non_null(sandbox_log_wait("Reaped child"));
		assert_int_equal(sandbox_log_count("CTRL: goodbye "), 100);
		sandbox_log_clear();
		(void)close(fd);
	}
}

static void log_lines_carry_their_processs_id(void **state UNUSED)
{
	int fd = client(2);
	pid_t pid = pid_behind(fd);
	char wanted[64];

	tell(fd, "log 1");
	(void)snprintf(wanted, sizeof(wanted), " pptpd[%ld]: CTRL: line 1", (long)pid);
	assert_non_null(sandbox_log_wait(wanted));
	assert_int_equal(sandbox_log_sender(wanted), pid);
	(void)close(fd);
}

static void flood_of_log_lines_is_limited_and_said(void **state UNUSED)
{
	int fd = client(2);

	tell(fd, "log 20000");
	assert_true(pid_behind(fd) > 1);
	tell(fd, "leave 0");
	assert_non_null(sandbox_log_wait("Reaped child"));
	assert_in_range(sandbox_log_count("CTRL: line"), 200, 400);
	assert_non_null(sandbox_log_wait("not shown"));
	(void)close(fd);
}

/* Each process may write its burst, but they are all about one address. */
static void lines_about_an_address_are_limited_over_all_its_processes(void **state UNUSED)
{
	unsigned processes = 0;

	while (!sandbox_log_count(" log lines about 127.0.0.2 not shown") && processes < 200) {
		int fd = client(2);

		tell(fd, "leave 100");
		assert_string_equal(hear(fd), "");
		(void)close(fd);
		processes++;
	}
	assert_in_range(processes, peer_measure_other.burst / 100, 199);
	assert_true(sandbox_log_count("CTRL: goodbye ") < processes * 100);
}

static void malformed_message_ends_the_process_and_its_calls(void **state UNUSED)
{
	int fd = client(2), other = client(3);
	pid_t pid = pid_behind(fd), pppd = call(fd), others = pid_behind(other);

	tell(fd, "malformed");
	assert_true(ends_soon(pid));
	assert_true(ends_soon(pppd));
	assert_non_null(sandbox_log_wait("ended: it sent a message of a wrong type or length"));
	assert_true(is_running(others));
	(void)close(fd);
	(void)close(other);
}

static void process_that_closed_its_socket_gets_no_connection_and_is_ended(void **state UNUSED)
{
	int fd = client(2), again;
	pid_t pid = pid_behind(fd), pppd = call(fd);

	tell(fd, "hang");
	(void)usleep(50000);
	again = client(2);
	assert_int_not_equal(pid_behind(again), pid);
	assert_true(ends_soon(pid));
	assert_true(ends_soon(pppd));
	(void)close(fd);
	(void)close(again);
}

static void released_process_gets_no_connection_and_is_ended(void **state UNUSED)
{
	int fd = client(2), again;
	pid_t pid = pid_behind(fd);

	tell(fd, "stay\nidle");
	(void)usleep(50000);
	again = client(2);
	assert_int_not_equal(pid_behind(again), pid);
	assert_true(ends_soon(pid));
	(void)close(fd);
	(void)close(again);
}

static void adopted_call_survives_its_former_process(void **state UNUSED)
{
	int a = client_from(2, TUNNEL_PORT), b = client_from(3, TUNNEL_PORT);
	pid_t former = pid_behind(a), pppd;
	unsigned id;
	int pid;

	tell(a, "name branch-1\nkeep checkpoint-1");
	pppd = call(a);
	assert_true(pid_behind(b) != former);
	assert_string_equal(ask(b, "adopt"), "adopted 1 1 checkpoint-1");
	assert_int_equal(sscanf(hear(b), "again %u %d", &id, &pid), 2);
	assert_int_equal(pid, pppd);
	assert_true(ends_soon(former));
	assert_non_null(sandbox_log_wait("Reaped child"));
	(void)usleep(500000); /* longer than a hung up pppd would live */
	assert_true(is_running(pppd));
	tell(b, "stop");
	assert_true(ends_soon(pppd));
	(void)close(a);
	(void)close(b);
}

static void sigterm_ends_everything(void **state)
{
	struct fixture *f = *state;
	int a = client(2), b = client_from(3, TUNNEL_PORT), silent = client(4);
	pid_t pids[] = {pid_behind(a), pid_behind(b), call(a), call(a)};

	stop_manager(f);
	for (size_t i = 0; i < ARRAY_SIZE(pids); i++)
		assert_false(is_running(pids[i]));
	assert_int_equal(sandbox_log_count("CTRL: told to stop"), 2);
	assert_string_equal(hear(silent), "");
	(void)close(a);
	(void)close(b);
	(void)close(silent);
}

static void sigterm_ends_also_what_does_not_listen(void **state)
{
	struct fixture *f = *state;
	int fd = client(2);
	pid_t pids[] = {pid_behind(fd), call(fd)};

	tell(fd, "stay");
	assert_non_null(sandbox_log_wait("says: ready"));
	stop_manager(f);
	for (size_t i = 0; i < ARRAY_SIZE(pids); i++)
		assert_false(is_running(pids[i]));
	(void)close(fd);
}

static void sighup_ends_nothing(void **state)
{
	struct fixture *f = *state;
	int fd = client(2);
	pid_t pid = pid_behind(fd);

	(void)kill(f->manager, SIGHUP);
	assert_non_null(sandbox_log_wait("SIGHUP"));
	assert_int_equal(pid_behind(fd), pid);
	(void)close(fd);
}

static void address_in_hosts_deny_is_closed_without_a_process(void **state UNUSED)
{
	int fd = client(66);

	assert_string_equal(hear(fd), "");
	assert_non_null(sandbox_log_wait("127.0.0.66 denied by hosts.deny"));
	(void)close(fd);
	fd = client(2);
	assert_true(pid_behind(fd) > 1);
	(void)close(fd);
}

static void rule_that_would_replace_the_process_is_refused(void **state UNUSED)
{
	int fd = client(67); /* the very first connection */

	assert_string_equal(hear(fd), "");
	(void)close(fd);
	fd = client(2);
	assert_true(pid_behind(fd) > 1);
	(void)close(fd);
}

static void command_of_a_rule_hides_no_childs_end(void **state UNUSED)
{
	int fd = client(2), slow;
	pid_t pid = pid_behind(fd);

	slow = client(68);
	(void)usleep(200000);
	(void)kill(pid, SIGKILL);
	assert_non_null(sandbox_log_wait("was killed by signal 9"));
	(void)close(slow);
	(void)close(fd);
}

/* The rule's command stands for a name server that does not answer. */
static void rules_that_take_long_hold_up_nobody_else(void **state UNUSED)
{
	int slow = client(69), same = client(69), fd = client(2);

	assert_true(pid_behind(fd) > 1);
	assert_int_equal(sandbox_log_count("denied by hosts.deny"), 0);
	(void)close(slow);
	(void)close(same);
	(void)close(fd);
}

static void many_clients_leave_no_descriptor(void **state)
{
	struct fixture *f = *state;
	char command[64];
	unsigned before = 0;

	for (int round = 0; round < 10; round++) {
		int fd = client(2);
		unsigned count;

		(void)call(fd);
		tell(fd, "leave 1");
		assert_string_equal(hear(fd), "");
		assert_non_null(sandbox_log_wait("ended, wait status 0x1000"));
		(void)close(fd);
		sandbox_log_clear();
		(void)snprintf(command, sizeof(command), "/proc/%ld/fd", (long)f->manager);
		count = descriptors_in(command);
		if (round == 1)
			before = count;
		else if (round > 1)
			assert_int_equal(count, before);
	}
}

#define MANAGER(test, with) cmocka_unit_test_setup_teardown(test, with, tear_down)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		MANAGER(process_starts_with_the_first_bytes_only, set_up),
		MANAGER(same_address_gets_the_same_process, set_up),
		MANAGER(each_tunnel_gets_a_process_of_its_own, set_up),
		MANAGER(tunnels_of_one_address_leave_room_for_others, set_up),
		MANAGER(pptpctrl_has_its_socket_and_its_connection_and_nothing_else, set_up),
		MANAGER(pppd_has_nothing_of_the_managers, set_up_report),
		MANAGER(stopped_call_gives_its_lease_back, set_up),
		MANAGER(killed_process_has_its_calls_hung_up_and_leases_back, set_up),
		MANAGER(pppd_that_ignores_the_hang_up_is_terminated, set_up_deaf),
		MANAGER(pppd_that_ignores_that_too_is_killed, set_up_stubborn),
		MANAGER(last_log_lines_of_a_process_are_not_lost, set_up),
		MANAGER(log_lines_carry_their_processs_id, set_up),
		MANAGER(flood_of_log_lines_is_limited_and_said, set_up),
		MANAGER(lines_about_an_address_are_limited_over_all_its_processes, set_up),
		MANAGER(malformed_message_ends_the_process_and_its_calls, set_up),
		MANAGER(process_that_closed_its_socket_gets_no_connection_and_is_ended, set_up),
		MANAGER(released_process_gets_no_connection_and_is_ended, set_up),
		MANAGER(adopted_call_survives_its_former_process, set_up),
		MANAGER(sigterm_ends_everything, set_up),
		MANAGER(sigterm_ends_also_what_does_not_listen, set_up_stubborn),
		MANAGER(sighup_ends_nothing, set_up),
		MANAGER(address_in_hosts_deny_is_closed_without_a_process, set_up),
		MANAGER(rule_that_would_replace_the_process_is_refused, set_up),
		MANAGER(command_of_a_rule_hides_no_childs_end, set_up),
		MANAGER(rules_that_take_long_hold_up_nobody_else, set_up),
		MANAGER(many_clients_leave_no_descriptor, set_up),
	};

	if (strcmp(argv[0], "manager") == 0)
		return process_run_manager(argc, argv);
	standin_run(argc, argv);
	if (!sandbox_enter(4096))
		return SANDBOX_SKIP_STATUS;
	sandbox_cover("/etc/hosts.allow", "");
	sandbox_cover("/etc/hosts.deny", "pptpd: 127.0.0.66\n"
					 "pptpd: 127.0.0.67: twist (sleep 2; exit 3)\n"
					 "pptpd: 127.0.0.68: spawn (sleep 1)\n"
					 "pptpd: 127.0.0.69: spawn (sleep 20)\n");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
