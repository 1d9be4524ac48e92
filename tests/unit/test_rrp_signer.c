// SPDX-License-Identifier: GPL-2.0-or-later
/* The signing helper: what it signs and for whom, and everything else, which it refuses. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pptpd/base/fdio.h"
#include "rrp/node_key.h"
#include "rrp/signer.h"
#include "rrp/signer_request.h"
#include "tests/unit/tls_world.h"

#define ED25519     0x0807
#define RSA_PKCS1   0x0401
#define CONTENT_LEN (64 + 33 + 1 + 32)

static struct tls_world *world;
static struct test_signer *signer; /* the world's first */

static int setup(void **state UNUSED)
{
	world = tls_world_new_empty();
	signer = &world->server_signer;
	assert_true(test_signer_start(signer, world->server_key, NULL));
	return 0;
}

static int teardown(void **state UNUSED)
{
	tls_world_free(world);
	return 0;
}

/* What a handshake with SHA-256 has that side sign; `hash_len` bytes of hash. */
static size_t write_content(uint8_t *out, const char *side, size_t hash_len)
{
	memset(out, ' ', 64);
	(void)snprintf((char *)out + 64, 34, "TLS 1.3, %s CertificateVerify", side);
	memset(out + 98, 0xab, hash_len);
	return 98 + hash_len;
}

static int new_channel(enum signer_role role, uint32_t uses)
{
	int channel;

	assert_int_equal(signer_link_channel(signer->control, role, uses, &channel), 0);
	return channel;
}

/*
 * Waits for a packet. The length, 0 when the channel is closed. What we said and nobody read makes
 * the kernel tell of a reset first, before what was said to us.
 */
static size_t hear(int channel, uint8_t packet[SIGNER_REPLY_MAX])
{
	struct pollfd fd = {.fd = channel, .events = POLLIN};
	ssize_t n;

	assert_int_equal(poll(&fd, 1, PATIENCE_MS), 1);
	n = recv(channel, packet, SIGNER_REPLY_MAX, 0);
	if (n < 0 && errno == ECONNRESET)
		n = recv(channel, packet, SIGNER_REPLY_MAX, 0);
	assert_true(n >= 0);
	return (size_t)n;
}

static enum signer_outcome outcome_of(int channel)
{
	static uint8_t packet[SIGNER_REPLY_MAX];
	struct signer_reply reply;

	assert_true(signer_reply_read(packet, hear(channel, packet), &reply));
	return reply.outcome;
}

static void assert_closed(int channel)
{
	static uint8_t packet[SIGNER_REPLY_MAX];

	assert_int_equal(hear(channel, packet), 0);
}

/* False when the channel is closed already. */
static bool try_to_ask(int channel, uint16_t scheme, const uint8_t *content, size_t len)
{
	const struct signer_request request = {
		.kind = SIGNER_SIGN,
		.scheme = scheme,
		.number = 5,
		.content = content,
		.content_len = len,
	};
	uint8_t packet[SIGNER_REQUEST_MAX];
	size_t used = signer_request_write(&request, packet);

	assert_int_not_equal(used, 0);
	return send(channel, packet, used, MSG_NOSIGNAL) == (ssize_t)used;
}

static void ask(int channel, uint16_t scheme, const uint8_t *content, size_t len)
{
	assert_true(try_to_ask(channel, scheme, content, len));
}

static void ask_properly(int channel, const char *side)
{
	uint8_t content[SIGNER_CONTENT_MAX];

	ask(channel, ED25519, content, write_content(content, side, 32));
}

