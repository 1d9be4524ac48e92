/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The manager with TLS tunnels: its signer, who may come in, enrolment, and what pptpd-ctl asks. */
#include "tests/unit/unit.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pptpd/control_msg.h"
#include "pptpd/ipc.h"
#include "pptpd/lrp_edit.h"
#include "tests/unit/pptpd_clock.h"
#include "tests/unit/pptpd_help.h"
#include "tests/unit/pptpd_process.h"
#include "tests/unit/pptpd_sandbox.h"
#include "tests/unit/pptpd_standin.h"

static char peers[256];

/* The text of the node ID N, 0, 0 ... */
static const char *id_text(uint8_t first)
{
	static char text[NODE_ID_TEXT_LEN + 1];
	const struct node_id id = {.bytes = {first}};

	return node_id_text(&id, text);
}

static void write_peers(const char *one, const char *two)
{
	char text[1024];
	int used = snprintf(text, sizeof(text), "# list\n%s %s\n", id_text(1), one);

	if (two)
		(void)snprintf(text + used, sizeof(text) - (size_t)used, "%s %s\n", id_text(2),
			       two);
	(void)scratch_file("peers", text);
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	char text[1024], key[256], certificate[256];

	copy_program(f->program, sizeof(f->program));
	(void)snprintf(peers, sizeof(peers), "%s", scratch_path("peers"));
	(void)unlink(scratch_path("peers.invitations"));
	(void)snprintf(key, sizeof(key), "%s", scratch_path("key"));
	(void)snprintf(certificate, sizeof(certificate), "%s", scratch_file("chain", "1"));
	write_peers("one calls 2 addresses 10.9.1.2-3", "two");
	(void)snprintf(text, sizeof(text),
		       "remoteip 10.9.1.1-9\nrrp-listen 127.0.0.1:4723\nrrp-key %s\n"
		       "rrp-certificate %s\nrrp-peers %s\npptpctrl-user daemon\n",
		       key, certificate, peers);
	write_conf(f, "report", text);
	start_manager(f);
	*state = f;
	return 0;
}

/* What was used up never comes back, however slow the machine is. */
static int set_up_timeless(void **state)
{
	return clock_stand(set_up, state);
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	stop_manager(f);
	free(f);
	return 0;
}

static int tunnel(uint32_t last_octet)
{
	return client_from(last_octet, TUNNEL_PORT);
}

/* A tunnel of that node that was let in. */
static int node(uint32_t last_octet, const char *number)
{
	int fd = tunnel(last_octet);
	char command[32];

	(void)snprintf(command, sizeof(command), "peer %s", number);
	assert_int_equal(strncmp(ask(fd, command), "verdict 0 ", 10), 0);
	return fd;
}

static void process_gets_what_it_needs_for_a_handshake_and_to_be_confined(void **state UNUSED)
{
	int a = tunnel(2), direct = client(2);

	assert_string_equal(ask(a, "security"),
			    "tls 1 signer 1 sandbox 0 handshake 10 uid 1 gid 1");
	assert_string_equal(ask(direct, "security"),
			    "tls 0 signer 0 sandbox 0 handshake 10 uid 1 gid 1");
	(void)close(a);
	(void)close(direct);
}

static void node_on_the_list_comes_in_with_its_name_and_calls(void **state UNUSED)
{
	int a = tunnel(2), b = tunnel(3);

	assert_string_equal(ask(a, "peer 1"), "verdict 0 2 one");
	assert_string_equal(ask(b, "peer 2"), "verdict 0 100 two");
	(void)close(a);
	(void)close(b);
}

static void other_nodes_stay_out(void **state)
{
	struct fixture *f = *state;
	int fd = tunnel(2);

	assert_string_equal(ask(fd, "peer 9"), "verdict 1 0 ");
	tell(fd, "call"); /* is refused without an answer */
	assert_non_null(sandbox_log_wait("IPC_CALL_START refused: before the LRP was let in"));
	tell(fd, "peer 1");
	assert_non_null(sandbox_log_wait("IPC_PEER refused: it has asked already"));
	(void)close(fd);
	write_peers("one disabled", "two from 127.0.0.4");
	(void)kill(f->manager, SIGHUP);
	assert_non_null(sandbox_log_wait("2 LRPs on the list"));
	fd = tunnel(2);
	assert_string_equal(ask(fd, "peer 1"), "verdict 2 0 one");
	(void)close(fd);
	fd = tunnel(2);
	assert_string_equal(ask(fd, "peer 2"), "verdict 3 0 two");
	(void)close(fd);
	fd = tunnel(4);
	assert_string_equal(ask(fd, "peer 2"), "verdict 0 100 two");
	(void)close(fd);
}

