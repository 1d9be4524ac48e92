// SPDX-License-Identifier: GPL-2.0-or-later
/* Handshakes: who comes in, and what the others are told, at either end. */
#include "tests/unit/unit.h"

#include <gnutls/gnutls.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pptpd/base/fdio.h"
#include "tests/unit/tls_certificates.h"
#include "tests/unit/tls_raw.h"
#include "tests/unit/tls_world.h"

static void both_ends_prove_who_they_are(void **state UNUSED)
{
	struct tls_world *world = tls_world_new();

	tls_world_join(world);
	assert_memory_equal(&world->client.peer.id, &world->server_signer.id, NODE_ID_LEN);
	assert_memory_equal(&world->server.peer.id, &world->client_signer.id, NODE_ID_LEN);
	assert_int_equal(world->server.peer.purpose, TLS_TUNNEL);
	assert_memory_equal(tls_identity_id(world->server_identity), &world->server_signer.id,
			    NODE_ID_LEN);
	assert_non_null(world->client.peer.cipher);
	tls_world_free(world);
}

static void the_purpose_is_told_by_alpn(void **state UNUSED)
{
	struct tls_world *world = tls_world_new();

	world->purpose = TLS_ENROL;
	tls_world_join(world);
	assert_int_equal(world->server.peer.purpose, TLS_ENROL);
	assert_int_equal(world->client.peer.purpose, TLS_ENROL);
	tls_world_free(world);
}

static void a_wrong_pin_is_told_at_both_ends(void **state UNUSED)
{
	char text[NODE_ID_TEXT_LEN + 1];
	struct tls_world *world = tls_world_new();

	world->expect.pin = world->client_signer.id;
	tls_world_meet(world);
	assert_says(world->client.failed, "not the one that is pinned: expected node ID ");
	assert_says(world->client.failed, node_id_text(&world->client_signer.id, text));
	assert_says(world->client.failed, node_id_text(&world->server_signer.id, text));
	assert_says(world->server.failed, "it expects another server than this one");
	assert_says(world->server.failed, node_id_text(&world->server_signer.id, text));
	tls_world_free(world);
}

void __real_gnutls_session_set_verify_function(gnutls_session_t session,
					       gnutls_certificate_verify_function *function);
void __wrap_gnutls_session_set_verify_function(gnutls_session_t session,
					       gnutls_certificate_verify_function *function);

/* As a library would that forgets to ask whether a certificate is good. */
static bool nobody_asks;

void __wrap_gnutls_session_set_verify_function(gnutls_session_t session,
					       gnutls_certificate_verify_function *function)
{
	if (!nobody_asks)
		__real_gnutls_session_set_verify_function(session, function);
}

static void a_peer_that_was_not_checked_does_not_come_in(void **state UNUSED)
{
	struct tls_world *world = tls_world_new();

	nobody_asks = true;
	tls_world_meet(world);
	nobody_asks = false;
	assert_says(world->client.failed, "the server showed no certificate");
	assert_null(world->server.stream);
	tls_world_free(world);
}

static void assert_is_sent_at_once(int fd)
{
	socklen_t len = sizeof(int);
	int no_delay = 0;

	assert_int_equal(getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &no_delay, &len), 0);
	assert_true(no_delay);
}

/* Else its small writes would wait for each other's acknowledgement. */
static void no_part_of_a_handshake_waits_for_an_acknowledgement(void **state UNUSED)
{
	struct tls_world *world = tls_world_new();
	int fds[2];

	tls_world_tcp(fds);
	tls_world_connect(world, fds[0]);
	tls_world_serve(world, fds[1]);
	assert_is_sent_at_once(fds[0]);
	assert_is_sent_at_once(fds[1]);
	tls_world_free(world);
}

/* With a raw end in place of the client; returns the alert that it got, and whether it saw the
 * certificate. */
