// SPDX-License-Identifier: GPL-2.0-or-later
/* The end that is not ours; see the header. */
#include "tests/unit/unit.h"

#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/tls_certificates.h"
#include "tests/unit/tls_raw.h"

#define good(call) assert_true((call) >= 0)

static void give_certificate(struct tls_raw *raw)
{
	const struct test_certificate_wish wish = {.host = "raw.example"};
	struct test_certificate made;

	test_certificate_make(&made, &wish);
	good(gnutls_certificate_set_x509_key(raw->credentials, &made.crt, 1, made.key));
	test_certificate_done(&made);
}

void tls_raw_init(struct tls_raw *raw, int fd, const struct tls_raw_wish *wish)
{
	const char *priority = wish->priority ? wish->priority : "NORMAL:-VERS-ALL:+VERS-TLS1.3";
	gnutls_datum_t protocol = {.data = (unsigned char *)(uintptr_t)wish->protocol};

	*raw = (struct tls_raw){.fd = fd, .result = GNUTLS_E_AGAIN};
	good(gnutls_init(&raw->session, GNUTLS_NONBLOCK |
						(wish->is_server ? GNUTLS_SERVER : GNUTLS_CLIENT) |
						(wish->one_key_share ? GNUTLS_KEY_SHARE_TOP : 0)));
	good(gnutls_certificate_allocate_credentials(&raw->credentials));
	if (!wish->no_certificate)
		give_certificate(raw);
	if (wish->is_server)
		gnutls_certificate_server_set_request(raw->session, GNUTLS_CERT_REQUIRE);
	good(gnutls_priority_set_direct(raw->session, priority, NULL));
	good(gnutls_credentials_set(raw->session, GNUTLS_CRD_CERTIFICATE, raw->credentials));
	if (wish->protocol) {
		protocol.size = (unsigned)strlen(wish->protocol);
		good(gnutls_alpn_set_protocols(raw->session, &protocol, 1, 0));
	}
	gnutls_transport_set_int(raw->session, fd);
}

void tls_raw_done(struct tls_raw *raw)
{
	gnutls_deinit(raw->session);
	gnutls_certificate_free_credentials(raw->credentials);
	close(raw->fd);
}

struct run {
	struct tls_raw *raw;
	const struct tls_end *end;
};

static bool step(void *context)
{
	const struct run *run = context;
	struct tls_raw *raw = run->raw;

	if (raw->result != GNUTLS_E_AGAIN)
		return run->end->is_over;
	raw->result = gnutls_handshake(raw->session);
	if (gnutls_error_is_fatal(raw->result) && raw->result != GNUTLS_E_FATAL_ALERT_RECEIVED)
		(void)gnutls_alert_send_appropriate(raw->session, raw->result);
	return run->end->is_over;
}

void tls_raw_run(struct tls_raw *raw, struct tls_world *world, const struct tls_end *end)
{
	struct run run = {.raw = raw, .end = end};

	assert_true(tls_world_run_until(world, step, &run));
}

gnutls_alert_description_t tls_raw_alert(struct tls_raw *raw)
{
	uint8_t byte;
	ssize_t n = raw->result;

	if (n == GNUTLS_E_AGAIN)
		n = gnutls_handshake(raw->session);
	if (n == 0)
		n = gnutls_record_recv(raw->session, &byte, sizeof(byte));
	assert_int_equal(n, GNUTLS_E_FATAL_ALERT_RECEIVED);
	return gnutls_alert_get(raw->session);
}
