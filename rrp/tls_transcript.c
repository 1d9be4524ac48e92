// SPDX-License-Identifier: GPL-2.0-or-later
/* The transcript of a handshake; see the header. */
#include "rrp/tls_transcript.h"

#include <string.h>

#include "pptpd/base/bytes.h"
#include "pptpd/base/util.h"

/* RFC 8446 4: on the wire a HelloRetryRequest is a ServerHello; GnuTLS has a number for it. */
#define TYPE_SERVER_HELLO 2
#define TYPE_MESSAGE_HASH 254

#define HEADER_LEN 4
#define HASH_MAX   48

static const gnutls_digest_algorithm_t digests[TLS_TRANSCRIPT_HASHES] = {
	GNUTLS_DIG_SHA256,
	GNUTLS_DIG_SHA384,
};

bool tls_transcript_init(struct tls_transcript *transcript)
{
	for (unsigned i = 0; i < TLS_TRANSCRIPT_HASHES; i++) {
		if (gnutls_hash_init(&transcript->hashes[i], digests[i]) < 0) {
			transcript->hashes[i] = NULL;
			return false;
		}
	}
	return true;
}

void tls_transcript_done(struct tls_transcript *transcript)
{
	for (unsigned i = 0; i < TLS_TRANSCRIPT_HASHES; i++) {
		if (transcript->hashes[i])
			gnutls_hash_deinit(transcript->hashes[i], NULL);
	}
	*transcript = (struct tls_transcript){0};
}

static void add(struct tls_transcript *transcript, gnutls_hash_hd_t hash, unsigned type,
		const uint8_t *body, size_t len)
{
	uint8_t header[HEADER_LEN];
	struct byte_writer out = wr_init(header, sizeof(header));

	wr_u8(&out, type);
	wr_u8(&out, len >> 16);
	wr_u16(&out, len & 0xffff);
	transcript->failed |= wr_failed(&out) || gnutls_hash(hash, header, sizeof(header)) < 0 ||
			      (len > 0 && gnutls_hash(hash, body, len) < 0);
}

/* RFC 8446 4.4.1: after a HelloRetryRequest the first ClientHello counts by its hash only. */
static void replace_by_hash(struct tls_transcript *transcript)
{
	for (unsigned i = 0; i < TLS_TRANSCRIPT_HASHES; i++) {
		uint8_t so_far[HASH_MAX];

		gnutls_hash_output(transcript->hashes[i], so_far); /* and begins anew */
		add(transcript, transcript->hashes[i], TYPE_MESSAGE_HASH, so_far,
		    gnutls_hash_get_len(digests[i]));
	}
}

void tls_transcript_add(struct tls_transcript *transcript, unsigned type,
			const gnutls_datum_t *body)
{
	bool is_retry = type == GNUTLS_HANDSHAKE_HELLO_RETRY_REQUEST;

	if (is_retry)
		replace_by_hash(transcript);
	for (unsigned i = 0; i < TLS_TRANSCRIPT_HASHES; i++)
		add(transcript, transcript->hashes[i], is_retry ? TYPE_SERVER_HELLO : type,
		    body->data, body->size);
}

/* The content with that one of the hashes. */
static size_t write_content(const struct tls_transcript *transcript, unsigned index,
			    uint8_t *content)
{
	gnutls_hash_hd_t copy = gnutls_hash_copy(transcript->hashes[index]);
	uint8_t hash[HASH_MAX];

	if (!copy)
		return 0;
	gnutls_hash_deinit(copy, hash);
	return signer_content_write(SIGNER_SERVER, hash, gnutls_hash_get_len(digests[index]),
				    content);
}

size_t tls_transcript_content(const struct tls_transcript *transcript,
			      gnutls_sign_algorithm_t algorithm, const gnutls_datum_t *hash,
			      uint8_t *content)
{
	gnutls_digest_algorithm_t digest = gnutls_sign_get_hash_algorithm(algorithm);
	uint8_t check[64]; /* SHA-512's, the longest */

	if (transcript->failed || !transcript->hashes[0] || hash->size > sizeof(check) ||
	    gnutls_hash_get_len(digest) != hash->size)
		return 0;
	for (unsigned i = 0; i < TLS_TRANSCRIPT_HASHES; i++) {
		size_t len = write_content(transcript, i, content);

		if (len > 0 && gnutls_hash_fast(digest, content, len, check) == 0 &&
		    memcmp(check, hash->data, hash->size) == 0)
			return len;
	}
	return 0;
}
