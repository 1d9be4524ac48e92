// SPDX-License-Identifier: GPL-2.0-or-later
/* A TLS session over a socket, with all that it agrees to fixed; and who the other end is. */
#include "rrp/tls_private.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "pptpd/base/bytes.h"
#include "pptpd/base/util.h"
#include "rrp/node_key.h"

/* Longest handshake message of a peer: its certificates, which are this long at most. */
#define HANDSHAKE_MESSAGE_MAX (32 * 1024)

/* RFC 8446 4.2 and 4.2.1 */
#define SUPPORTED_VERSIONS 43
#define TLS_1_3            0x0304

/* Reads from a socket that is to be closed. */
#define DRAIN_READS_MAX 16

static const char *const protocols[] = {
	[TLS_TUNNEL] = "rrp/1",
	[TLS_ENROL] = "rrp-enrol/1",
};

static gnutls_datum_t protocol_datum(enum tls_purpose purpose)
{
	return (gnutls_datum_t){
		.data = (unsigned char *)(uintptr_t)protocols[purpose],
		.size = (unsigned)strlen(protocols[purpose]),
	};
}

/* What both agreed on by ALPN; false if on nothing. */
static bool read_purpose(gnutls_session_t session, enum tls_purpose *ret_purpose)
{
	gnutls_datum_t selected;

	if (gnutls_alpn_get_selected_protocol(session, &selected) < 0)
		return false;
	for (unsigned i = 0; i < ARRAY_SIZE(protocols); i++) {
		gnutls_datum_t known = protocol_datum((enum tls_purpose)i);

		if (known.size == selected.size &&
		    memcmp(known.data, selected.data, known.size) == 0) {
			*ret_purpose = (enum tls_purpose)i;
			return true;
		}
	}
	return false;
}

static int refuse_protocol(struct tls_link *link)
{
	link->fault = TLS_FAULT_ALPN;
	link->alert = GNUTLS_A_NO_APPLICATION_PROTOCOL;
	return GNUTLS_E_NO_APPLICATION_PROTOCOL;
}

/* RFC 8446 4.2.1; `context` becomes true if TLS 1.3 is among the versions. */
static int on_extension(void *context, unsigned number, const unsigned char *data, unsigned len)
{
	struct byte_reader in = rd_init(data, len);
	bool *is_offered = context;

	if (number != SUPPORTED_VERSIONS)
		return 0;
	rd_skip(&in, 1); /* the length of what follows */
	while (rd_left(&in) >= 2)
		*is_offered |= rd_u16(&in) == TLS_1_3;
	return 0;
}

/* A client that cannot do TLS 1.3 is told that, before GnuTLS finds no cipher for it. */
static int check_version(struct tls_link *link, const gnutls_datum_t *hello)
{
	bool is_offered = false;
	int error = gnutls_ext_raw_parse(&is_offered, on_extension, hello,
					 GNUTLS_EXT_RAW_FLAG_TLS_CLIENT_HELLO);

	if (error < 0 || is_offered)
		return MIN(error, 0);
	link->fault = TLS_FAULT_VERSION;
	link->alert = GNUTLS_A_PROTOCOL_VERSION;
	return GNUTLS_E_UNSUPPORTED_VERSION_PACKET;
}

/*
 * Each message, when GnuTLS has it in its hands and when it is done with it. A client that asks for
 * none of our protocols does not even get to see our certificate.
 */
static int on_message(gnutls_session_t session, unsigned type, unsigned when,
		      unsigned incoming UNUSED, const gnutls_datum_t *message)
{
	struct tls_link *link = gnutls_session_get_ptr(session);
	bool is_hello = type == GNUTLS_HANDSHAKE_CLIENT_HELLO;

	if (when == GNUTLS_HOOK_POST && is_hello)
		return read_purpose(session, &link->purpose) ? 0 : refuse_protocol(link);
	if (when == GNUTLS_HOOK_POST)
		return 0;
	if (link->transcript.hashes[0])
		tls_transcript_add(&link->transcript, type, message);
	return is_hello ? check_version(link, message) : 0;
}

/* The other has shown its certificate, and proven to have the key of it. */
static int on_certificate(gnutls_session_t session)
{
	struct tls_link *link = gnutls_session_get_ptr(session);
	unsigned count = 0;
	const gnutls_datum_t *chain = gnutls_certificate_get_peers(session, &count);
	enum tls_purpose purpose;

	if (!read_purpose(session, &purpose) || purpose != link->purpose)
		return refuse_protocol(link);
	if (!chain || count == 0 || !node_key_certificate_id(&chain[0], &link->peer)) {
		link->fault = TLS_FAULT_PEER;
		link->alert = GNUTLS_A_BAD_CERTIFICATE;
		(void)snprintf(link->text, sizeof(link->text), "its certificate cannot be read");
		return GNUTLS_E_CERTIFICATE_ERROR;
	}
	if (link->expect && !tls_check_server(link, chain, count))
		return GNUTLS_E_CERTIFICATE_ERROR;
	link->is_proven = true;
	return 0;
}