/* Each side has its own words, whose length is the same. */
static void the_content_rule_is_exact(void **state UNUSED)
{
	uint8_t content[SIGNER_CONTENT_MAX + 16];
	size_t len = write_content(content, "server", 32);

	assert_int_equal(len, CONTENT_LEN);
	assert_true(signer_content_allowed(SIGNER_SERVER, content, len));
	assert_false(signer_content_allowed(SIGNER_CLIENT, content, len));
	assert_true(signer_content_allowed(SIGNER_SERVER, content, 98 + 48));
	for (size_t i = 0; i < 64 + 33 + 1; i++) {
		content[i] ^= 0x20;
		assert_false(signer_content_allowed(SIGNER_SERVER, content, len));
		content[i] ^= 0x20;
	}
	for (size_t i = 0; i <= sizeof(content); i++)
		assert_int_equal(signer_content_allowed(SIGNER_SERVER, content, i),
				 i == 98 + 32 || i == 98 + 48);
	content[64] = ' '; /* 65 spaces */
	(void)snprintf((char *)content + 65, 34, "TLS 1.3, server CertificateVerify");
	assert_false(signer_content_allowed(SIGNER_SERVER, content, len + 1));
	assert_false(signer_content_allowed(SIGNER_SERVER, content, len));
	(void)write_content(content, "client", 32);
	assert_true(signer_content_allowed(SIGNER_CLIENT, content, len));
	assert_false(signer_content_allowed((enum signer_role)0, content, len));
	assert_false(signer_content_allowed((enum signer_role)3, content, len));
}

static void a_signature_verifies_with_the_certificate(void **state UNUSED)
{
	static uint8_t packet[SIGNER_REPLY_MAX];
	char error[SIGNER_ERROR_MAX];
	uint8_t bytes[SIGNER_CONTENT_MAX];
	gnutls_datum_t content = {.data = bytes,
				  .size = (unsigned)write_content(bytes, "server", 32)};
	gnutls_datum_t signature;
	struct signer_reply reply;
	struct node_key key;
	gnutls_pubkey_t public;
	int channel = new_channel(SIGNER_SERVER, 1);

	ask(channel, ED25519, bytes, content.size);
	assert_true(signer_reply_read(packet, hear(channel, packet), &reply));
	assert_int_equal(reply.outcome, SIGNER_DONE);
	assert_int_equal(reply.number, 5);
	assert_true(node_key_load(world->server_key, NULL, &key, error));
	assert_true(node_id_equal(&key.id, &signer->id));
	assert_int_equal(gnutls_pubkey_init(&public), 0);
	assert_int_equal(gnutls_pubkey_import_privkey(public, key.private_key, 0, 0), 0);
	signature =
		(gnutls_datum_t){(unsigned char *)(uintptr_t)reply.body, (unsigned)reply.body_len};
	assert_true(gnutls_pubkey_verify_data2(public, GNUTLS_SIGN_EDDSA_ED25519, 0, &content,
					       &signature) >= 0);
	gnutls_pubkey_deinit(public);
	node_key_done(&key);
	close(channel);
}

static void the_last_use_closes_the_channel(void **state UNUSED)
{
	uint8_t content[SIGNER_CONTENT_MAX];
	size_t len = write_content(content, "server", 32);
	int channel = new_channel(SIGNER_SERVER, 2);

	ask_properly(channel, "server");
	assert_int_equal(outcome_of(channel), SIGNER_DONE);
	ask_properly(channel, "server");
	assert_int_equal(outcome_of(channel), SIGNER_DONE);
	assert_closed(channel);
	close(channel);
	channel = new_channel(SIGNER_SERVER, 1);
	ask(channel, ED25519, content, len); /* both before the first answer is read */
	(void)try_to_ask(channel, ED25519, content, len);
	assert_int_equal(outcome_of(channel), SIGNER_DONE);
	assert_closed(channel);
	close(channel);
}

static void a_channel_signs_for_its_side_only(void **state UNUSED)
{
	int server = new_channel(SIGNER_SERVER, 0);
	int client = new_channel(SIGNER_CLIENT, 0);

	ask_properly(server, "client");
	assert_int_equal(outcome_of(server), SIGNER_NOT_ALLOWED);
	assert_closed(server);
	ask_properly(client, "server");
	assert_int_equal(outcome_of(client), SIGNER_NOT_ALLOWED);
	assert_closed(client);
	close(server);
	close(client);
}

static void what_a_key_does_not_do_is_refused(void **state UNUSED)
{
	uint8_t content[SIGNER_CONTENT_MAX];
	size_t len = write_content(content, "server", 32);
	const uint16_t schemes[] = {0, RSA_PKCS1, 0x0403, 0x0804, 0xffff};
	int channel = new_channel(SIGNER_SERVER, 0);

	for (unsigned i = 0; i < ARRAY_SIZE(schemes); i++) {
		ask(channel, schemes[i], content, len);
		assert_int_equal(outcome_of(channel), SIGNER_CANNOT);
	}
	close(channel);
}

