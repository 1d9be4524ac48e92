/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is asked of a signer on a channel, and what it answers: the bytes, and the rule which
 * content it signs. One packet (SOCK_SEQPACKET) is one request or reply. Pure; signs nothing.
 */
#ifndef RRP_SIGNER_REQUEST_H
#define RRP_SIGNER_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pptpd/base/signer_link.h"

enum signer_kind {
	SIGNER_IDENTITY = 1, /* the certificates, once per channel */
	SIGNER_SIGN = 2,
};

enum signer_outcome {
	SIGNER_DONE = 0,
	SIGNER_MALFORMED,   /* no request */
	SIGNER_NOT_ALLOWED, /* not what this channel is for */
	SIGNER_TOO_OFTEN,   /* for now; the channel stays */
	SIGNER_CANNOT,      /* the key does not do such signatures */
	SIGNER_OUTCOME_COUNT
};

/* RFC 8446 4.4.3: spaces, the role's context string, a zero byte, a hash of SHA-256 or SHA-384. */
#define SIGNER_CONTENT_MAX (64 + 33 + 1 + 48)

#define SIGNER_REQUEST_MAX (8 + SIGNER_CONTENT_MAX)

/* An identity's chain is the longest reply. */
#define SIGNER_REPLY_MAX (32 * 1024)

struct signer_request {
	enum signer_kind kind;
	uint16_t scheme;        /* of TLS (RFC 8446 4.2.3); 0 for an identity */
	uint32_t number;        /* any; comes back in the reply */
	const uint8_t *content; /* in the packet */
	size_t content_len;
};

struct signer_reply {
	enum signer_outcome outcome;
	uint32_t number;
	const uint8_t *body; /* in the packet: certificates or a signature */
	size_t body_len;
};

/* Writes a request into `out`, of SIGNER_REQUEST_MAX; the length, 0 if the content is too long. */
size_t signer_request_write(const struct signer_request *request, uint8_t *out);

/* False unless the packet is a request of exactly its kind's length. */
bool signer_request_read(const uint8_t *packet, size_t len, struct signer_request *ret_request);

/* Writes a reply into `out`, of SIGNER_REPLY_MAX; the length, 0 if the body is too long. */
size_t signer_reply_write(const struct signer_reply *reply, uint8_t *out);

bool signer_reply_read(const uint8_t *packet, size_t len, struct signer_reply *ret_reply);

/*
 * Writes that content with a transcript's hash into `out`, of SIGNER_CONTENT_MAX; the length, 0 for
 * a hash of no cipher suite.
 */
size_t signer_content_write(enum signer_role role, const uint8_t *hash, size_t len, uint8_t *out);

/* Whether `content` is what TLS 1.3 has that role sign in its CertificateVerify. */
bool signer_content_allowed(enum signer_role role, const uint8_t *content, size_t len);

#endif
