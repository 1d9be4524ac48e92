/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the phases of a link and its authentication; internal to ppp_peer. */
#ifndef TESTS_BENCH_LOAD_PPP_PEER_PRIVATE_H
#define TESTS_BENCH_LOAD_PPP_PEER_PRIVATE_H

#include "tests/bench/load/ppp_peer.h"

#define CHAP_MD5 5

enum protocol {
	IP = 0x0021,
	IPCP = 0x8021,
	LCP = 0xc021,
	PAP = 0xc023,
	CHAP = 0xc223,
};

/* One packet of a control protocol, RFC 1661 5. */
struct ppp_peer_packet {
	uint16_t protocol;
	uint8_t code;
	uint8_t identifier;
	const uint8_t *data;
	size_t len;
};

void ppp_peer_put(struct ppp_peer *peer, const struct ppp_peer_packet *packet);

/* With the identifier of `to`. */
void ppp_peer_answer(struct ppp_peer *peer, const struct ppp_peer_packet *to, uint8_t code,
		     const uint8_t *data, size_t len);

void ppp_peer_enter(struct ppp_peer *peer, enum ppp_peer_phase phase, struct mono now);

/* In ppp_auth.c. */
uint16_t ppp_auth_protocol(const struct ppp_peer *peer);

/* The client names himself; the server asks for that only with CHAP. */
void ppp_auth_request(struct ppp_peer *peer);

/* A packet of PAP or CHAP. */
void ppp_auth_take(struct ppp_peer *peer, const struct ppp_peer_packet *packet, struct mono now);

#endif
