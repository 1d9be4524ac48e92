/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Phases of a link and their frames; see the header. */
#include "tests/bench/load/ppp_peer.h"

#include <string.h>

#include "pptpd/base/bytes.h"
#include "pptpd/base/util.h"
#include "tests/bench/load/md5.h"

/* As pppd: every three seconds, ten times. */
#define RETRY_MS  3000
#define TRIES_MAX 10

#define ADDRESS_CONTROL 0xff03

enum protocol {
	IP = 0x0021,
	IPCP = 0x8021,
	LCP = 0xc021,
	PAP = 0xc023,
	CHAP = 0xc223,
};

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

#define CHAP_MD5 5

/* One packet of a control protocol, RFC 1661 5. */
struct packet {
	uint16_t protocol;
	uint8_t code;
	uint8_t identifier;
	const uint8_t *data;
	size_t len;
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

static void send_packet(struct ppp_peer *peer, const struct packet *packet)
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

static void answer(struct ppp_peer *peer, const struct packet *to, enum code code,
		   const uint8_t *data, size_t len)
{
	const struct packet packet = {
		.protocol = to->protocol,
		.code = (uint8_t)code,
		.identifier = to->identifier,
		.data = data,
		.len = len,
	};

	send_packet(peer, &packet);
}

static uint16_t auth_protocol(const struct ppp_peer *peer)
{
	return peer->settings->auth == PPP_PEER_CHAP ? CHAP : PAP;
}

static void put_auth(const struct ppp_peer *peer, struct byte_writer *out)
{
	bool chap = peer->settings->auth == PPP_PEER_CHAP;

	wr_u8(out, LCP_AUTH);
	wr_u8(out, chap ? 5 : 4);
	wr_u16(out, auth_protocol(peer));
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
	send_packet(peer, &(struct packet){.protocol = LCP,
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
	send_packet(peer, &(struct packet){.protocol = IPCP,
					   .code = CONFIGURE_REQUEST,
					   .identifier = ++peer->ipcp.identifier,
					   .data = options,
					   .len = wr_len(&out)});
}

/* The client names himself; the server asks for that only with CHAP. */
static void request_auth(struct ppp_peer *peer)
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
	send_packet(peer, &(struct packet){.protocol = auth_protocol(peer),
					   .code = 1,
					   .identifier = ++peer->auth_identifier,
					   .data = data,
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
		request_auth(peer);
	else if (peer->phase == PPP_PEER_IPCP)
		request_ipcp(peer);
}

static void enter(struct ppp_peer *peer, enum ppp_peer_phase phase, struct mono now)
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
	enter(peer, PPP_PEER_LCP, now);
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
		enter(peer, PPP_PEER_NO_ANSWER, now);
	else
		request(peer, now);
}

void ppp_peer_terminate(struct ppp_peer *peer)
{
	if (peer->phase <= PPP_PEER_UP)
		send_packet(peer, &(struct packet){.protocol = LCP,
						   .code = TERMINATE_REQUEST,
						   .identifier = ++peer->lcp.identifier});
	peer->phase = PPP_PEER_ENDED;
}

/* What an option of the other one's request becomes: ACK, NAK with a value that is put, REJECT. */
static enum code judge_lcp(const struct ppp_peer *peer, uint8_t type, struct byte_reader value,
			   struct byte_writer *nak)
{
	if (type == LCP_MRU || type == LCP_ACCM || type == LCP_MAGIC)
		return CONFIGURE_ACK;
	if (type != LCP_AUTH || peer->settings->server)
		return CONFIGURE_REJECT;
	if (rd_u16(&value) == auth_protocol(peer) &&
	    (peer->settings->auth == PPP_PEER_PAP || rd_u8(&value) == CHAP_MD5))
		return CONFIGURE_ACK;
	put_auth(peer, nak);
	return CONFIGURE_NAK;
}

static enum code judge_ipcp(const struct ppp_peer *peer, uint8_t type, struct byte_reader value,
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
static bool answer_request(struct ppp_peer *peer, const struct packet *packet)
{
	uint8_t naks[PPP_PEER_FRAME_MAX], rejects[PPP_PEER_FRAME_MAX];
	struct byte_writer nak = wr_init(naks, sizeof(naks));
	struct byte_writer reject = wr_init(rejects, sizeof(rejects));
	struct byte_reader in = rd_init(packet->data, packet->len);

	while (rd_left(&in)) {
		uint8_t type = rd_u8(&in), len = rd_u8(&in);
		struct byte_reader value = rd_slice(&in, len < 2 ? SIZE_MAX : len - 2u);
		enum code code;

		if (rd_failed(&in))
			return false;
		code = packet->protocol == LCP ? judge_lcp(peer, type, value, &nak)
					       : judge_ipcp(peer, type, value, &nak);
		if (code == CONFIGURE_REJECT)
			wr_copy(&reject, in.pos - len, len);
	}
	if (wr_len(&reject))
		answer(peer, packet, CONFIGURE_REJECT, rejects, wr_len(&reject));
	else if (wr_len(&nak))
		answer(peer, packet, CONFIGURE_NAK, naks, wr_len(&nak));
	else
		answer(peer, packet, CONFIGURE_ACK, packet->data, packet->len);
	return !wr_len(&reject) && !wr_len(&nak);
}

/* The other one refused an option of ours: it is left out, or takes the value that he wants. */
static void take_refusal(struct ppp_peer *peer, const struct packet *packet, struct mono now)
{
	struct byte_reader in = rd_init(packet->data, packet->len);

	while (rd_left(&in) && !rd_failed(&in)) {
		uint8_t type = rd_u8(&in), len = rd_u8(&in);
		struct byte_reader value = rd_slice(&in, len < 2 ? SIZE_MAX : len - 2u);

		if (packet->protocol == IPCP && packet->code == CONFIGURE_NAK &&
		    type == IPCP_ADDRESS && !peer->settings->server)
			peer->address.s_addr = htonl(rd_u32(&value));
		else if (packet->protocol == LCP && type == LCP_AUTH)
			enter(peer, PPP_PEER_DISAGREE, now);
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
		enter(peer, PPP_PEER_AUTH, now);
	else if (state == &peer->ipcp && peer->phase == PPP_PEER_IPCP)
		enter(peer, PPP_PEER_UP, now);
}

/* Whether a Configure packet is of the phase: another LCP round begins everything anew. */
static bool is_timely(struct ppp_peer *peer, const struct packet *packet, struct mono now)
{
	if (packet->protocol == IPCP) {
		/* Whoever let us in may say so after his first IPCP packet was already sent. */
		if (packet->code == CONFIGURE_REQUEST && peer->phase == PPP_PEER_AUTH &&
		    !peer->settings->server)
			enter(peer, PPP_PEER_IPCP, now);
		return peer->phase == PPP_PEER_IPCP || peer->phase == PPP_PEER_UP;
	}
	if (packet->code == CONFIGURE_REQUEST && peer->phase > PPP_PEER_LCP &&
	    peer->phase <= PPP_PEER_UP) {
		peer->lcp = peer->ipcp =
			(struct ppp_peer_option_state){.identifier = peer->lcp.identifier};
		enter(peer, PPP_PEER_LCP, now);
	}
	return peer->phase == PPP_PEER_LCP;
}

static void configure(struct ppp_peer *peer, struct ppp_peer_option_state *state,
		      const struct packet *packet, struct mono now)
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

static void reply_echo(struct ppp_peer *peer, const struct packet *packet)
{
	uint8_t data[PPP_PEER_FRAME_MAX];
	struct byte_writer out = wr_init(data, sizeof(data));

	if (packet->len < 4)
		return;
	wr_u32(&out, peer->magic);
	wr_copy(&out, packet->data + 4, MIN(packet->len - 4, sizeof(data) - 4));
	answer(peer, packet, ECHO_REPLY, data, wr_len(&out));
}

static void take_lcp(struct ppp_peer *peer, const struct packet *packet, struct mono now)
{
	if (packet->code <= CONFIGURE_REJECT) {
		configure(peer, &peer->lcp, packet, now);
	} else if (packet->code == TERMINATE_REQUEST) {
		answer(peer, packet, TERMINATE_ACK, NULL, 0);
		if (peer->phase <= PPP_PEER_UP)
			enter(peer, PPP_PEER_ENDED, now);
	} else if (packet->code == ECHO_REQUEST) {
		reply_echo(peer, packet);
	}
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

static bool is_proven(const struct ppp_peer *peer, const struct packet *packet)
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
static void judge_login(struct ppp_peer *peer, const struct packet *packet, struct mono now)
{
	uint8_t good = packet->protocol == PAP ? 2 : 3;
	bool proven;

	if (packet->code != (packet->protocol == PAP ? 1 : 2) || peer->phase < PPP_PEER_AUTH ||
	    peer->phase > PPP_PEER_UP)
		return;
	proven = is_proven(peer, packet);
	answer(peer, packet, proven ? good : good + 1, (const uint8_t *)"", 1);
	if (peer->phase == PPP_PEER_AUTH)
		enter(peer, proven ? PPP_PEER_IPCP : PPP_PEER_NO_LOGIN, now);
}

static void respond(struct ppp_peer *peer, const struct packet *packet)
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
	answer(peer, packet, 2, data, wr_len(&out));
}

static void take_auth(struct ppp_peer *peer, const struct packet *packet, struct mono now)
{
	uint8_t good = packet->protocol == PAP ? 2 : 3;

	if (packet->protocol != auth_protocol(peer))
		return;
	if (peer->settings->server) {
		judge_login(peer, packet, now);
		return;
	}
	if (packet->protocol == CHAP && packet->code == 1)
		respond(peer, packet);
	if (peer->phase == PPP_PEER_AUTH && packet->code == good)
		enter(peer, PPP_PEER_IPCP, now);
	if (peer->phase == PPP_PEER_AUTH && packet->code == good + 1)
		enter(peer, PPP_PEER_NO_LOGIN, now);
}

static void reject_protocol(struct ppp_peer *peer, const uint8_t *from_protocol, size_t len)
{
	if (peer->phase > PPP_PEER_LCP && peer->phase <= PPP_PEER_UP)
		send_packet(peer, &(struct packet){.protocol = LCP,
						   .code = PROTOCOL_REJECT,
						   .identifier = ++peer->lcp.identifier,
						   .data = from_protocol,
						   .len = len});
}

static bool take_packet(struct byte_reader *in, struct packet *ret_packet)
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
	struct packet packet;

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
		take_auth(peer, &packet, now);
	return false;
}
