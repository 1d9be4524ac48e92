/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PAP (RFC 1334) and CHAP with MD5 (RFC 1994), from either end. */
#include <string.h>

#include "pptpd/base/bytes.h"
#include "tests/bench/load/md5.h"
#include "tests/bench/load/ppp_peer_private.h"

uint16_t ppp_auth_protocol(const struct ppp_peer *peer)
{
	return peer->settings->auth == PPP_PEER_CHAP ? CHAP : PAP;
}

void ppp_auth_request(struct ppp_peer *peer)
{
	const struct ppp_peer_settings *settings = peer->settings;
	uint8_t data[2 * PPP_PEER_WORD_MAX + 2];
	struct byte_writer out = wr_init(data, sizeof(data));
	size_t user = strlen(settings->user), password = strlen(settings->password);
	bool chap = settings->auth == PPP_PEER_CHAP;

	if (settings->server != chap)
		return;
	if (chap) {
		wr_u8(&out, PPP_PEER_CHALLENGE_LEN);
		wr_copy(&out, peer->challenge, PPP_PEER_CHALLENGE_LEN);
		wr_copy(&out, "stub", 4);
	} else {
		wr_u8(&out, user);
		wr_copy(&out, settings->user, user);
		wr_u8(&out, password);
		wr_copy(&out, settings->password, password);
	}
	ppp_peer_put(peer, &(struct ppp_peer_packet){.protocol = ppp_auth_protocol(peer),
						     .code = 1,
						     .identifier = ++peer->auth_identifier,
						     .data = data,
						     .len = wr_len(&out)});
}

/* RFC 1994 4.1: the digest over identifier, secret and challenge. */
static void digest(const struct ppp_peer *peer, uint8_t identifier, const uint8_t *challenge,
		   size_t len, uint8_t ret_digest[MD5_LEN])
{
	uint8_t text[MD5_TEXT_MAX];
	struct byte_writer out = wr_init(text, sizeof(text));

	wr_u8(&out, identifier);
	wr_copy(&out, peer->settings->password, strlen(peer->settings->password));
	wr_copy(&out, challenge, len);
	md5(text, wr_len(&out), ret_digest);
}

static bool is_word(struct byte_reader *in, const char *word)
{
	size_t len = rd_u8(in);
	const uint8_t *text = rd_bytes(in, len);

	return text && len == strlen(word) && memcmp(text, word, len) == 0;
}

static bool is_proven(const struct ppp_peer *peer, const struct ppp_peer_packet *packet)
{
	const struct ppp_peer_settings *settings = peer->settings;
	struct byte_reader in = rd_init(packet->data, packet->len);
	uint8_t expected[MD5_LEN];
	const uint8_t *got;

	if (packet->protocol == PAP)
		return is_word(&in, settings->user) && is_word(&in, settings->password);
	digest(peer, packet->identifier, peer->challenge, PPP_PEER_CHALLENGE_LEN, expected);
	return rd_u8(&in) == MD5_LEN && (got = rd_bytes(&in, MD5_LEN)) &&
	       memcmp(got, expected, MD5_LEN) == 0 && rd_left(&in) == strlen(settings->user) &&
	       memcmp(in.pos, settings->user, rd_left(&in)) == 0;
}

/* PAP: request 1, ack 2, nak 3. CHAP: challenge 1, response 2, success 3, failure 4. */
static void judge_login(struct ppp_peer *peer, const struct ppp_peer_packet *packet,
			struct mono now)
{
	uint8_t good = packet->protocol == PAP ? 2 : 3;
	bool proven;

	if (packet->code != (packet->protocol == PAP ? 1 : 2) || peer->phase < PPP_PEER_AUTH ||
	    peer->phase > PPP_PEER_UP)
		return;
	proven = is_proven(peer, packet);
	ppp_peer_answer(peer, packet, proven ? good : good + 1, (const uint8_t *)"", 1);
	if (peer->phase == PPP_PEER_AUTH)
		ppp_peer_enter(peer, proven ? PPP_PEER_IPCP : PPP_PEER_NO_LOGIN, now);
}

static void respond(struct ppp_peer *peer, const struct ppp_peer_packet *packet)
{
	struct byte_reader in = rd_init(packet->data, packet->len);
	uint8_t data[1 + MD5_LEN + PPP_PEER_WORD_MAX];
	struct byte_writer out = wr_init(data, sizeof(data));
	size_t len = rd_u8(&in);
	const uint8_t *challenge = rd_bytes(&in, len);
	uint8_t response[MD5_LEN];

	if (!challenge)
		return;
	digest(peer, packet->identifier, challenge, len, response);
	wr_u8(&out, MD5_LEN);
	wr_copy(&out, response, MD5_LEN);
	wr_copy(&out, peer->settings->user, strlen(peer->settings->user));
	ppp_peer_answer(peer, packet, 2, data, wr_len(&out));
}

void ppp_auth_take(struct ppp_peer *peer, const struct ppp_peer_packet *packet, struct mono now)
{
	uint8_t good = packet->protocol == PAP ? 2 : 3;

	if (packet->protocol != ppp_auth_protocol(peer))
		return;
	if (peer->settings->server) {
		judge_login(peer, packet, now);
		return;
	}
	if (packet->protocol == CHAP && packet->code == 1)
		respond(peer, packet);
	if (peer->phase == PPP_PEER_AUTH && packet->code == good)
		ppp_peer_enter(peer, PPP_PEER_IPCP, now);
	if (peer->phase == PPP_PEER_AUTH && packet->code == good + 1)
		ppp_peer_enter(peer, PPP_PEER_NO_LOGIN, now);
}