static int set_up_client(struct tls_link *link)
{
	const char *host = link->expect->pinned ? NULL : link->expect->host;
	gnutls_datum_t protocol = protocol_datum(link->purpose);
	struct in6_addr address;
	int error = gnutls_alpn_set_protocols(link->session, &protocol, 1, GNUTLS_ALPN_MANDATORY);

	/* Only names (RFC 6066 3), and only where the server may need it: they are not secret. */
	if (!error && host && inet_pton(AF_INET, host, &address) != 1 &&
	    inet_pton(AF_INET6, host, &address) != 1)
		error = gnutls_server_name_set(link->session, GNUTLS_NAME_DNS, host, strlen(host));
	return error;
}

/* Other keys are given the whole content, not its hash. */
static bool needs_transcript(const struct tls_identity *identity)
{
	return identity->key_kind != GNUTLS_PK_EDDSA_ED25519 &&
	       identity->key_kind != GNUTLS_PK_EDDSA_ED448;
}

static int set_up_server(struct tls_link *link)
{
	gnutls_datum_t both[] = {protocol_datum(TLS_TUNNEL), protocol_datum(TLS_ENROL)};

	gnutls_certificate_server_set_request(link->session, GNUTLS_CERT_REQUIRE);
	gnutls_handshake_set_hook_function(link->session, GNUTLS_HANDSHAKE_ANY, GNUTLS_HOOK_BOTH,
					   on_message);
	if (needs_transcript(link->identity) && !tls_transcript_init(&link->transcript))
		return GNUTLS_E_MEMORY_ERROR;
	return gnutls_alpn_set_protocols(link->session, both, ARRAY_SIZE(both),
					 GNUTLS_ALPN_MANDATORY);
}

static int set_up(struct tls_link *link)
{
	const struct tls_identity *identity = link->identity;
	int error = gnutls_priority_set(link->session, identity->priority);

	if (!error)
		error = gnutls_credentials_set(link->session, GNUTLS_CRD_CERTIFICATE,
					       identity->credentials);
	gnutls_session_set_ptr(link->session, link);
	gnutls_session_set_verify_function(link->session, on_certificate);
	gnutls_handshake_set_max_packet_length(link->session, HANDSHAKE_MESSAGE_MAX);
	/* The handshake has a deadline of the loop's, not one of GnuTLS's own. */
	gnutls_handshake_set_timeout(link->session, GNUTLS_INDEFINITE_TIMEOUT);
	tls_wire_attach(&link->wire, link->session);
	if (error)
		return error;
	return link->is_client ? set_up_client(link) : set_up_server(link);
}

struct tls_link *tls_link_new(int fd, const struct tls_handshake_settings *settings)
{
	struct tls_link *link = calloc(1, sizeof(*link));
	unsigned flags = GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL | GNUTLS_NO_TICKETS;

	if (!link)
		return NULL;
	link->is_client = settings->expect != NULL;
	link->identity = settings->identity;
	link->expect = settings->expect;
	link->purpose = settings->purpose;
	if (tls_wire_init(&link->wire, fd) &&
	    gnutls_init(&link->session,
			flags | (link->is_client ? GNUTLS_CLIENT : GNUTLS_SERVER)) == 0 &&
	    set_up(link) == 0)
		return link;
	link->wire.fd = -1;
	tls_link_free(link);
	return NULL;
}

void tls_link_free(struct tls_link *link)
{
	if (!link)
		return;
	if (link->session)
		gnutls_deinit(link->session);
	tls_wire_done(&link->wire);
	tls_transcript_done(&link->transcript);
	free(link);
}

int tls_link_handshake(struct tls_link *link)
{
	int error;

	link->identity->signing = link;
	error = gnutls_handshake(link->session);
	link->identity->signing = NULL;
	return error;
}

bool tls_link_drain(struct tls_link *link)
{
	ssize_t n = 1;

	(void)shutdown(link->wire.fd, SHUT_WR); /* fails only if the connection is gone */
	for (unsigned i = 0; i < DRAIN_READS_MAX && n > 0; i++)
		n = recv(link->wire.fd, link->wire.in, TLS_IN_SIZE, 0);
	return n == 0;
}
