/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Phases of a link and their frames; see the header. */
#include "tests/bench/load/ppp_peer.h"

#include <string.h>

#include "pptpd/base/bytes.h"
#include "pptpd/base/util.h"
#include "tests/bench/load/ppp_peer_private.h"

/* As pppd: every three seconds, ten times. */
#define RETRY_MS  3000
#define TRIES_MAX 10

#define ADDRESS_CONTROL 0xff03

enum code {
	CONFIGURE_REQUEST = 1,
	CONFIGURE_ACK = 2,
	CONFIGURE_NAK = 3,
	CONFIGURE_REJECT = 4,
	TERMINATE_REQUEST = 5,
	TERMINATE_ACK = 6,
	PROTOCOL_REJECT = 8,
	ECHO_REQUEST = 9,
	ECHO_REPLY = 10,
};

enum option {
	LCP_MRU = 1,
	LCP_ACCM = 2,
	LCP_AUTH = 3,
	LCP_MAGIC = 5,
	IPCP_ADDRESS = 3,
};

static const char *const phase_names[PPP_PEER_PHASES] = {
	[PPP_PEER_LCP] = "LCP",
	[PPP_PEER_AUTH] = "authentication",
	[PPP_PEER_IPCP] = "IPCP",
	[PPP_PEER_UP] = "up",
	[PPP_PEER_ENDED] = "terminated",
	[PPP_PEER_NO_ANSWER] = "no answer",
	[PPP_PEER_NO_LOGIN] = "login refused",
	[PPP_PEER_DISAGREE] = "other authentication wanted",
};

const char *ppp_peer_phase_name(enum ppp_peer_phase phase)
{
	return phase_names[phase];
}

void ppp_peer_put(struct ppp_peer *peer, const struct ppp_peer_packet *packet)
{
	uint8_t frame[PPP_PEER_FRAME_MAX];
	struct byte_writer out = wr_init(frame, sizeof(frame));
	size_t len = MIN(packet->len, sizeof(frame) - 8);

	wr_u16(&out, ADDRESS_CONTROL);
	wr_u16(&out, packet->protocol);
	wr_u8(&out, packet->code);
	wr_u8(&out, packet->identifier);
	wr_u16(&out, len + 4);
	wr_copy(&out, packet->data, len);
	peer->send(peer->context, frame, wr_len(&out));
}

void ppp_peer_answer(struct ppp_peer *peer, const struct ppp_peer_packet *to, uint8_t code,
		     const uint8_t *data, size_t len)
{
	const struct ppp_peer_packet packet = {
		.protocol = to->protocol,
		.code = code,
		.identifier = to->identifier,
		.data = data,
		.len = len,
	};

	ppp_peer_put(peer, &packet);
}

static void put_auth(const struct ppp_peer *peer, struct byte_writer *out)
{
	bool chap = peer->settings->auth == PPP_PEER_CHAP;

	wr_u8(out, LCP_AUTH);
	wr_u8(out, chap ? 5 : 4);
	wr_u16(out, ppp_auth_protocol(peer));
	if (chap)
		wr_u8(out, CHAP_MD5);
}

static void request_lcp(struct ppp_peer *peer)
{
	uint8_t options[32];
	struct byte_writer out = wr_init(options, sizeof(options));

	if (!(peer->dropped & 1u << LCP_ACCM)) {
		wr_u8(&out, LCP_ACCM);
		wr_u8(&out, 6);
		wr_u32(&out, 0);
	}
	if (peer->settings->server)
		put_auth(peer, &out);
	if (!(peer->dropped & 1u << LCP_MAGIC)) {
		wr_u8(&out, LCP_MAGIC);
		wr_u8(&out, 6);
		wr_u32(&out, peer->magic);
	}
	ppp_peer_put(peer, &(struct ppp_peer_packet){.protocol = LCP,
						     .code = CONFIGURE_REQUEST,
						     .identifier = ++peer->lcp.identifier,
						     .data = options,
						     .len = wr_len(&out)});
}