static gnutls_alert_description_t serve_raw(const struct tls_raw_wish *wish, const char *text,
					    bool *ret_showed_certificate)
{
	struct tls_world *world = tls_world_new();
	gnutls_alert_description_t alert;
	struct tls_raw raw;
	int fds[2];

	tls_world_tcp(fds);
	tls_raw_init(&raw, fds[0], wish);
	tls_world_serve(world, fds[1]);
	tls_raw_run(&raw, world, &world->server);
	assert_says(world->server.failed, text);
	alert = tls_raw_alert(&raw);
	*ret_showed_certificate = gnutls_certificate_get_peers(raw.session, NULL) != NULL;
	tls_raw_done(&raw);
	tls_world_free(world);
	return alert;
}

/* With a raw end in place of the server. */
static gnutls_alert_description_t connect_to_raw(const struct tls_raw_wish *wish, const char *text,
						 bool is_told)
{
	struct tls_world *world = tls_world_new();
	gnutls_alert_description_t alert = 0;
	struct tls_raw raw;
	int fds[2];

	tls_world_tcp(fds);
	tls_raw_init(&raw, fds[1], wish);
	tls_world_connect(world, fds[0]);
	tls_raw_run(&raw, world, &world->client);
	assert_says(world->client.failed, text);
	if (is_told)
		alert = tls_raw_alert(&raw);
	tls_raw_done(&raw);
	tls_world_free(world);
	return alert;
}

static void a_client_without_certificate_is_refused(void **state UNUSED)
{
	const struct tls_raw_wish wish = {.no_certificate = true, .protocol = "rrp/1"};
	bool showed;

	assert_int_equal(serve_raw(&wish, "showed no certificate", &showed),
			 GNUTLS_A_CERTIFICATE_REQUIRED);
}

static void older_tls_is_refused_by_the_server(void **state UNUSED)
{
	const struct tls_raw_wish wish = {.priority = "NORMAL:-VERS-ALL:+VERS-TLS1.2",
					  .protocol = "rrp/1"};
	bool showed;

	assert_int_equal(serve_raw(&wish, "does not offer TLS 1.3", &showed),
			 GNUTLS_A_PROTOCOL_VERSION);
}

static void older_tls_is_refused_by_the_client(void **state UNUSED)
{
	const struct tls_raw_wish wish = {.is_server = true,
					  .priority = "NORMAL:-VERS-ALL:+VERS-TLS1.2",
					  .protocol = "rrp/1"};

	(void)connect_to_raw(&wish, "does no TLS 1.3", false);
}

static void ciphers_that_are_not_used_are_refused(void **state UNUSED)
{
	const struct tls_raw_wish wish = {
		.priority = "NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+AES-128-CCM",
		.protocol = "rrp/1"};
	bool showed;

	assert_int_equal(serve_raw(&wish, "none of the ciphers", &showed),
			 GNUTLS_A_HANDSHAKE_FAILURE);
}

static void another_protocol_does_not_see_the_certificate(void **state UNUSED)
{
	const struct tls_raw_wish other = {.protocol = "http/1.1"};
	const struct tls_raw_wish none = {.protocol = NULL};
	bool showed;

	assert_int_equal(serve_raw(&other, "did not ask for the tunnel's protocol", &showed),
			 GNUTLS_A_NO_APPLICATION_PROTOCOL);
	assert_false(showed);
	assert_int_equal(serve_raw(&none, "did not ask for the tunnel's protocol", &showed),
			 GNUTLS_A_NO_APPLICATION_PROTOCOL);
	assert_false(showed);
}

static void a_server_of_another_protocol_does_not_see_the_clients(void **state UNUSED)
{
	const struct tls_raw_wish none = {.is_server = true, .protocol = NULL};

	assert_int_equal(connect_to_raw(&none, "does not do the tunnel's protocol", true),
			 GNUTLS_A_NO_APPLICATION_PROTOCOL);
}

/* It has a certificate, but not our pin's. */
static void a_strange_server_is_refused_by_its_pin(void **state UNUSED)
{
	const struct tls_raw_wish wish = {.is_server = true, .protocol = "rrp/1"};

	assert_int_equal(connect_to_raw(&wish, "not the one that is pinned", true),
			 GNUTLS_A_CERTIFICATE_UNKNOWN);
}

