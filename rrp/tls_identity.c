// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Our side of a handshake: the certificate, and signatures that the signing helper makes. This
 * process never has the private key.
 */
#include "rrp/tls_private.h"

#include <errno.h>
#include <gnutls/abstract.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "pptpd/base/bytes.h"
#include "pptpd/base/fdio.h"
#include "pptpd/base/mono.h"
#include "pptpd/base/util.h"
#include "rrp/node_key.h"
#include "rrp/signer_request.h"
#include "rrp/signer_scheme.h"
#include "rrp/tls_cipher.h"

/* A signer has nothing else to do; one that takes longer is stuck, or beset. */
#define SIGNER_PATIENCE_MS 2000

static const char *const outcomes[SIGNER_OUTCOME_COUNT] = {
	[SIGNER_MALFORMED] = "does not understand the request",
	[SIGNER_NOT_ALLOWED] = "refuses: this is not what the process may have signed",
	[SIGNER_TOO_OFTEN] = "refuses for now: too many handshakes in a short time",
	[SIGNER_CANNOT] = "cannot sign: the key does not do this kind of signature",
};

static bool give_up(struct tls_identity *identity, const char *what)
{
	(void)snprintf(identity->trouble, sizeof(identity->trouble), "the signer %s", what);
	return false;
}

/* Waits for the reply to our last request; those to earlier ones came too late. */
static bool receive_reply(struct tls_identity *identity, uint8_t *packet,
			  struct signer_reply *ret_reply)
{
	struct mono end = mono_add_ms(mono_now(), SIGNER_PATIENCE_MS);
	struct pollfd fd = {.fd = identity->channel, .events = POLLIN};

	for (;;) {
		int64_t left_us = mono_diff_us(end, mono_now());
		ssize_t n;

		if (left_us <= 0 || poll(&fd, 1, (int)(left_us / 1000) + 1) == 0)
			return give_up(identity, "does not answer");
		/* Not recvmsg(2), which a confined process lacks: no descriptor is wanted here. */
		n = recv(identity->channel, packet, SIGNER_REPLY_MAX, MSG_DONTWAIT | MSG_TRUNC);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (n <= 0 || (size_t)n > SIGNER_REPLY_MAX)
			return give_up(identity, "has ended, or closed this channel");
		if (!signer_reply_read(packet, (size_t)n, ret_reply))
			return give_up(identity, "answers in a way that is not known");
		if (ret_reply->number == identity->number)
			return true;
	}
}

/* The reply's body is in `packet`, of SIGNER_REPLY_MAX. False with the reason in `trouble`. */
static bool ask(struct tls_identity *identity, struct signer_request *request, uint8_t *packet,
		struct signer_reply *ret_reply)
{
	uint8_t bytes[SIGNER_REQUEST_MAX];
	size_t len;

	request->number = ++identity->number;
	len = signer_request_write(request, bytes);
	if (len == 0)
		return give_up(identity, "is not for contents of that length");
	if (fdio_send_message(identity->channel, bytes, len, -1) != 0)
		return give_up(identity, "has ended, or closed this channel");
	if (!receive_reply(identity, packet, ret_reply))
		return false;
	if (ret_reply->outcome != SIGNER_DONE)
		return give_up(identity, outcomes[ret_reply->outcome]);
	identity->trouble[0] = '\0';
	return true;
}

static int have_signed(struct tls_identity *identity, gnutls_sign_algorithm_t algorithm,
		       const uint8_t *content, size_t len, gnutls_datum_t *signature)
{
	uint8_t packet[SIGNER_REPLY_MAX];
	struct signer_reply reply;
	struct signer_request request = {
		.kind = SIGNER_SIGN,
		.scheme = signer_scheme_number(algorithm),
		.content = content,
		.content_len = len,
	};

	if (!ask(identity, &request, packet, &reply) || reply.body_len == 0)
		return GNUTLS_E_PK_SIGN_FAILED;
	signature->data = gnutls_malloc(reply.body_len);
	if (!signature->data)
		return GNUTLS_E_MEMORY_ERROR;
	memcpy(signature->data, reply.body, reply.body_len);
	signature->size = (unsigned)reply.body_len;
	return 0;
}

/* For keys of Edwards curves: `data` is the whole content of the CertificateVerify. */
static int sign(gnutls_privkey_t key UNUSED, gnutls_sign_algorithm_t algorithm, void *context,
		unsigned flags UNUSED, const gnutls_datum_t *data, gnutls_datum_t *signature)
{
	return have_signed(context, algorithm, data->data, data->size, signature);
}

/* For all others: only its hash. */
static int sign_hash(gnutls_privkey_t key UNUSED, gnutls_sign_algorithm_t algorithm, void *context,
		     unsigned flags UNUSED, const gnutls_datum_t *hash, gnutls_datum_t *signature)
{
	struct tls_identity *identity = context;
	uint8_t content[SIGNER_CONTENT_MAX];
	size_t len =
		tls_transcript_content(&identity->signing->transcript, algorithm, hash, content);

	if (len == 0) {
		(void)give_up(identity, "cannot be asked: only a server may have this kind of key");
		return GNUTLS_E_PK_SIGN_FAILED;
	}
	return have_signed(identity, algorithm, content, len, signature);
}