static void request_ipcp(struct ppp_peer *peer)
{
	uint8_t options[8];
	struct byte_writer out = wr_init(options, sizeof(options));
	struct in_addr own = peer->settings->server ? peer->settings->local : peer->address;

	wr_u8(&out, IPCP_ADDRESS);
	wr_u8(&out, 6);
	wr_u32(&out, ntohl(own.s_addr));
	ppp_peer_put(peer, &(struct ppp_peer_packet){.protocol = IPCP,
						     .code = CONFIGURE_REQUEST,
						     .identifier = ++peer->ipcp.identifier,
						     .data = options,
						     .len = wr_len(&out)});
}

/* What the phase waits for, anew. */
static void request(struct ppp_peer *peer, struct mono now)
{
	peer->deadline = mono_add_ms(now, RETRY_MS);
	peer->tries++;
	if (peer->phase == PPP_PEER_LCP)
		request_lcp(peer);
	else if (peer->phase == PPP_PEER_AUTH)
		ppp_auth_request(peer);
	else if (peer->phase == PPP_PEER_IPCP)
		request_ipcp(peer);
}

void ppp_peer_enter(struct ppp_peer *peer, enum ppp_peer_phase phase, struct mono now)
{
	if (phase == PPP_PEER_NO_ANSWER)
		peer->stuck = peer->phase;
	peer->phase = phase;
	peer->tries = 0;
	if (phase < PPP_PEER_UP)
		request(peer, now);
}

void ppp_peer_start(struct ppp_peer *peer, const struct ppp_peer_settings *settings,
		    ppp_peer_send *send, void *context, uint64_t seed, struct mono now)
{
	struct byte_writer out;

	*peer = (struct ppp_peer){.settings = settings, .send = send, .context = context};
	out = wr_init(peer->challenge, sizeof(peer->challenge));
	wr_u64(&out, seed * 0x9e3779b97f4a7c15u);
	wr_u64(&out, (seed + 1) * 0xbf58476d1ce4e5b9u);
	peer->magic = (uint32_t)(seed * 0x94d049bb133111ebu >> 32) | 1;
	ppp_peer_enter(peer, PPP_PEER_LCP, now);
}

bool ppp_peer_deadline(const struct ppp_peer *peer, struct mono *ret_when)
{
	if (peer->phase >= PPP_PEER_UP)
		return false;
	*ret_when = peer->deadline;
	return true;
}

void ppp_peer_expire(struct ppp_peer *peer, struct mono now)
{
	if (peer->phase >= PPP_PEER_UP || mono_before(now, peer->deadline))
		return;
	if (peer->tries >= TRIES_MAX)
		ppp_peer_enter(peer, PPP_PEER_NO_ANSWER, now);
	else
		request(peer, now);
}

void ppp_peer_terminate(struct ppp_peer *peer)
{
	if (peer->phase <= PPP_PEER_UP)
		ppp_peer_put(peer, &(struct ppp_peer_packet){.protocol = LCP,
							     .code = TERMINATE_REQUEST,
							     .identifier = ++peer->lcp.identifier});
	peer->phase = PPP_PEER_ENDED;
}

/* What an option of the other one's request becomes: ACK, NAK with a value that is put, REJECT. */
static uint8_t judge_lcp(const struct ppp_peer *peer, uint8_t type, struct byte_reader value,
			 struct byte_writer *nak)
{
	if (type == LCP_MRU || type == LCP_ACCM || type == LCP_MAGIC)
		return CONFIGURE_ACK;
	if (type != LCP_AUTH || peer->settings->server)
		return CONFIGURE_REJECT;
	if (rd_u16(&value) == ppp_auth_protocol(peer) &&
	    (peer->settings->auth == PPP_PEER_PAP || rd_u8(&value) == CHAP_MD5))
		return CONFIGURE_ACK;
	put_auth(peer, nak);
	return CONFIGURE_NAK;
}

static uint8_t judge_ipcp(const struct ppp_peer *peer, uint8_t type, struct byte_reader value,
			  struct byte_writer *nak)
{
	const struct ppp_peer_settings *settings = peer->settings;
	uint32_t wanted = ntohl(settings->remote.s_addr);