/* Bytes in place of the client's, and how the server takes them. */
static void serve_bytes(const void *bytes, size_t len, bool close_it, const char *text)
{
	struct tls_world *world = tls_world_new();
	int fds[2];

	tls_world_tcp(fds);
	assert_int_equal(send(fds[0], bytes, len, 0), len);
	if (close_it)
		fdio_close(&fds[0]);
	world->timeout_s = 1;
	tls_world_serve(world, fds[1]);
	tls_world_run(world, &world->server);
	assert_says(world->server.failed, text);
	fdio_close(&fds[0]);
	tls_world_free(world);
}

static void what_is_not_tls_is_refused_at_once(void **state UNUSED)
{
	const uint8_t hello[] = {1, 0, 0, 45, 0, 0, 0, 0, 0x52, 0x52, 0x50, 0xb1};

	serve_bytes("GET / HTTP/1.1\r\n\r\n", 18, false, "what it says is not TLS");
	serve_bytes("\x16\x47", 2, false, "what it says is not TLS");
	serve_bytes(hello, sizeof(hello), false, "`security plain`");
}

static void a_record_that_is_none_is_refused_at_once(void **state UNUSED)
{
	const uint8_t long_one[] = {22, 3, 1, 0xff, 0xff, 1};
	const uint8_t nonsense[] = {22, 3, 1, 0, 4, 99, 0, 0, 0};

	serve_bytes(long_one, sizeof(long_one), false, "not TLS");
	serve_bytes(nonsense, sizeof(nonsense), false, "nexpected");
}

static void silence_has_an_end(void **state UNUSED)
{
	serve_bytes("", 0, false, "it said nothing within 1 seconds");
	serve_bytes("\x16\x03\x01", 3, false, "it said not enough within 1 seconds");
}

static void a_closed_connection_is_told_as_that(void **state UNUSED)
{
	serve_bytes("", 0, true, "closed the connection in the middle");
	serve_bytes("\x16\x03\x01\x02", 4, true, "closed the connection in the middle");
}

/* Bytes in place of the server's, without a server. */
static void connect_to_bytes(const char *bytes, const char *text)
{
	struct tls_world *world = tls_world_new();
	int fds[2];

	tls_world_tcp(fds);
	assert_int_equal(send(fds[1], bytes, strlen(bytes), 0), strlen(bytes));
	world->timeout_s = 1;
	tls_world_connect(world, fds[0]);
	tls_world_run(world, &world->client);
	assert_says(world->client.failed, text);
	close(fds[1]);
	tls_world_free(world);
}

static void a_server_that_is_none_is_told_as_that(void **state UNUSED)
{
	connect_to_bytes("SSH-2.0-OpenSSH\r\n", "what the server says is not TLS");
	connect_to_bytes("", "the server said nothing within 1 seconds");
}

static void a_handshake_may_be_freed_at_any_time(void **state UNUSED)
{
	for (unsigned steps = 0; steps < 6; steps++) {
		struct tls_world *world = tls_world_new();
		int fds[2];

		tls_world_pair(fds);
		tls_world_connect(world, fds[0]);
		tls_world_serve(world, fds[1]);
		for (unsigned i = 0; i < steps; i++)
			ev_run(world->loop, EVRUN_NOWAIT);
		tls_world_free(world);
	}
}

static void one_identity_serves_one_handshake_after_the_other(void **state UNUSED)
{
	struct tls_world *world = tls_world_new();

	for (unsigned i = 0; i < 3; i++) {
		tls_world_join(world);
		world->client.stream->ops->free(world->client.stream);
		world->server.stream->ops->free(world->server.stream);
		world->client = world->server = (struct tls_end){0};
	}
	tls_world_free(world);
}

static void a_used_up_channel_fails_the_handshake(void **state UNUSED)
{
	struct tls_world *world = tls_world_new();

	tls_identity_free(world->server_identity);
	world->server_identity = tls_world_identity(&world->server_signer, SIGNER_SERVER, 1);
	tls_world_join(world);
	world->client.stream->ops->free(world->client.stream);
	world->server.stream->ops->free(world->server.stream);
	world->client = world->server = (struct tls_end){0};
	tls_world_meet(world);
	assert_says(world->server.failed, "our own trouble: the signer has ended, or closed");
	assert_says(world->client.failed, "the server has trouble of its own");
	tls_world_free(world);
}