/* What GnuTLS must know of a key that it does not have. */
static int describe_key(gnutls_privkey_t key UNUSED, unsigned flags, void *context)
{
	const struct tls_identity *identity = context;

	if (flags & GNUTLS_PRIVKEY_INFO_PK_ALGO)
		return (int)identity->key_kind;
	if (flags & GNUTLS_PRIVKEY_INFO_PK_ALGO_BITS)
		return (int)identity->key_bits;
	if (flags & GNUTLS_PRIVKEY_INFO_HAVE_SIGN_ALGO) {
		gnutls_sign_algorithm_t algorithm = GNUTLS_FLAGS_TO_SIGN_ALGO(flags);

		return signer_scheme_number(algorithm) != 0 &&
		       gnutls_sign_supports_pk_algorithm(algorithm, identity->key_kind);
	}
	return -1;
}

/* Reads the certificates that the signer sent. Returns how many, 0 for anything else. */
static unsigned read_chain(const struct signer_reply *reply, gnutls_pcert_st *chain)
{
	struct byte_reader in = rd_init(reply->body, reply->body_len);
	unsigned count = 0;

	while (rd_left(&in) > 0 && count < NODE_KEY_CHAIN_MAX) {
		size_t len = rd_u32(&in);
		const uint8_t *bytes = rd_bytes(&in, len);
		gnutls_datum_t der = {.data = (unsigned char *)(uintptr_t)bytes,
				      .size = (unsigned)len};

		if (!bytes ||
		    gnutls_pcert_import_x509_raw(&chain[count], &der, GNUTLS_X509_FMT_DER, 0) < 0)
			break;
		count++;
	}
	if (rd_left(&in) == 0 && !rd_failed(&in))
		return count;
	while (count > 0)
		gnutls_pcert_deinit(&chain[--count]);
	return 0;
}

/* The certificates and the way to have signatures, as GnuTLS's credentials. */
static bool make_credentials(struct tls_identity *identity, gnutls_pcert_st *chain, unsigned count)
{
	gnutls_certificate_credentials_t credentials = identity->credentials;
	gnutls_privkey_t key;
	int kind = gnutls_pubkey_get_pk_algorithm(chain[0].pubkey, &identity->key_bits);

	identity->key_kind = (gnutls_pk_algorithm_t)kind;
	if (kind < 0 || !node_key_certificate_id(&chain[0].cert, &identity->id) ||
	    gnutls_privkey_init(&key) < 0)
		return false;
	/* A trial signature, to see whether key and certificate fit, could be the only one. */
	gnutls_certificate_set_flags(credentials, GNUTLS_CERTIFICATE_SKIP_KEY_CERT_MATCH);
	if (gnutls_privkey_import_ext4(key, identity, sign, sign_hash, NULL, NULL, describe_key,
				       0) < 0 ||
	    gnutls_certificate_set_key(credentials, NULL, 0, chain, (int)count, key) < 0) {
		gnutls_privkey_deinit(key);
		return false;
	}
	return true; /* chain and key are the credentials' now */
}

static bool get_chain(struct tls_identity *identity)
{
	struct signer_request request = {.kind = SIGNER_IDENTITY};
	uint8_t packet[SIGNER_REPLY_MAX];
	gnutls_pcert_st chain[NODE_KEY_CHAIN_MAX];
	struct signer_reply reply;
	unsigned count;

	if (!ask(identity, &request, packet, &reply))
		return false;
	count = read_chain(&reply, chain);
	if (count > 0 && make_credentials(identity, chain, count))
		return true;
	while (count > 0)
		gnutls_pcert_deinit(&chain[--count]);
	return give_up(identity, "has a certificate that cannot be used");
}

struct tls_identity *tls_identity_new(int channel, char ret_error[TLS_ERROR_MAX])
{
	struct tls_identity *identity = calloc(1, sizeof(*identity));
	const char *error = "no memory";

	if (!identity) {
		fdio_close(&channel);
	} else {
		identity->channel = channel;
		tzset(); /* reads its file while that can be done; texts have dates in them */
		if (gnutls_certificate_allocate_credentials(&identity->credentials) < 0 ||
		    gnutls_priority_init(&identity->priority, tls_cipher_priority(), NULL) < 0)
			error = "GnuTLS does not do TLS 1.3 as it must be done here";
		else if (get_chain(identity))
			return identity;
		else
			error = identity->trouble;
	}
	(void)snprintf(ret_error, TLS_ERROR_MAX, "%s", error);
	tls_identity_free(identity);
	return NULL;
}

void tls_identity_free(struct tls_identity *identity)
{
	if (!identity)
		return;
	if (identity->credentials)
		gnutls_certificate_free_credentials(identity->credentials);
	if (identity->priority)
		gnutls_priority_deinit(identity->priority);
	fdio_close(&identity->channel);
	free(identity);
}

const struct node_id *tls_identity_id(const struct tls_identity *identity)
{
	return &identity->id;
}