static void calls_of_an_lrp_are_limited_in_number_and_address(void **state UNUSED)
{
	int fd = node(2, "1");

	(void)call(fd);
	(void)call(fd);
	assert_non_null(sandbox_log_wait(" 10.9.0.1:10.9.1.2 "));
	assert_non_null(sandbox_log_wait(" 10.9.0.1:10.9.1.3 "));
	assert_string_equal(ask(fd, "call"), "refused 1");
	assert_non_null(sandbox_log_wait("RRP: LRP one (127.0.0.2): call refused: too many calls"));
	(void)close(fd);
}

static void newest_tunnel_of_a_node_ends_the_older_one(void **state UNUSED)
{
	int old = node(2, "1"), other = node(2, "2"), fresh;
	pid_t pid = pid_behind(old), stays = pid_behind(other);

	fresh = node(3, "1");
	assert_non_null(sandbox_log_wait("RRP: LRP one (127.0.0.2): tunnel ended: the same LRP has "
					 "a new one, from 127.0.0.3"));
	assert_true(ends_soon(pid));
	assert_true(is_running(stays));
	assert_true(pid_behind(fresh) > 1);
	(void)close(old);
	(void)close(other);
	(void)close(fresh);
}

static void change_of_the_list_ends_tunnels_at_once(void **state)
{
	struct fixture *f = *state;
	int a = node(2, "1"), b = node(2, "2");
	pid_t one = pid_behind(a), two = pid_behind(b);

	write_peers("one", NULL);
	(void)kill(f->manager, SIGHUP);
	assert_non_null(sandbox_log_wait(
		"RRP: LRP two (127.0.0.2): tunnel ended: it is not on the list any more"));
	assert_non_null(sandbox_log_wait("MGR: 1 LRP on the list"));
	assert_true(ends_soon(two));
	assert_true(is_running(one));
	write_peers("one from 10.0.0.0/8", NULL);
	(void)kill(f->manager, SIGHUP);
	assert_non_null(sandbox_log_wait(
		"RRP: LRP one (127.0.0.2): tunnel ended: it must not come from this address"));
	assert_true(ends_soon(one));
	(void)close(a);
	(void)close(b);
}

static void list_with_an_error_changes_nothing(void **state)
{
	struct fixture *f = *state;
	int fd = node(2, "1");

	(void)scratch_file("peers", "# fine\nnonsense\n");
	(void)kill(f->manager, SIGHUP);
	assert_non_null(sandbox_log_wait("peers:2: 'nonsense' is no node ID"));
	assert_true(pid_behind(fd) > 1);
	(void)close(fd);
	fd = node(2, "2");
	(void)close(fd);
}

static void enrolled_node_is_on_the_list_at_once(void **state UNUSED)
{
	static const uint8_t hash[LRP_SECRET_HASH_LEN] = {5}, late[LRP_SECRET_HASH_LEN] = {6};
	char error[LRP_ERROR_MAX];
	struct lrp_replaced replaced;
	int fd;

	assert_true(lrp_edit_invite(peers, hash, INT32_MAX, "new", "calls 4", 0, &replaced, error));
	assert_true(lrp_edit_invite(peers, late, 1, "late", "", 0, &replaced, error));
	fd = tunnel(2);
	assert_string_equal(ask(fd, "enrol 30 9"), "enrolled 1 ");
	tell(fd, "enrol 30 5");
	assert_non_null(sandbox_log_wait("IPC_ENROL refused: it has asked already"));
	(void)close(fd);
	fd = tunnel(2);
	assert_string_equal(ask(fd, "enrol 30 6"), "enrolled 6 ");
	(void)close(fd);
	fd = tunnel(2);
	assert_string_equal(ask(fd, "enrol 30 5"), "enrolled 0 new");
	assert_non_null(sandbox_log_wait("MGR: RRP: LRP new enrolled with node ID "));
	tell(fd, "call");
	assert_non_null(sandbox_log_wait("IPC_CALL_START refused: before the LRP was let in"));
	(void)close(fd);
	fd = tunnel(2);
	assert_string_equal(ask(fd, "enrol 31 5"), "enrolled 5 ");
	(void)close(fd);
	fd = tunnel(2);
	assert_string_equal(ask(fd, "peer 30"), "verdict 0 4 new");
	(void)close(fd);
}