static void a_signer_that_does_not_answer_fails_the_handshake(void **state UNUSED)
{
	struct tls_world *world = tls_world_new();

	assert_int_equal(kill(world->client_signer.pid, SIGSTOP), 0);
	tls_world_meet(world);
	assert_says(world->client.failed, "our own trouble: the signer does not answer");
	assert_says(world->server.failed, "it has trouble of its own");
	/* Its late reply is not taken for that to the next request. */
	assert_int_equal(kill(world->client_signer.pid, SIGCONT), 0);
	world->client = world->server = (struct tls_end){0};
	tls_world_join(world);
	tls_world_free(world);
}

static void a_channel_for_the_other_side_signs_nothing(void **state UNUSED)
{
	struct tls_world *world = tls_world_new();

	tls_identity_free(world->server_identity);
	world->server_identity = tls_world_identity(&world->server_signer, SIGNER_CLIENT, 0);
	tls_world_meet(world);
	assert_says(world->server.failed, "not what the process may have signed");
	tls_world_free(world);
}

static void an_identity_needs_a_signer(void **state UNUSED)
{
	char error[TLS_ERROR_MAX];
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, pair), 0);
	close(pair[1]);
	assert_null(tls_identity_new(pair[0], error));
	assert_says(error, "the signer has ended");
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, pair), 0);
	assert_null(tls_identity_new(pair[0], error));
	assert_says(error, "the signer does not answer");
	close(pair[1]);
}

/* A server with a certificate of an authority, whose key may be weak, and a client that trusts it.
 */
static struct tls_world *certified_by(unsigned rsa_bits, const struct test_certificate_wish *wish)
{
	struct tls_world *world = tls_world_new_empty();
	const char *certificate = tls_world_path(world, "server.pem");
	const char *authority = tls_world_path(world, "ca.pem");
	const struct test_certificate_wish root = {.from = -1000000000,
						   .until = 1000000000,
						   .kind = rsa_bits ? GNUTLS_PK_RSA : 0,
						   .bits = rsa_bits};
	struct test_certificate_wish leaf = *wish;
	struct test_certificate ca, server;
	char error[TLS_ERROR_MAX];

	test_certificate_make(&ca, &root);
	leaf.issuer = &ca;
	test_certificate_make(&server, &leaf);
	test_certificate_write_key(&server, world->server_key);
	test_certificate_write(&server, certificate);
	test_certificate_write(&ca, authority);
	test_certificate_done(&ca);
	test_certificate_done(&server);
	(void)tls_world_new_certified(world, world->server_key, certificate);
	world->expect.anchors = tls_anchors_new(authority, error);
	if (!world->expect.anchors)
		fail_msg("%s", error);
	world->expect.pinned = false;
	world->expect.host = "rrp.example";
	return world;
}

static struct tls_world *certified(const struct test_certificate_wish *wish)
{
	return certified_by(0, wish);
}

static void free_certified(struct tls_world *world)
{
	tls_anchors_free((struct tls_anchors *)(uintptr_t)world->expect.anchors);
	tls_world_free(world);
}

static void a_certificate_of_a_trusted_authority_is_accepted(void **state UNUSED)
{
	const struct test_certificate_wish wish = {.host = "rrp.example"};
	struct tls_world *world = certified(&wish);

	tls_world_join(world);
	assert_memory_equal(&world->client.peer.id, &world->server_signer.id, NODE_ID_LEN);
	free_certified(world);
}

/* Whoever computes such an authority's key makes certificates that are as good as the true one. */
static void a_weak_key_in_the_chain_is_told_at_both_ends(void **state UNUSED)
{
	const struct test_certificate_wish strong = {.host = "rrp.example"};
	const struct test_certificate_wish weak = {
		.host = "rrp.example", .kind = GNUTLS_PK_RSA, .bits = 1024};
	struct tls_world *world = certified_by(1024, &strong);

	tls_world_meet(world);
	assert_says(world->client.failed, "too weak: RSA needs 2048 bits");
	assert_says(world->server.failed, "too weak");
	free_certified(world);
	world = certified_by(0, &weak);
	tls_world_meet(world);
	assert_says(world->client.failed, "too weak: RSA needs 2048 bits");
	free_certified(world);
	world = certified_by(2048, &strong);
	tls_world_join(world);
	free_certified(world);
}