	if (type != IPCP_ADDRESS)
		return CONFIGURE_REJECT;
	if (!settings->server || !wanted || rd_u32(&value) == wanted)
		return CONFIGURE_ACK;
	wr_u8(nak, IPCP_ADDRESS);
	wr_u8(nak, 6);
	wr_u32(nak, wanted);
	return CONFIGURE_NAK;
}

/* Answers a Configure-Request; true if with an Ack. */
static bool answer_request(struct ppp_peer *peer, const struct ppp_peer_packet *packet)
{
	uint8_t naks[PPP_PEER_FRAME_MAX], rejects[PPP_PEER_FRAME_MAX];
	struct byte_writer nak = wr_init(naks, sizeof(naks));
	struct byte_writer reject = wr_init(rejects, sizeof(rejects));
	struct byte_reader in = rd_init(packet->data, packet->len);

	while (rd_left(&in)) {
		uint8_t type = rd_u8(&in), len = rd_u8(&in);
		struct byte_reader value = rd_slice(&in, len < 2 ? SIZE_MAX : len - 2u);
		uint8_t code;

		if (rd_failed(&in))
			return false;
		code = packet->protocol == LCP ? judge_lcp(peer, type, value, &nak)
					       : judge_ipcp(peer, type, value, &nak);
		if (code == CONFIGURE_REJECT)
			wr_copy(&reject, in.pos - len, len);
	}
	if (wr_len(&reject))
		ppp_peer_answer(peer, packet, CONFIGURE_REJECT, rejects, wr_len(&reject));
	else if (wr_len(&nak))
		ppp_peer_answer(peer, packet, CONFIGURE_NAK, naks, wr_len(&nak));
	else
		ppp_peer_answer(peer, packet, CONFIGURE_ACK, packet->data, packet->len);
	return !wr_len(&reject) && !wr_len(&nak);
}

/* The other one refused an option of ours: it is left out, or takes the value that he wants. */
static void take_refusal(struct ppp_peer *peer, const struct ppp_peer_packet *packet,
			 struct mono now)
{
	struct byte_reader in = rd_init(packet->data, packet->len);

	while (rd_left(&in) && !rd_failed(&in)) {
		uint8_t type = rd_u8(&in), len = rd_u8(&in);
		struct byte_reader value = rd_slice(&in, len < 2 ? SIZE_MAX : len - 2u);

		if (packet->protocol == IPCP && packet->code == CONFIGURE_NAK &&
		    type == IPCP_ADDRESS && !peer->settings->server)
			peer->address.s_addr = htonl(rd_u32(&value));
		else if (packet->protocol == LCP && type == LCP_AUTH)
			ppp_peer_enter(peer, PPP_PEER_DISAGREE, now);
		else if (packet->protocol == LCP && type < 32)
			peer->dropped |= 1u << type;
	}
}

/* Both requests of the protocol are acknowledged: the next phase. */
static void check_agreed(struct ppp_peer *peer, const struct ppp_peer_option_state *state,
			 struct mono now)
{
	if (!state->ours_acked || !state->theirs_acked)
		return;
	if (state == &peer->lcp && peer->phase == PPP_PEER_LCP)
		ppp_peer_enter(peer, PPP_PEER_AUTH, now);
	else if (state == &peer->ipcp && peer->phase == PPP_PEER_IPCP)
		ppp_peer_enter(peer, PPP_PEER_UP, now);
}

/* Whether a Configure packet is of the phase: another LCP round begins everything anew. */
static bool is_timely(struct ppp_peer *peer, const struct ppp_peer_packet *packet, struct mono now)
{
	if (packet->protocol == IPCP) {
		/* Whoever let us in may say so after his first IPCP packet was already sent. */
		if (packet->code == CONFIGURE_REQUEST && peer->phase == PPP_PEER_AUTH &&
		    !peer->settings->server)
			ppp_peer_enter(peer, PPP_PEER_IPCP, now);
		return peer->phase == PPP_PEER_IPCP || peer->phase == PPP_PEER_UP;
	}
	if (packet->code == CONFIGURE_REQUEST && peer->phase > PPP_PEER_LCP &&
	    peer->phase <= PPP_PEER_UP) {
		peer->lcp = peer->ipcp =
			(struct ppp_peer_option_state){.identifier = peer->lcp.identifier};
		ppp_peer_enter(peer, PPP_PEER_LCP, now);
	}
	return peer->phase == PPP_PEER_LCP;
}

