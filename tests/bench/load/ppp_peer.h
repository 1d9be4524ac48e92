/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Just enough of PPP (RFC 1661, 1334, 1994, 1332) to bring a link up from either end and to keep
 * it: LCP, PAP or CHAP with MD5, and IPCP with an address. Refuses every option that is not needed
 * for that. Pure: time is passed in, frames go to a callback.
 */
#ifndef TESTS_BENCH_LOAD_PPP_PEER_H
#define TESTS_BENCH_LOAD_PPP_PEER_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pptpd/base/mono.h"

/* Longest frame of a control protocol that is sent; a longer one that comes is cut in answers. */
#define PPP_PEER_FRAME_MAX 512

/* Name and password. */
#define PPP_PEER_WORD_MAX 63

#define PPP_PEER_CHALLENGE_LEN 16

enum ppp_peer_auth {
	PPP_PEER_PAP,
	PPP_PEER_CHAP,
};

struct ppp_peer_settings {
	bool server; /* asks the other one who he is, and gives him an address */
	enum ppp_peer_auth auth;
	char user[PPP_PEER_WORD_MAX + 1];
	char password[PPP_PEER_WORD_MAX + 1];
	struct in_addr local, remote; /* the server's and what it gives */
};

enum ppp_peer_phase {
	PPP_PEER_LCP,
	PPP_PEER_AUTH,
	PPP_PEER_IPCP,
	PPP_PEER_UP,
	PPP_PEER_ENDED,     /* the other one terminated it */
	PPP_PEER_NO_ANSWER, /* in the phase `stuck` */
	PPP_PEER_NO_LOGIN,  /* the login was refused */
	PPP_PEER_DISAGREE,  /* about authentication */
	PPP_PEER_PHASES,    /* their number */
};

/* A whole PPP frame with address and control field; valid during the call only. */
typedef void ppp_peer_send(void *context, const uint8_t *frame, size_t len);

/* One of LCP and IPCP. */
struct ppp_peer_option_state {
	uint8_t identifier; /* of our last request */
	bool ours_acked;
	bool theirs_acked;
};

struct ppp_peer {
	const struct ppp_peer_settings *settings;
	ppp_peer_send *send;
	void *context;
	enum ppp_peer_phase phase;
	enum ppp_peer_phase stuck;
	unsigned tries;       /* of the request that waits for an answer */
	struct mono deadline; /* for it; not while up or ended */
	uint32_t magic;
	uint32_t dropped; /* bit n: our LCP option n was rejected */
	struct ppp_peer_option_state lcp, ipcp;
	uint8_t auth_identifier;
	uint8_t challenge[PPP_PEER_CHALLENGE_LEN];
	struct in_addr address; /* the client's own */
};

/* `seed`: makes the magic number and the challenge. `settings` must outlive it. Sends at once. */
void ppp_peer_start(struct ppp_peer *peer, const struct ppp_peer_settings *settings,
		    ppp_peer_send *send, void *context, uint64_t seed, struct mono now);

/*
 * Takes a frame. True if it holds an IP packet and the link is up; then that is *ret_packet.
 */
bool ppp_peer_receive(struct ppp_peer *peer, const uint8_t *frame, size_t len, struct mono now,
		      const uint8_t **ret_packet, size_t *ret_len);

/* When ppp_peer_expire() has something to do; false for never. */
bool ppp_peer_deadline(const struct ppp_peer *peer, struct mono *ret_when);

/* Repeats what was not answered in time, or gives up. */
void ppp_peer_expire(struct ppp_peer *peer, struct mono now);

/* Sends a Terminate-Request and ends. */
void ppp_peer_terminate(struct ppp_peer *peer);

/* For people: "no answer". */
const char *ppp_peer_phase_name(enum ppp_peer_phase phase);

#endif
