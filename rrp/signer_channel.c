// SPDX-License-Identifier: GPL-2.0-or-later
/* The answers on a signer's channel; see the header. */
#include "rrp/signer_channel.h"

#include <gnutls/abstract.h>

#include "pptpd/base/bytes.h"
#include "rrp/node_key.h"
#include "rrp/signer.h"
#include "rrp/signer_request.h"
#include "rrp/signer_scheme.h"

bool signer_channel_init(struct signer_channel_state *channel, const struct signer_channel *asked,
			 struct mono now)
{
	if (asked->role != SIGNER_SERVER && asked->role != SIGNER_CLIENT)
		return false;
	*channel = (struct signer_channel_state){
		.role = (enum signer_role)asked->role,
		.counted = asked->uses != 0,
		.uses = asked->uses,
	};
	rate_limit_init(&channel->rate, SIGNER_BURST, SIGNER_REFILL_MS, now);
	return true;
}

static size_t tell(const struct signer_request *request, enum signer_outcome outcome,
		   const uint8_t *body, size_t body_len, uint8_t *reply)
{
	const struct signer_reply answer = {
		.outcome = outcome,
		.number = request->number,
		.body = body,
		.body_len = body_len,
	};

	return signer_reply_write(&answer, reply);
}

/* Each certificate with its length before it. */
static size_t tell_identity(const struct signer_request *request, const struct node_key *key,
			    uint8_t *reply)
{
	uint8_t body[NODE_KEY_CHAIN_BYTES_MAX + 4 * NODE_KEY_CHAIN_MAX];
	struct byte_writer out = wr_init(body, sizeof(body));

	for (unsigned i = 0; i < key->chain_count; i++) {
		wr_u32(&out, key->chain[i].size);
		wr_copy(&out, key->chain[i].data, key->chain[i].size);
	}
	return tell(request, SIGNER_DONE, body, wr_len(&out), reply);
}

static size_t sign(const struct signer_request *request, const struct node_key *key, uint8_t *reply)
{
	gnutls_pk_algorithm_t kind = gnutls_privkey_get_pk_algorithm(key->private_key, NULL);
	gnutls_sign_algorithm_t algorithm = signer_scheme_algorithm(request->scheme, kind);
	gnutls_datum_t content = {
		.data = (unsigned char *)(uintptr_t)request->content,
		.size = (unsigned)request->content_len,
	};
	gnutls_datum_t signature;
	size_t len;

	if (algorithm == GNUTLS_SIGN_UNKNOWN ||
	    gnutls_privkey_sign_data2(key->private_key, algorithm, 0, &content, &signature) < 0)
		return tell(request, SIGNER_CANNOT, NULL, 0, reply);
	len = tell(request, SIGNER_DONE, signature.data, signature.size, reply);
	gnutls_free(signature.data);
	return len;
}

static enum signer_outcome judge(struct signer_channel_state *channel,
				 const struct signer_request *request, struct mono now)
{
	unsigned refused;

	if (request->kind == SIGNER_IDENTITY)
		return channel->identity_told ? SIGNER_NOT_ALLOWED : SIGNER_DONE;
	if (!signer_content_allowed(channel->role, request->content, request->content_len))
		return SIGNER_NOT_ALLOWED;
	if (channel->counted)
		return channel->uses ? SIGNER_DONE : SIGNER_NOT_ALLOWED;
	return rate_limit_allow(&channel->rate, now, &refused) ? SIGNER_DONE : SIGNER_TOO_OFTEN;
}

size_t signer_channel_answer(struct signer_channel_state *channel, const struct node_key *key,
			     const uint8_t *packet, size_t len, struct mono now, uint8_t *reply,
			     bool *ret_over)
{
	struct signer_request request = {0};
	enum signer_outcome outcome = SIGNER_MALFORMED;

	if (signer_request_read(packet, len, &request))
		outcome = judge(channel, &request, now);
	*ret_over = outcome == SIGNER_MALFORMED || outcome == SIGNER_NOT_ALLOWED;
	if (outcome != SIGNER_DONE)
		return tell(&request, outcome, NULL, 0, reply);
	if (request.kind == SIGNER_IDENTITY) {
		channel->identity_told = true;
		return tell_identity(&request, key, reply);
	}
	if (channel->counted)
		*ret_over = --channel->uses == 0;
	return sign(&request, key, reply);
}