/* The process that has the key: the one child of the manager whose name says so. */
static pid_t signer_of(pid_t manager)
{
	char path[64];
	const char *children;
	pid_t found = 0;

	(void)snprintf(path, sizeof(path), "/proc/%ld/task/%ld/children", (long)manager,
		       (long)manager);
	children = file_content(path);
	for (const char *at = children; *at; at += strcspn(at, " ") + (at[strcspn(at, " ")] != 0)) {
		char command[64], name[64] = "";
		FILE *file;

		(void)snprintf(command, sizeof(command), "/proc/%ld/comm", atol(at));
		file = fopen(command, "re");
		if (file && fgets(name, sizeof(name), file) && strncmp(name, "rrp-signer", 10) == 0)
			found = (pid_t)atol(at);
		if (file)
			(void)fclose(file);
	}
	return found;
}

/* A few connections at a time, from addresses NUMBER, NUMBER + STEP ..., that end at once. */
static void come_and_go(uint32_t number, uint32_t step)
{
	int fds[6];

	for (uint32_t i = 0; i < ARRAY_SIZE(fds); i++) {
		fds[i] = tunnel(number + i * step);
		tell(fds[i], "leave 0");
	}
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		(void)hear(fds[i]);
		(void)close(fds[i]);
	}
}

static bool strangers_are_refused(void)
{
	const char *line = "dropped: too many connections from addresses that no LRP has come from";

	for (uint32_t i = 0; i < 40 && !sandbox_log_count(line); i++)
		come_and_go(512 + 6 * i, 1);
	return sandbox_log_count(line) > 0;
}

static void strangers_share_a_rate_that_is_not_of_known_sources(void **state UNUSED)
{
	int fd = node(2, "1");

	assert_true(strangers_are_refused());
	for (int i = 0; i < 100; i++) {
		int again = tunnel(2);

		assert_true(pid_behind(again) > 1);
		tell(again, "leave 0");
		(void)close(again);
	}
	assert_true(pid_behind(fd) > 1);
	(void)close(fd);
}

static void source_of_a_removed_lrp_is_a_strangers(void **state)
{
	struct fixture *f = *state;
	int fd = node(2, "1");

	write_peers("one disabled", "two");
	(void)kill(f->manager, SIGHUP);
	assert_non_null(sandbox_log_wait("tunnel ended: it is disabled"));
	(void)close(fd);
	for (int i = 0; i < 50 && !sandbox_log_count("127.0.0.2: dropped: too many conn"); i++)
		come_and_go(2, 0);
	assert_non_null(
		sandbox_log_wait("RRP: 127.0.0.2: dropped: too many connections from this"));
}

static void signer_cannot_write_to_our_journal(void **state)
{
	const struct fixture *f = *state;
	char path[64], target[64] = "";

	for (int fd = 0; fd <= 2 - SANITIZED; fd++) {
		(void)snprintf(path, sizeof(path), "/proc/%ld/fd/%d", (long)signer_of(f->manager),
			       fd);
		assert_true(readlink(path, target, sizeof(target) - 1) > 0);
		assert_string_equal(target, "/dev/null");
	}
}

static void signer_that_dies_is_started_anew_and_tunnels_stay(void **state)
{
	struct fixture *f = *state;
	int fd = node(2, "1");
	pid_t former = signer_of(f->manager), pid = pid_behind(fd);

	assert_true(former > 1);
	(void)kill(former, SIGKILL);
	assert_non_null(sandbox_log_wait("MGR: the signer was killed by signal 9 (Killed)"));
	assert_non_null(sandbox_log_wait("MGR: the signer was started anew"));
	assert_int_equal(pid_behind(fd), pid);
	assert_int_not_equal(signer_of(f->manager), former);
	(void)close(fd);
	fd = tunnel(3);
	assert_int_equal(strncmp(ask(fd, "security"), "tls 1 signer 1", 14), 0);
	(void)close(fd);
}

static void changed_certificate_has_a_new_signer(void **state)
{
	struct fixture *f = *state;
	pid_t former = signer_of(f->manager);

	(void)kill(f->manager, SIGHUP);
	assert_non_null(sandbox_log_wait("LRPs on the list"));
	(void)usleep(300000); /* longer than a new one would take */
	assert_int_equal(sandbox_log_count("started anew"), 0);
	assert_int_equal(signer_of(f->manager), former);
	(void)scratch_file("chain", "another one");
	(void)kill(f->manager, SIGHUP);
	assert_non_null(sandbox_log_wait("MGR: the signer was started anew"));
	assert_true(ends_soon(former));
	assert_true(signer_of(f->manager) > 1);
}