static void refuse_bytes(const void *bytes, size_t len)
{
	int channel = new_channel(SIGNER_SERVER, 0);

	assert_int_equal(send(channel, bytes, len, MSG_NOSIGNAL), len);
	assert_int_equal(outcome_of(channel), SIGNER_MALFORMED);
	assert_closed(channel);
	close(channel);
}

static void what_is_no_request_closes_the_channel(void **state UNUSED)
{
	uint8_t bytes[70000] = {0, 9}; /* no kind */

	refuse_bytes(bytes, 8);
	refuse_bytes(bytes, 1);
	bytes[1] = SIGNER_IDENTITY;
	refuse_bytes(bytes, 7);
	refuse_bytes(bytes, 9);
	bytes[1] = SIGNER_SIGN;
	refuse_bytes(bytes, SIGNER_REQUEST_MAX + 1);
	refuse_bytes(bytes, sizeof(bytes));
}

static void a_passed_descriptor_is_closed(void **state UNUSED)
{
	int channel = new_channel(SIGNER_SERVER, 0);
	uint8_t packet[] = {0, SIGNER_IDENTITY, 0, 0, 0, 0, 0, 1};
	struct pollfd fd = {.events = 0};
	int pipe_ends[2];

	assert_int_equal(pipe(pipe_ends), 0);
	assert_int_equal(fdio_send_message(channel, packet, sizeof(packet), pipe_ends[0]), 0);
	assert_int_equal(outcome_of(channel), SIGNER_DONE);
	close(pipe_ends[0]);
	fd.fd = pipe_ends[1];
	assert_int_equal(poll(&fd, 1, PATIENCE_MS), 1); /* the last reader is gone */
	assert_true(fd.revents & POLLERR);
	close(pipe_ends[1]);
	close(channel);
}

static void the_identity_is_told_once(void **state UNUSED)
{
	const uint8_t packet[] = {0, SIGNER_IDENTITY, 0, 0, 0, 0, 0, 1};
	int channel = new_channel(SIGNER_SERVER, 0);

	assert_int_equal(send(channel, packet, sizeof(packet), 0), sizeof(packet));
	assert_int_equal(outcome_of(channel), SIGNER_DONE);
	assert_int_equal(send(channel, packet, sizeof(packet), 0), sizeof(packet));
	assert_int_equal(outcome_of(channel), SIGNER_NOT_ALLOWED);
	assert_closed(channel);
	close(channel);
}

static void without_a_number_of_uses_there_is_a_rate(void **state UNUSED)
{
	int channel = new_channel(SIGNER_CLIENT, 0);
	enum signer_outcome outcome = SIGNER_DONE;
	unsigned signatures = 0;

	for (unsigned i = 0; i < 100 && outcome == SIGNER_DONE; i++) {
		ask_properly(channel, "client");
		outcome = outcome_of(channel);
		signatures += outcome == SIGNER_DONE;
	}
	assert_int_equal(outcome, SIGNER_TOO_OFTEN);
	assert_in_range(signatures, SIGNER_BURST, 99);
	ask_properly(channel, "client"); /* it is still there */
	(void)outcome_of(channel);
	close(channel);
}

static void many_channels_cost_the_oldest_unused_one(void **state UNUSED)
{
	int lasting = new_channel(SIGNER_CLIENT, 0);
	int old = new_channel(SIGNER_SERVER, 1);
	int others[512];

	for (unsigned i = 0; i < ARRAY_SIZE(others); i++) {
		while (signer_link_channel(signer->control, SIGNER_SERVER, 1, &others[i]) ==
		       -EAGAIN)
			(void)usleep(1000); /* the signer's turn */
	}
	assert_closed(old);
	ask_properly(others[511], "server");
	assert_int_equal(outcome_of(others[511]), SIGNER_DONE);
	ask_properly(lasting, "client");
	assert_int_equal(outcome_of(lasting), SIGNER_DONE);
	for (unsigned i = 0; i < ARRAY_SIZE(others); i++)
		close(others[i]);
	close(old);
	close(lasting);
}

static void a_role_that_there_is_not_gets_no_channel(void **state UNUSED)
{
	int channel = new_channel((enum signer_role)3, 1);

	assert_closed(channel);
	close(channel);
}

