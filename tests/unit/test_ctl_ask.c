// SPDX-License-Identifier: GPL-2.0-or-later
/* Questions to a pptpd whose place this test takes: a child that answers as it is told. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pptpd/ctl/ask.h"

static char folder[] = "/tmp/test_ctl_ask.XXXXXX";
static char path[64];

typedef void answer_function(int fd);

static int make_folder(void **state UNUSED)
{
	if (!mkdtemp(folder))
		return -1;
	(void)snprintf(path, sizeof(path), "%s/control", folder);
	return 0;
}

static int remove_folder(void **state UNUSED)
{
	(void)unlink(path);
	return rmdir(folder);
}

/* The child takes one connection, reads one request, answers, and ends. */
static pid_t serve(uint32_t wanted, answer_function *answer)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	pid_t child;

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	(void)unlink(path);
	assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(listener, 1), 0);
	child = fork();
	if (child == 0) {
		struct control_request request = {0};
		int fd = accept(listener, NULL, NULL);

		if (recv(fd, &request, sizeof(request), 0) != sizeof(request) ||
		    request.type != wanted || request.version != CONTROL_VERSION)
			_exit(1);
		answer(fd);
		_exit(0);
	}
	assert_true(child > 0);
	assert_int_equal(close(listener), 0);
	return child;
}

static void served(pid_t child)
{
	int status;

	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void send_all(int fd, const void *data, size_t len)
{
	if (send(fd, data, len, 0) != (ssize_t)len)
		_exit(2);
}

static void answer_reloaded(int fd)
{
	struct control_reloaded reloaded = {
		.type = CONTROL_RELOADED, .good = 1, .lrps = 3, .stopped = 2};

	send_all(fd, &reloaded, sizeof(reloaded));
}

static void answer_three_tunnels(int fd)
{
	struct control_tunnel tunnel = {.type = CONTROL_TUNNEL, .tls = 1};
	struct control_end end = {.type = CONTROL_END, .tunnels = 3};

	for (tunnel.calls = 0; tunnel.calls < 3; tunnel.calls++)
		send_all(fd, &tunnel, sizeof(tunnel));
	send_all(fd, &end, sizeof(end));
}

static void answer_refused(int fd)
{
	struct control_refused refused = {.type = CONTROL_REFUSED, .reason = "not from root"};

	send_all(fd, &refused, sizeof(refused));
}

static void answer_short(int fd)
{
	struct control_reloaded reloaded = {.type = CONTROL_RELOADED};

	send_all(fd, &reloaded, sizeof(reloaded) - 1);
}

static void answer_type_only(int fd)
{
	send_all(fd, "\20", 1);
}

static void answer_nothing(int fd)
{
	(void)close(fd); /* what a pptpd that ends does */
}

static void answer_one_tunnel_and_end(int fd)
{
	struct control_tunnel tunnel = {.type = CONTROL_TUNNEL};

	send_all(fd, &tunnel, sizeof(tunnel));
}

static void nobody_there_is_not_running(void **state UNUSED)
{
	struct control_reloaded reloaded;
	char error[ASK_ERROR_MAX] = "";
	pid_t child;

	(void)unlink(path);
	assert_int_equal(ask_reload(path, "", &reloaded, error), ASK_NOT_RUNNING);
	child = serve(CONTROL_RELOAD, answer_reloaded); /* leaves its socket behind */
	assert_int_equal(ask_reload(path, "", &reloaded, error), ASK_ANSWERED);
	served(child);
	assert_int_equal(ask_reload(path, "", &reloaded, error), ASK_NOT_RUNNING);
}

static void reload_is_answered(void **state UNUSED)
{
	struct control_reloaded reloaded;
	char error[ASK_ERROR_MAX];
	pid_t child = serve(CONTROL_RELOAD, answer_reloaded);

	assert_int_equal(ask_reload(path, "", &reloaded, error), ASK_ANSWERED);
	assert_int_equal(reloaded.stopped, 2);
	served(child);
}

static void tunnels_come_one_by_one(void **state UNUSED)
{
	struct control_tunnel *tunnels = NULL;
	char error[ASK_ERROR_MAX];
	size_t count = 0;
	pid_t child = serve(CONTROL_TUNNELS, answer_three_tunnels);

	assert_int_equal(ask_tunnels(path, &tunnels, &count, error), ASK_ANSWERED);
	assert_int_equal(count, 3);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(tunnels[i].calls, i);
	free(tunnels);
	served(child);
}

static void refusal_and_other_versions_fail_with_their_reason(void **state UNUSED)
{
	static const struct {
		answer_function *answer;
		const char *says;
	} rows[] = {
		{answer_refused, "not from root"},     {answer_short, "another version"},
		{answer_type_only, "another version"}, {answer_nothing, "without an answer"},
		{answer_three_tunnels, "type 17"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct control_reloaded reloaded;
		char error[ASK_ERROR_MAX] = "";
		pid_t child = serve(CONTROL_RELOAD, rows[i].answer);

		assert_int_equal(ask_reload(path, "", &reloaded, error), ASK_FAILED);
		if (!strstr(error, rows[i].says))
			fail_msg("%s is not in: %s", rows[i].says, error);
		assert_int_equal(waitpid(child, NULL, 0), child);
	}
}

static void list_that_breaks_off_is_no_list(void **state UNUSED)
{
	struct control_tunnel *tunnels = NULL;
	char error[ASK_ERROR_MAX];
	size_t count = 0;
	pid_t child = serve(CONTROL_TUNNELS, answer_one_tunnel_and_end);

	assert_int_equal(ask_tunnels(path, &tunnels, &count, error), ASK_FAILED);
	assert_null(tunnels);
	served(child);
}

static void path_that_no_socket_can_have_is_told(void **state UNUSED)
{
	struct control_reloaded reloaded;
	char error[ASK_ERROR_MAX], longer[200];

	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	assert_int_equal(ask_reload(longer, "", &reloaded, error), ASK_FAILED);
	assert_non_null(strstr(error, strerror(ENAMETOOLONG)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_there_is_not_running),
		cmocka_unit_test(reload_is_answered),
		cmocka_unit_test(tunnels_come_one_by_one),
		cmocka_unit_test(refusal_and_other_versions_fail_with_their_reason),
		cmocka_unit_test(list_that_breaks_off_is_no_list),
		cmocka_unit_test(path_that_no_socket_can_have_is_told),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