static void a_certificate_may_be_for_an_address(void **state UNUSED)
{
	const struct test_certificate_wish wish = {.host = "192.0.2.1"};
	struct tls_world *world = certified(&wish);

	world->expect.host = "192.0.2.1";
	tls_world_join(world);
	free_certified(world);
	world = certified(&wish);
	world->expect.host = "192.0.2.2";
	tls_world_meet(world);
	assert_says(world->client.failed, "is not for the name 192.0.2.2");
	free_certified(world);
}

static void keys_of_other_kinds_sign_too(void **state UNUSED)
{
	const struct test_certificate_wish wishes[] = {
		{.host = "rrp.example", .kind = GNUTLS_PK_RSA, .bits = 2048},
		{.host = "rrp.example",
		 .kind = GNUTLS_PK_ECDSA,
		 .bits = GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1)},
		{.host = "rrp.example",
		 .kind = GNUTLS_PK_ECDSA,
		 .bits = GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP384R1)},
	};

	for (unsigned i = 0; i < ARRAY_SIZE(wishes); i++) {
		struct tls_world *world = certified(&wishes[i]);

		tls_world_join(world);
		free_certified(world);
	}
}

/* The server asks for another key share, so that there are two hellos of the client. */
static void keys_of_other_kinds_sign_after_a_retry(void **state UNUSED)
{
	const struct test_certificate_wish wish = {
		.host = "rrp.example", .kind = GNUTLS_PK_RSA, .bits = 2048};
	const struct tls_raw_wish raw_wish = {
		.priority = "NORMAL:-VERS-ALL:+VERS-TLS1.3:-GROUP-ALL:+GROUP-FFDHE2048:"
			    "+GROUP-X25519:-CIPHER-ALL:+AES-256-GCM",
		.one_key_share = true,
		.protocol = "rrp/1"};
	struct tls_world *world = certified(&wish);
	struct tls_raw raw;
	int fds[2];

	tls_world_tcp(fds);
	tls_raw_init(&raw, fds[0], &raw_wish);
	tls_world_serve(world, fds[1]);
	tls_raw_run(&raw, world, &world->server);
	if (!world->server.stream)
		fail_msg("%s", world->server.failed);
	tls_raw_done(&raw);
	free_certified(world);
}

static void an_expired_certificate_is_told_with_its_date(void **state UNUSED)
{
	const struct test_certificate_wish wish = {
		.host = "rrp.example", .from = -900000000, .until = -800000000};
	struct tls_world *world = certified(&wish);

	tls_world_meet(world);
	assert_says(world->client.failed, "the server's certificate expired ");
	assert_says(world->client.failed, " UTC, and it is 2");
	assert_says(world->client.failed, "by this host's clock");
	assert_says(world->server.failed, "it finds our certificate's dates wrong");
	free_certified(world);
}

static void a_certificate_of_the_future_is_told_with_its_date(void **state UNUSED)
{
	const struct test_certificate_wish wish = {
		.host = "rrp.example", .from = 800000000, .until = 900000000};
	struct tls_world *world = certified(&wish);

	tls_world_meet(world);
	assert_says(world->client.failed, "is not valid before ");
	assert_says(world->client.failed, "set the clock, or use a pin");
	free_certified(world);
}

static void with_a_pin_dates_and_names_do_not_matter(void **state UNUSED)
{
	const struct test_certificate_wish wishes[] = {
		{.host = "a.example", .from = 800000000, .until = 900000000},
		{.host = "b.example", .from = -900000000, .until = -800000000},
	};

	for (unsigned i = 0; i < ARRAY_SIZE(wishes); i++) {
		struct tls_world *world = certified(&wishes[i]);

		world->expect.pinned = true;
		tls_world_join(world);
		free_certified(world);
	}
}

static void a_certificate_for_another_name_is_refused(void **state UNUSED)
{
	const struct test_certificate_wish wish = {.host = "other.example"};
	struct tls_world *world = certified(&wish);

	tls_world_meet(world);
	assert_says(world->client.failed, "is not for the name rrp.example");
	assert_says(world->server.failed, "asked for another host name");
	free_certified(world);
}

