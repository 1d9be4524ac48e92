/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A call as this process serves it: asked of the manager, joined to its PPP channel, and kept until
 * its pppd is reaped. Its front side, a control connection or a tunnel, is behind callbacks.
 */
#ifndef PPTPCTRL_PPP_SESSION_H
#define PPTPCTRL_PPP_SESSION_H

#include <ev.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pptpd/ipc.h"

struct manager_link;
struct ppp_session;
struct ppp_sessions;

struct ppp_session_ops {
	/* pppd runs; the call's ID is the one that the manager leased. */
	void (*started)(void *context, uint16_t call_id);

	/* It could not be started. The session is freed after the return. */
	void (*refused)(void *context, enum ipc_refusal reason);

	/*
	 * A PPP frame from pppd, with address and control unless pppd has left them out; valid
	 * during the call only. That pppd has let its user in was then
	 * told the manager.
	 */
	void (*frame)(void *context, const uint8_t *frame, size_t len);

	/* pppd has ended by itself, or is about to. reaped() follows. Not after ppp_session_stop().
	 */
	void (*ended)(void *context);

	/*
	 * pppd was reaped, with a status as of waitpid(2). The last callback; the session is freed
	 * after the return.
	 */
	void (*reaped)(void *context, int32_t pppd_pid, int wait_status);
};

/* All sessions of this process. NULL when memory is out. */
struct ppp_sessions *ppp_sessions_new(struct ev_loop *loop, struct manager_link *link);

/* Frees what is left, without callbacks. Accepts NULL. */
void ppp_sessions_free(struct ppp_sessions *sessions);

/* What the manager says about calls. */
void ppp_sessions_call_started(struct ppp_sessions *sessions,
			       const struct ipc_call_started *started, int fd);
void ppp_sessions_call_refused(struct ppp_sessions *sessions, uint32_t request,
			       enum ipc_refusal reason);
void ppp_sessions_call_ended(struct ppp_sessions *sessions, const struct ipc_call_ended *ended);

/*
 * Takes over the link, which comes once, for the calls whose channel is a PPPoE session. False,
 * logged, when memory is out: then such calls cannot be had any more.
 */
bool ppp_sessions_link_given(struct ppp_sessions *sessions, const struct ipc_link *link, int fd);

/*
 * Asks for a call from that client, which has its own ID for it. NULL when memory is out. `ops`
 * must outlive the session.
 */
struct ppp_session *ppp_session_new(struct ppp_sessions *sessions, struct in_addr client,
				    uint16_t client_call_id, const struct ppp_session_ops *ops,
				    void *context);

/* Hangs up, now or as soon as the call has started. Only reaped() or refused() follows. */
void ppp_session_stop(struct ppp_session *session);

/*
 * Whether pppd has told the peer that it could not authenticate itself, whatever pppd's exit status
 * then says: a peer can hang up first.
 */
bool ppp_session_is_denied(const struct ppp_session *session);

/*
 * Hands a frame to pppd, as soon as that is ready for it; ignored when the session is not running.
 * Only of one that carries frames.
 */
void ppp_session_send(struct ppp_session *session, const uint8_t *frame, size_t len);

/* Whether frames pass through this process; only of a session that has started. */
bool ppp_session_carries_frames(const struct ppp_session *session);

#endif