static int exit_status(void)
{
	int status = -1;

	assert_int_equal(waitpid(signer->pid, &status, 0), signer->pid);
	signer->pid = 0;
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void it_ends_with_its_owner(void **state UNUSED)
{
	int channel = new_channel(SIGNER_SERVER, 1);

	fdio_close(&signer->control);
	assert_closed(channel);
	assert_int_equal(exit_status(), 0);
	close(channel);
}

static void an_owner_that_says_nonsense_is_left(void **state UNUSED)
{
	assert_int_equal(send(signer->control, "abc", 3, MSG_NOSIGNAL), 3);
	assert_int_equal(exit_status(), 0);
	fdio_close(&signer->control);
}

static void a_bad_key_is_told_and_ends_it(void **state UNUSED)
{
	struct test_signer *other = &world->client_signer;

	assert_int_equal(chmod(world->server_key, 0644), 0);
	assert_false(test_signer_start(other, world->server_key, NULL));
	assert_says(other->error, "expected 0600");
	signer = other;
	assert_int_equal(exit_status(), 1);
	fdio_close(&other->control);
}

static void no_key_is_made_for_a_certificate_that_is_there(void **state UNUSED)
{
	struct test_signer *other = &world->client_signer;

	assert_false(test_signer_start(other, world->client_key, world->server_key));
	assert_says(other->error, "No such file");
	assert_int_equal(access(world->client_key, F_OK), -1);
}

static void read_status(char *text, size_t size)
{
	char path[64];
	FILE *file;
	size_t n;

	(void)snprintf(path, sizeof(path), "/proc/%d/status", (int)signer->pid);
	file = fopen(path, "r");
	assert_non_null(file);
	n = fread(text, 1, size - 1, file);
	text[n] = '\0';
	(void)fclose(file);
}

static void it_serves_without_any_privilege(void **state UNUSED)
{
	char text[4096];

	read_status(text, sizeof(text));
	assert_says(text, "\nCapEff:\t0000000000000000\n");
	assert_says(text, "\nCapPrm:\t0000000000000000\n");
	assert_says(text, "\nNoNewPrivs:\t1\n");
	assert_says(text, "\nSeccomp:\t2\n");
	assert_null(strstr(text, "\nUid:\t0"));
}

/* The same as a program of its own, which is given one descriptor. */
static void the_program_is_the_same(void **state UNUSED)
{
	struct signer_settings settings = {.uid = 65534, .gid = 65534};
	struct test_signer *other = &world->client_signer;
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	other->pid = fork();
	if (other->pid == 0) {
		(void)dup2(pair[1], SIGNER_CONTROL_FD);
		if (pair[1] != SIGNER_CONTROL_FD)
			close(pair[1]);
		if (pair[0] != SIGNER_CONTROL_FD)
			close(pair[0]);
		execl(RRP_SIGNER, "rrp-signer", (char *)NULL);
		_exit(127);
	}
	close(pair[1]);
	other->control = pair[0];
	(void)snprintf(settings.key_path, PATH_MAX, "%s", world->server_key);
	assert_int_equal(signer_link_start(other->control, &settings), 0);
	if (!signer_link_wait_ready(other->control, PATIENCE_MS, &other->id, other->error))
		fail_msg("%s", other->error);
	assert_true(node_id_equal(&other->id, &signer->id));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_content_rule_is_exact),
		TEST(a_signature_verifies_with_the_certificate),
		TEST(the_last_use_closes_the_channel),
		TEST(a_channel_signs_for_its_side_only),
		TEST(what_a_key_does_not_do_is_refused),
		TEST(what_is_no_request_closes_the_channel),
		TEST(a_passed_descriptor_is_closed),
		TEST(the_identity_is_told_once),
		TEST(without_a_number_of_uses_there_is_a_rate),
		TEST(many_channels_cost_the_oldest_unused_one),
		TEST(a_role_that_there_is_not_gets_no_channel),
		TEST(it_ends_with_its_owner),
		TEST(an_owner_that_says_nonsense_is_left),
		TEST(a_bad_key_is_told_and_ends_it),
		TEST(no_key_is_made_for_a_certificate_that_is_there),
		TEST(it_serves_without_any_privilege),
		TEST(the_program_is_the_same),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