static void configure(struct ppp_peer *peer, struct ppp_peer_option_state *state,
		      const struct ppp_peer_packet *packet, struct mono now)
{
	if (!is_timely(peer, packet, now))
		return;
	if (packet->code == CONFIGURE_REQUEST) {
		state->theirs_acked = answer_request(peer, packet);
	} else if (packet->identifier != state->identifier) {
		return;
	} else if (packet->code == CONFIGURE_ACK) {
		state->ours_acked = true;
	} else {
		take_refusal(peer, packet, now);
		if (peer->phase < PPP_PEER_UP)
			request(peer, now);
	}
	check_agreed(peer, state, now);
}

static void reply_echo(struct ppp_peer *peer, const struct ppp_peer_packet *packet)
{
	uint8_t data[PPP_PEER_FRAME_MAX];
	struct byte_writer out = wr_init(data, sizeof(data));

	if (packet->len < 4)
		return;
	wr_u32(&out, peer->magic);
	wr_copy(&out, packet->data + 4, MIN(packet->len - 4, sizeof(data) - 4));
	ppp_peer_answer(peer, packet, ECHO_REPLY, data, wr_len(&out));
}

static void take_lcp(struct ppp_peer *peer, const struct ppp_peer_packet *packet, struct mono now)
{
	if (packet->code <= CONFIGURE_REJECT) {
		configure(peer, &peer->lcp, packet, now);
	} else if (packet->code == TERMINATE_REQUEST) {
		ppp_peer_answer(peer, packet, TERMINATE_ACK, NULL, 0);
		if (peer->phase <= PPP_PEER_UP)
			ppp_peer_enter(peer, PPP_PEER_ENDED, now);
	} else if (packet->code == ECHO_REQUEST) {
		reply_echo(peer, packet);
	}
}

static void reject_protocol(struct ppp_peer *peer, const uint8_t *from_protocol, size_t len)
{
	if (peer->phase > PPP_PEER_LCP && peer->phase <= PPP_PEER_UP)
		ppp_peer_put(peer, &(struct ppp_peer_packet){.protocol = LCP,
							     .code = PROTOCOL_REJECT,
							     .identifier = ++peer->lcp.identifier,
							     .data = from_protocol,
							     .len = len});
}

static bool take_packet(struct byte_reader *in, struct ppp_peer_packet *ret_packet)
{
	size_t len;

	ret_packet->code = rd_u8(in);
	ret_packet->identifier = rd_u8(in);
	len = rd_u16(in);
	ret_packet->len = len < 4 ? SIZE_MAX : len - 4;
	ret_packet->data = rd_bytes(in, ret_packet->len);
	return ret_packet->data != NULL;
}

bool ppp_peer_receive(struct ppp_peer *peer, const uint8_t *frame, size_t len, struct mono now,
		      const uint8_t **ret_packet, size_t *ret_len)
{
	struct byte_reader in = rd_init(frame, len);
	struct ppp_peer_packet packet;

	if (len >= 2 && frame[0] == 0xff && frame[1] == 0x03)
		rd_skip(&in, 2);
	packet.protocol = rd_u16(&in);
	if (rd_failed(&in))
		return false;
	if (packet.protocol == IP) {
		*ret_len = rd_left(&in);
		*ret_packet = in.pos;
		return peer->phase == PPP_PEER_UP;
	}
	if (packet.protocol != LCP && packet.protocol != IPCP && packet.protocol != PAP &&
	    packet.protocol != CHAP) {
		reject_protocol(peer, in.pos - 2, rd_left(&in) + 2);
		return false;
	}
	if (!take_packet(&in, &packet))
		return false;
	if (packet.protocol == LCP)
		take_lcp(peer, &packet, now);
	else if (packet.protocol == IPCP && packet.code <= CONFIGURE_REJECT)
		configure(peer, &peer->ipcp, &packet, now);
	else if (packet.protocol != IPCP)
		ppp_auth_take(peer, &packet, now);
	return false;
}