static int manager_status(struct fixture *f)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		(void)execl(f->program, "manager", "-f", "-c", f->conf, NULL);
		_exit(126);
	}
	for (int i = 0; i < 1000 && waitpid(pid, &status, WNOHANG) == 0; i++)
		(void)usleep(10000);
	return status;
}

static void start_without_key_or_with_a_bad_list_fails_with_the_reason(void **state)
{
	struct fixture *f = *state;
	char text[512];

	stop_manager(f);
	(void)snprintf(text, sizeof(text),
		       "remoteip 10.9.1.1-9\nrrp-listen :4723\nrrp-key /bad\nrrp-peers %s\n",
		       peers);
	write_conf(f, "mirror", text);
	assert_int_equal(manager_status(f), 1 << 8);
	assert_non_null(sandbox_log_wait("MGR: RRP has no key: this key is bad"));
	(void)scratch_file("peers", "nonsense\n");
	assert_int_equal(manager_status(f), 1 << 8);
	assert_non_null(sandbox_log_wait("peers:1: 'nonsense' is no node ID"));
}

static int control(const struct fixture *f)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof(address);

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%.100s", f->control);
	/* The manager opens it after it wrote its PID file. */
	for (int i = 0; i < 1000 && connect(fd, (struct sockaddr *)&address, sizeof(address)); i++)
		(void)usleep(10000);
	assert_int_equal(getpeername(fd, (struct sockaddr *)&address, &len), 0);
	return fd;
}

static ssize_t ask_control(const struct fixture *f, uint32_t type, union control_message *answer)
{
	const struct control_request request = {.type = type, .version = CONTROL_VERSION};
	int fd = control(f);
	ssize_t len;

	assert_int_equal(send(fd, &request, sizeof(request), 0), sizeof(request));
	len = recv(fd, answer, sizeof(*answer), 0);
	(void)close(fd);
	return len;
}

static void reload_is_asked_for_and_answered_with_counts(void **state)
{
	struct fixture *f = *state;
	union control_message answer;
	int fd = node(2, "2");
	pid_t pid = pid_behind(fd);

	write_peers("one", NULL);
	assert_int_equal(ask_control(f, CONTROL_RELOAD, &answer), sizeof(answer.reloaded));
	assert_int_equal(answer.type, CONTROL_RELOADED);
	assert_int_equal(answer.reloaded.good, 1);
	assert_int_equal(answer.reloaded.lrps, 1);
	assert_int_equal(answer.reloaded.stopped, 1);
	assert_true(ends_soon(pid));
	(void)scratch_file("peers", "nonsense\n");
	assert_int_equal(ask_control(f, CONTROL_RELOAD, &answer), sizeof(answer.reloaded));
	assert_int_equal(answer.reloaded.good, 0);
	assert_int_equal(answer.reloaded.lrps, 1);
	assert_non_null(strstr(answer.reloaded.error, "peers:1: "));
	(void)close(fd);
}

static void addresses_outside_of_remoteip_are_told(void **state)
{
	struct fixture *f = *state;

	write_peers("one addresses 10.7.7.7", "two addresses 10.7.7.7,10.9.1.1-3");
	(void)kill(f->manager, SIGHUP);
	assert_non_null(sandbox_log_wait("peers:2: no address of LRP one is in remoteip"));
	assert_non_null(sandbox_log_wait("2 LRPs on the list"));
	assert_int_equal(sandbox_log_count("no address of LRP two"), 0);
}

static void lrp_that_is_shut_out_goes_even_if_the_list_cannot_be_read(void **state)
{
	const struct control_request request = {
		.type = CONTROL_RELOAD, .version = CONTROL_VERSION, .shut_out = "one"};
	struct fixture *f = *state;
	int one = node(2, "1"), two = node(3, "2"), fd = control(f);
	union control_message answer;

	(void)scratch_file("peers", "nonsense\n");
	assert_int_equal(send(fd, &request, sizeof(request), 0), sizeof(request));
	assert_int_equal(recv(fd, &answer, sizeof(answer), 0), sizeof(answer.reloaded));
	(void)close(fd);
	assert_int_equal(answer.reloaded.good, 0);
	assert_int_equal(answer.reloaded.stopped, 1);
	assert_non_null(sandbox_log_wait("RRP: LRP one (127.0.0.2): tunnel ended: it is disabled"));
	assert_true(pid_behind(two) > 1);
	(void)close(one);
	one = tunnel(2);
	assert_string_equal(ask(one, "peer 1"), "verdict 2 0 one");
	(void)close(one);
	(void)close(two);
}

