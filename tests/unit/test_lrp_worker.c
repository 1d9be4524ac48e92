/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The order of the worker's start. Takes the place of the identity. Needs root; skipped without. */
#include "tests/unit/unit.h"

#include <sys/socket.h>
#include <unistd.h>

#include "lrp/worker.h"
#include "rrp/tls.h"
#include "tests/unit/confined_child.h"

/* An account that need not exist. */
#define TEST_ID 64125

struct tls_identity *__wrap_tls_identity_new(int channel, char ret_error[TLS_ERROR_MAX]);

/* Where a real one would read what the signer says. */
struct tls_identity *__wrap_tls_identity_new(int channel UNUSED,
					     char ret_error[TLS_ERROR_MAX] UNUSED)
{
	_exit(geteuid() == TEST_ID && getegid() == TEST_ID ? 0 : 1);
}

static int run_worker(void *context UNUSED)
{
	const struct lrp_conf conf = {.security = LRP_SECURITY_TLS};
	int link[2], signer[2];
	struct worker_settings settings = {
		.conf = &conf,
		.sockets = {.listener = -1, .raw_gre = -1},
		.account = {.uid = TEST_ID, .gid = TEST_ID},
		.parent = getppid(),
	};

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, link) != 0 ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, signer) != 0)
		return 2;
	settings.link = link[0];
	settings.signer = signer[0];
	return 10 + worker_run(&settings);
}

/* A signer that was taken over answers with a certificate of its choice. */
static void the_signers_answer_is_not_read_as_root(void **state UNUSED)
{
	if (geteuid() != 0) {
		print_message("needs root\n");
		skip();
	}
	assert_int_equal(child_run(run_worker, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_signers_answer_is_not_read_as_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
