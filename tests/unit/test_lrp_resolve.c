/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names and addresses: numbers at once, names by a child that can be ended. */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lrp/resolve.h"

struct answer {
	uint16_t port;
	unsigned calls;
	unsigned count;
	struct address first;
	bool has_error;
};

static const struct account nobody = {.uid = 65534, .gid = 65534};

static void keep_answer(void *context, enum resolve_end end, const struct resolve_answer *judged)
{
	struct answer *answer = context;
	struct address addresses[RESOLVE_MAX];
	const char *error;

	answer->calls++;
	assert_int_equal(end, RESOLVE_ANSWERED);
	answer->count = resolve_judge(judged, answer->port, addresses, &error);
	answer->has_error = error != NULL;
	if (answer->count)
		answer->first = addresses[0];
}

static void assert_no_child_is_left(void)
{
	errno = 0;
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void numeric_addresses_need_no_lookup(void **state UNUSED)
{
	struct address address;
	char text[ADDRESS_TEXT_MAX];

	assert_true(resolve_numeric("203.0.113.10", 4723, &address));
	assert_string_equal(address_text_port(&address, text), "203.0.113.10:4723");
	assert_true(resolve_numeric("2001:db8::1", 99, &address));
	assert_string_equal(address_text_port(&address, text), "[2001:db8::1]:99");
	assert_false(resolve_numeric("localhost", 4723, &address));
}

/* Answered from /etc/hosts; the test needs no network. */
static void name_is_answered_by_a_child_that_is_reaped(void **state UNUSED)
{
	struct ev_loop *loop = ev_loop_new(EVFLAG_AUTO);
	struct answer answer = {.port = 4723};

	assert_non_null(
		resolve_start(loop, "localhost", 4723, &nobody, NULL, keep_answer, &answer));
	assert_int_equal(answer.calls, 0);
	ev_run(loop, 0);
	assert_int_equal(answer.calls, 1);
	assert_true(answer.count > 0);
	assert_false(answer.has_error);
	assert_int_equal(address_port(&answer.first), 4723);
	assert_no_child_is_left();
	ev_loop_destroy(loop);
}

/* The name for which the lookup does what a name server would have it do that took it over. */
#define HOSTILE_NAME "hostile.invalid"

static bool is_refused(long result, int number)
{
	return result == -1 && errno == number;
}

/* All must be refused by the list: what fails anyhow fails for another reason. */
static bool is_confined(void)
{
	struct rlimit limit;

	return is_refused(kill(getppid(), 0), EPERM) && is_refused(kill(getpid(), 0), EPERM) &&
	       is_refused(syscall(SYS_tkill, getpid(), 0), EPERM) && is_refused(fork(), EPERM) &&
	       is_refused(syscall(SYS_execve, "/bin/true", NULL, NULL), EPERM) &&
	       is_refused(syscall(SYS_unshare, CLONE_NEWUSER), EPERM) &&
	       is_refused(prctl(PR_SET_PDEATHSIG, 0UL, 0UL, 0UL, 0UL), EPERM) &&
	       is_refused(syscall(SYS_prlimit64, 0, RLIMIT_CORE, NULL, &limit), EPERM) &&
	       is_refused(socket(AF_PACKET, SOCK_DGRAM, 0), EPERM) &&
	       is_refused(socket(AF_ALG, SOCK_SEQPACKET, 0), EPERM) &&
	       is_refused(syscall(SYS_socket, 1UL << 32 | AF_ALG, SOCK_SEQPACKET, 0), EPERM) &&
	       socket(AF_INET, SOCK_DGRAM, 0) >= 0 && socket(AF_UNIX, SOCK_STREAM, 0) >= 0;
}

int __real_getaddrinfo(const char *host, const char *service, const struct addrinfo *hints,
		       struct addrinfo **ret_list);
int __wrap_getaddrinfo(const char *host, const char *service, const struct addrinfo *hints,
		       struct addrinfo **ret_list);

int __wrap_getaddrinfo(const char *host, const char *service, const struct addrinfo *hints,
		       struct addrinfo **ret_list)
{
	if (strcmp(host, HOSTILE_NAME) == 0)
		host = is_confined() ? "127.0.0.1" : "127.0.0.2";
	return __real_getaddrinfo(host, service, hints, ret_list);
}

static void who_took_the_lookup_over_reaches_no_other_process(void **state UNUSED)
{
	struct answer answer = {.port = 4723};
	char text[ADDRESS_TEXT_MAX];
	struct ev_loop *loop;

	if (SANITIZED) {
		print_message("a build with sanitizers does not enforce\n");
		skip();
	}
	loop = ev_loop_new(EVFLAG_AUTO);
	assert_non_null(
		resolve_start(loop, HOSTILE_NAME, 4723, &nobody, NULL, keep_answer, &answer));
	ev_run(loop, 0);
	assert_int_equal(answer.count, 1);
	assert_string_equal(address_text(&answer.first, text), "127.0.0.1");
	ev_loop_destroy(loop);
}

/* RFC 1035 2.3.4: a label has at most 63 octets; no server is asked for this one. */
static void impossible_name_gives_an_error(void **state UNUSED)
{
	struct ev_loop *loop = ev_loop_new(EVFLAG_AUTO);
	struct answer answer = {0};

	assert_non_null(resolve_start(
		loop,
		"a12345678901234567890123456789012345678901234567890123456789012345678.invalid", 1,
		&nobody, NULL, keep_answer, &answer));
	ev_run(loop, 0);
	assert_int_equal(answer.calls, 1);
	assert_int_equal(answer.count, 0);
	assert_true(answer.has_error);
	assert_no_child_is_left();
	ev_loop_destroy(loop);
}

static void cancelled_lookup_leaves_nothing(void **state UNUSED)
{
	struct ev_loop *loop = ev_loop_new(EVFLAG_AUTO);
	struct answer answer = {0};
	struct resolve *resolve =
		resolve_start(loop, "localhost", 1, &nobody, NULL, keep_answer, &answer);

	assert_non_null(resolve);
	resolve_cancel(resolve);
	ev_run(loop, 0); /* nothing is watched any more: returns at once */
	assert_int_equal(answer.calls, 0);
	assert_no_child_is_left();
	ev_loop_destroy(loop);
}

/* The lookup's process has read what a name server sent. */
static void only_sound_addresses_of_an_answer_are_believed(void **state UNUSED)
{
	struct resolve_answer answer = {.count = 5};
	struct address addresses[RESOLVE_MAX];
	const char *error;

	assert_true(resolve_numeric("203.0.113.10", 4723, &answer.addresses[0]));
	assert_true(resolve_numeric("2001:db8::1", 4723, &answer.addresses[1]));
	assert_true(resolve_numeric("203.0.113.11", 4723, &answer.addresses[2]));
	answer.addresses[2].len = 4000;
	assert_true(resolve_numeric("203.0.113.12", 22, &answer.addresses[3]));
	answer.addresses[4] = (struct address){.sa.sa_family = AF_UNIX, .len = 16};
	assert_int_equal(resolve_judge(&answer, 4723, addresses, &error), 2);
	assert_null(error);
	assert_true(address_same_host(&addresses[1], &answer.addresses[1]));
	answer.count = 0xffffffff;
	assert_int_equal(resolve_judge(&answer, 4723, addresses, &error), 2);
	answer.count = 0;
	assert_int_equal(resolve_judge(&answer, 4723, addresses, &error), 0);
	assert_non_null(error);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numeric_addresses_need_no_lookup),
		cmocka_unit_test(name_is_answered_by_a_child_that_is_reaped),
		cmocka_unit_test(who_took_the_lookup_over_reaches_no_other_process),
		cmocka_unit_test(impossible_name_gives_an_error),
		cmocka_unit_test(cancelled_lookup_leaves_nothing),
		cmocka_unit_test(only_sound_addresses_of_an_answer_are_believed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