static void tunnels_are_told_one_by_one(void **state)
{
	const struct control_request request = {.type = CONTROL_TUNNELS,
						.version = CONTROL_VERSION};
	struct fixture *f = *state;
	int a = node(2, "1"), half_open = tunnel(3), fd;
	union control_message answer;

	(void)call(a);
	assert_true(pid_behind(half_open) > 1);
	fd = control(f);
	assert_int_equal(send(fd, &request, sizeof(request), 0), sizeof(request));
	assert_int_equal(recv(fd, &answer, sizeof(answer), 0), sizeof(answer.tunnel));
	assert_int_equal(answer.type, CONTROL_TUNNEL);
	assert_string_equal(answer.tunnel.name, "one");
	assert_int_equal(answer.tunnel.node_id[0], 1);
	assert_int_equal(answer.tunnel.calls, 1);
	assert_int_equal(answer.tunnel.tls, 1);
	assert_true(answer.tunnel.since > 0);
	assert_int_equal(recv(fd, &answer, sizeof(answer), 0), sizeof(answer.end));
	assert_int_equal(answer.type, CONTROL_END);
	assert_int_equal(answer.end.tunnels, 1);
	assert_int_equal(recv(fd, &answer, sizeof(answer), 0), 0);
	(void)close(fd);
	(void)close(a);
	(void)close(half_open);
}

static void what_is_no_request_is_refused_and_root_alone_may_ask(void **state)
{
	struct fixture *f = *state;
	union control_message answer;
	struct stat status;
	int fd;

	assert_int_equal(ask_control(f, CONTROL_END, &answer), sizeof(answer.refused));
	assert_int_equal(answer.type, CONTROL_REFUSED);
	fd = control(f);
	assert_int_equal(send(fd, "abc", 3, 0), 3);
	assert_int_equal(recv(fd, &answer, sizeof(answer), 0), sizeof(answer.refused));
	(void)close(fd);
	assert_int_equal(stat(f->control, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	assert_int_equal(chmod(f->control, 0666), 0);
	assert_int_equal(chmod(scratch_path(""), 0711), 0);
	assert_int_equal(seteuid(1), 0);
	fd = control(f);
	assert_int_equal(seteuid(0), 0);
	assert_int_equal(recv(fd, &answer, sizeof(answer), 0), sizeof(answer.refused));
	assert_string_equal(answer.refused.reason, "only root may ask");
	(void)close(fd);
	stop_manager(f);
	assert_int_equal(access(f->control, F_OK), -1);
}

#define MANAGER(test)  cmocka_unit_test_setup_teardown(test, set_up, tear_down)
#define TIMELESS(test) cmocka_unit_test_setup_teardown(test, set_up_timeless, tear_down)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		MANAGER(process_gets_what_it_needs_for_a_handshake_and_to_be_confined),
		MANAGER(node_on_the_list_comes_in_with_its_name_and_calls),
		MANAGER(other_nodes_stay_out),
		MANAGER(calls_of_an_lrp_are_limited_in_number_and_address),
		MANAGER(newest_tunnel_of_a_node_ends_the_older_one),
		MANAGER(change_of_the_list_ends_tunnels_at_once),
		MANAGER(list_with_an_error_changes_nothing),
		MANAGER(enrolled_node_is_on_the_list_at_once),
		TIMELESS(strangers_share_a_rate_that_is_not_of_known_sources),
		TIMELESS(source_of_a_removed_lrp_is_a_strangers),
		MANAGER(signer_cannot_write_to_our_journal),
		MANAGER(signer_that_dies_is_started_anew_and_tunnels_stay),
		MANAGER(changed_certificate_has_a_new_signer),
		MANAGER(start_without_key_or_with_a_bad_list_fails_with_the_reason),
		MANAGER(reload_is_asked_for_and_answered_with_counts),
		MANAGER(addresses_outside_of_remoteip_are_told),
		MANAGER(lrp_that_is_shut_out_goes_even_if_the_list_cannot_be_read),
		MANAGER(tunnels_are_told_one_by_one),
		MANAGER(what_is_no_request_is_refused_and_root_alone_may_ask),
	};

	if (strcmp(argv[0], "manager") == 0)
		return process_run_manager(argc, argv);
	standin_run(argc, argv);
	if (!sandbox_enter(4096))
		return SANDBOX_SKIP_STATUS;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
