/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One channel of a signer: what its other end may ask, and how often. Answers requests; moves no
 * bytes.
 */
#ifndef RRP_SIGNER_CHANNEL_H
#define RRP_SIGNER_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pptpd/base/mono.h"
#include "pptpd/base/rate_limit.h"
#include "pptpd/base/signer_link.h"

struct node_key;

struct signer_channel_state {
	enum signer_role role;
	bool counted; /* `uses` are left; else the rate decides */
	uint32_t uses;
	bool identity_told;
	struct rate_limit rate;
};

/* False for a role that there is not. */
bool signer_channel_init(struct signer_channel_state *channel, const struct signer_channel *asked,
			 struct mono now);

/*
 * Answers one packet into `reply`, of SIGNER_REPLY_MAX. Returns the reply's length; *ret_over says
 * that the channel is to be closed after it: there was something in it that was not allowed, or
 * its last use is used.
 */
size_t signer_channel_answer(struct signer_channel_state *channel, const struct node_key *key,
			     const uint8_t *packet, size_t len, struct mono now, uint8_t *reply,
			     bool *ret_over);

#endif
