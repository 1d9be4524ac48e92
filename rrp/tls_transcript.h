/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The transcript of a TLS 1.3 handshake (RFC 8446 4.4.1), kept beside GnuTLS. GnuTLS has keys other
 * than Edwards curves' sign a hash of the CertificateVerify's content; the signing helper signs
 * only contents that it has seen. This makes the content again, for the side that is a server.
 */
#ifndef RRP_TLS_TRANSCRIPT_H
#define RRP_TLS_TRANSCRIPT_H

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rrp/signer_request.h"

/* One running hash for each that a cipher suite may have: which is agreed on comes late. */
#define TLS_TRANSCRIPT_HASHES 2

struct tls_transcript {
	gnutls_hash_hd_t hashes[TLS_TRANSCRIPT_HASHES];
	bool failed;
};

bool tls_transcript_init(struct tls_transcript *transcript);

/* Harmless on one that is all zeros. */
void tls_transcript_done(struct tls_transcript *transcript);

/* Adds a message of either side; `body` is what follows its four bytes of header. */
void tls_transcript_add(struct tls_transcript *transcript, unsigned type,
			const gnutls_datum_t *body);

/*
 * The server's content whose hash, as `algorithm` has it, is `hash`, into `content`, of
 * SIGNER_CONTENT_MAX. Its length, 0 if there is no such one.
 */
size_t tls_transcript_content(const struct tls_transcript *transcript,
			      gnutls_sign_algorithm_t algorithm, const gnutls_datum_t *hash,
			      uint8_t *content);

#endif
