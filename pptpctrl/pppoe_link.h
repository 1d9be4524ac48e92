/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A private Ethernet between this process and the kernel, and the PPPoE sessions on it, whose other
 * ends pppd has. One for each process, whatever the number of its calls.
 */
#ifndef PPTPCTRL_PPPOE_LINK_H
#define PPTPCTRL_PPPOE_LINK_H

#include <ev.h>
#include <stddef.h>
#include <stdint.h>

#include "pptpctrl/proto/pppoe.h"

struct link_io;
struct pppoe_link;

/* Bytes before what a session is given, free for its owner to write something in front. */
#define PPPOE_LINK_HEADROOM 2

/*
 * What a session is on the link; part of its owner, who must not move it while it is there. Its
 * members are the link's, but for what pppoe_link_add() was given.
 */
struct pppoe_session {
	/*
	 * A payload from the kernel, PPP without address and control, with PPPOE_LINK_HEADROOM
	 * bytes before it; valid, and the callee's to change, during the call only. Any session may
	 * be added or removed meanwhile.
	 */
	void (*payload)(void *context, uint8_t *payload, size_t len);
	void *context;
	uint16_t id;
	struct pppoe_session *next; /* with the same head */
};

struct pppoe_link_counters {
	uint64_t received;
	uint64_t malformed; /* not a frame of a PPPoE session */
	uint64_t unknown;   /* no such session */
	uint64_t sent;
	uint64_t dropped; /* could not be sent; no error ends a session */
	int last_errno;   /* of the last that could not be sent, 0 if there was none */
};

/*
 * Takes over `io`. Everything that comes is received from now on, since nothing pushes back: what
 * waits in the kernel only gets old. NULL when memory is out; `io` is then still the caller's.
 */
struct pppoe_link *pppoe_link_new(struct ev_loop *loop, struct link_io *io,
				  const uint8_t kernel[PPPOE_ADDRESS_LEN],
				  const uint8_t own[PPPOE_ADDRESS_LEN]);

/* All sessions must be gone, and no callback of theirs be running. Accepts NULL. */
void pppoe_link_free(struct pppoe_link *link);

/* `payload`, `context` and `id` are set; the ID must not be in use. */
void pppoe_link_add(struct pppoe_link *link, struct pppoe_session *session);
void pppoe_link_remove(struct pppoe_link *link, struct pppoe_session *session);

/*
 * Sends a payload to the kernel's end of a session; a protocol that a peer has shortened is written
 * in full, since the kernel's PPPoE drops it (RFC 2516 7). It is sent before the loop sleeps, with
 * whatever else the wake-up brings. What the kernel does not take is dropped.
 */
void pppoe_link_send(struct pppoe_link *link, const struct pppoe_session *session,
		     const uint8_t *payload, size_t len);

struct pppoe_link_counters pppoe_link_counters(const struct pppoe_link *link);

#endif