static void an_authority_that_is_not_trusted_is_told_at_both_ends(void **state UNUSED)
{
	const struct test_certificate_wish wish = {.host = "rrp.example"};
	struct tls_world *world = certified(&wish), *other = certified(&wish);
	const struct tls_anchors *theirs = other->expect.anchors;

	other->expect.anchors = world->expect.anchors;
	world->expect.anchors = theirs;
	tls_world_meet(world);
	assert_says(world->client.failed, "of no authority that is trusted here");
	assert_says(world->server.failed, "does not trust the authority of our certificate");
	free_certified(world);
	free_certified(other);
}

static void a_self_made_certificate_is_not_enough_without_a_pin(void **state UNUSED)
{
	const struct test_certificate_wish wish = {.host = "rrp.example"};
	struct tls_world *world = tls_world_new(), *other = certified(&wish);

	world->expect = other->expect;
	tls_world_meet(world);
	assert_says(world->client.failed, "of no authority that is trusted here");
	free_certified(other);
	tls_world_free(world);
}

static void a_file_without_authorities_is_refused(void **state UNUSED)
{
	struct tls_world *world = tls_world_new();
	char error[TLS_ERROR_MAX];

	assert_null(tls_anchors_new(tls_world_path(world, "none.pem"), error));
	assert_says(error, "none.pem: No such file");
	assert_null(tls_anchors_new(world->client_key, error));
	assert_says(error, "no certificate of an authority");
	tls_world_free(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_ends_prove_who_they_are),
		cmocka_unit_test(the_purpose_is_told_by_alpn),
		cmocka_unit_test(a_wrong_pin_is_told_at_both_ends),
		cmocka_unit_test(a_peer_that_was_not_checked_does_not_come_in),
		cmocka_unit_test(no_part_of_a_handshake_waits_for_an_acknowledgement),
		cmocka_unit_test(a_client_without_certificate_is_refused),
		cmocka_unit_test(older_tls_is_refused_by_the_server),
		cmocka_unit_test(older_tls_is_refused_by_the_client),
		cmocka_unit_test(ciphers_that_are_not_used_are_refused),
		cmocka_unit_test(another_protocol_does_not_see_the_certificate),
		cmocka_unit_test(a_server_of_another_protocol_does_not_see_the_clients),
		cmocka_unit_test(a_strange_server_is_refused_by_its_pin),
		cmocka_unit_test(what_is_not_tls_is_refused_at_once),
		cmocka_unit_test(a_record_that_is_none_is_refused_at_once),
		cmocka_unit_test(silence_has_an_end),
		cmocka_unit_test(a_closed_connection_is_told_as_that),
		cmocka_unit_test(a_server_that_is_none_is_told_as_that),
		cmocka_unit_test(a_handshake_may_be_freed_at_any_time),
		cmocka_unit_test(one_identity_serves_one_handshake_after_the_other),
		cmocka_unit_test(a_used_up_channel_fails_the_handshake),
		cmocka_unit_test(a_signer_that_does_not_answer_fails_the_handshake),
		cmocka_unit_test(a_channel_for_the_other_side_signs_nothing),
		cmocka_unit_test(an_identity_needs_a_signer),
		cmocka_unit_test(a_certificate_of_a_trusted_authority_is_accepted),
		cmocka_unit_test(a_weak_key_in_the_chain_is_told_at_both_ends),
		cmocka_unit_test(a_certificate_may_be_for_an_address),
		cmocka_unit_test(keys_of_other_kinds_sign_too),
		cmocka_unit_test(keys_of_other_kinds_sign_after_a_retry),
		cmocka_unit_test(an_expired_certificate_is_told_with_its_date),
		cmocka_unit_test(a_certificate_of_the_future_is_told_with_its_date),
		cmocka_unit_test(with_a_pin_dates_and_names_do_not_matter),
		cmocka_unit_test(a_certificate_for_another_name_is_refused),
		cmocka_unit_test(an_authority_that_is_not_trusted_is_told_at_both_ends),
		cmocka_unit_test(a_self_made_certificate_is_not_enough_without_a_pin),
		cmocka_unit_test(a_file_without_authorities_is_refused),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
