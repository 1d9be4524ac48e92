/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls between front side, manager and PPP channel; see the header. */
#include "pptpctrl/ppp_session.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pptpctrl/frame_hold.h"
#include "pptpctrl/link_io.h"
#include "pptpctrl/manager_link.h"
#include "pptpctrl/ppp_channel.h"
#include "pptpctrl/ppp_frame.h"
#include "pptpctrl/pppoe_link.h"
#include "pptpd/base/fdio.h"
#include "pptpd/base/list.h"
#include "pptpd/base/log.h"

/*
 * pppd empties its terminal when it takes it over, and to a PPPoE session the kernel does the same;
 * pppd sends its first Configure-Request when it is ready. What the client sends before waits for
 * that, else its own first request is lost and every call starts with the three seconds until it
 * asks again. Not for ever: with pppd's options passive and silent the client speaks first.
 */
#define READY_TIMEOUT_S 2.

enum ppp_session_state {
	PPP_SESSION_REQUESTED, /* the manager was asked */
	PPP_SESSION_RUNNING,
	PPP_SESSION_ENDING, /* hung up; pppd is not reaped yet */
};

static const char *const state_names[] = {
	[PPP_SESSION_REQUESTED] = "requested",
	[PPP_SESSION_RUNNING] = "running",
	[PPP_SESSION_ENDING] = "ending",
};

struct ppp_session {
	struct list link;
	struct ppp_sessions *sessions;
	enum ppp_session_state state;
	bool unwanted; /* stopped before it had started */
	bool ready;    /* pppd has sent a frame */
	bool proven;   /* pppd has let its user in */
	bool denied;   /* or told the peer that it does not */
	uint32_t request;
	uint16_t call_id;
	int32_t pppd_pid;
	struct ppp_channel *channel;   /* NULL unless running */
	struct ev_timer ready_timeout; /* active until pppd is ready to receive */
	struct frame_hold hold;        /* what came for it until then */
	const struct ppp_session_ops *ops;
	void *context;
};

struct ppp_sessions {
	struct ev_loop *loop;
	struct manager_link *link;
	struct pppoe_link *pppoe; /* NULL unless the manager has given it */
	struct list list;
	uint32_t next_request;
};

struct ppp_sessions *ppp_sessions_new(struct ev_loop *loop, struct manager_link *link)
{
	struct ppp_sessions *sessions = calloc(1, sizeof(*sessions));

	if (!sessions)
		return NULL;
	sessions->loop = loop;
	sessions->link = link;
	list_init(&sessions->list);
	return sessions;
}

static void drop_channel(struct ppp_session *session)
{
	ev_timer_stop(session->sessions->loop, &session->ready_timeout);
	frame_hold_done(&session->hold);
	ppp_channel_free(session->channel);
	session->channel = NULL;
}

static void free_session(struct ppp_session *session)
{
	list_remove(&session->link);
	drop_channel(session);
	free(session);
}

static void log_unsent(const struct pppoe_link *pppoe)
{
	const struct pppoe_link_counters counters = pppoe_link_counters(pppoe);

	if (counters.dropped)
		log_info("CTRL: %" PRIu64 " of %" PRIu64 " frames did not get to pppd: %s",
			 counters.dropped, counters.dropped + counters.sent,
			 strerror(counters.last_errno));
}

void ppp_sessions_free(struct ppp_sessions *sessions)
{
	if (!sessions)
		return;
	list_for_each (link, &sessions->list)
		free_session(container_of(link, struct ppp_session, link));
	if (sessions->pppoe)
		log_unsent(sessions->pppoe);
	pppoe_link_free(sessions->pppoe);
	free(sessions);
}

static void set_state(struct ppp_session *session, enum ppp_session_state state, const char *reason)
{
	log_debug("CTRL: call %u: %s -> %s: %s", session->call_id, state_names[session->state],
		  state_names[state], reason);
	session->state = state;
}

static void close_channel(struct ppp_session *session, const char *reason)
{
	set_state(session, PPP_SESSION_ENDING, reason);
	drop_channel(session);
}

/* Our side of the channel goes; the manager closes its copy and sees pppd end. */
static void hang_up(struct ppp_session *session, const char *reason)
{
	close_channel(session, reason);
	manager_link_stop_call(session->sessions->link, session->call_id);
}

static void send_held(void *context, const uint8_t *frame, size_t len)
{
	struct ppp_session *session = context;

	ppp_channel_send(session->channel, frame, len);
}

static void pppd_is_ready(struct ppp_session *session)
{
	ev_timer_stop(session->sessions->loop, &session->ready_timeout);
	frame_hold_give(&session->hold, send_held, session);
}

static void on_ready_timeout(struct ev_loop *loop UNUSED, struct ev_timer *timer, int events UNUSED)
{
	pppd_is_ready(timer->data);
}

static void on_frame(void *context, const uint8_t *frame, size_t len)
{
	struct ppp_session *session = context;

	if (!session->ready) {
		session->ready = true;
		manager_link_call_ready(session->sessions->link, session->call_id);
		pppd_is_ready(session);
	}
	if (ppp_frame_is_network_control(frame, len) && !session->proven) {
		session->proven = true;
		manager_link_call_proven(session->sessions->link, session->call_id);
	}
	if (ppp_frame_is_authentication_failure(frame, len))
		session->denied = true;
	session->ops->frame(session->context, frame, len);
}

static void on_stopped(void *context)
{
	struct ppp_session *session = context;

	hang_up(session, "pppd closed its side");
	session->ops->ended(session->context);
}

static const struct ppp_channel_ops channel_ops = {.frame = on_frame, .stopped = on_stopped};

static struct ppp_channel *open_pty(struct ppp_session *session, int fd)
{
	return ppp_channel_pty(session->sessions->loop, fd, &channel_ops, session);
}

static struct ppp_channel *open_pppoe(struct ppp_session *session, int fd UNUSED)
{
	errno = ENOMEM; /* why there is no link, too */
	if (!session->sessions->pppoe)
		return NULL;
	return ppp_channel_pppoe(session->sessions->pppoe, session->call_id, &channel_ops, session);
}

static struct ppp_channel *open_kernel(struct ppp_session *session UNUSED, int fd UNUSED)
{
	return ppp_channel_kernel();
}

static struct ppp_channel *(*const open_kinds[])(struct ppp_session *session, int fd) = {
	[IPC_CHANNEL_PTY] = open_pty,
	[IPC_CHANNEL_PPPOE] = open_pppoe,
	[IPC_CHANNEL_KERNEL] = open_kernel,
};

static struct ppp_channel *open_channel(struct ppp_session *session, uint16_t kind, int fd)
{
	if (kind >= ARRAY_SIZE(open_kinds) || !open_kinds[kind])
		bug("channel of kind %u from the manager", kind);
	return open_kinds[kind](session, fd);
}

bool ppp_sessions_link_given(struct ppp_sessions *sessions, const struct ipc_link *link, int fd)
{
	struct link_io *io;

	if (sessions->pppoe || fd < 0)
		bug("link %d from the manager, which is not the first one", fd);
	io = link->kind == IPC_LINK_RING ? link_io_ring(fd, &link->ring) : link_io_tap(fd);
	if (io)
		sessions->pppoe = pppoe_link_new(sessions->loop, io, link->kernel, link->child);
	if (sessions->pppoe)
		return true;
	log_system(LOG_ERR,
		   "CTRL: the link of the PPPoE sessions; everything of this process ends");
	if (io)
		io->ops->free(io);
	else
		fdio_close(&fd);
	return false;
}

void ppp_sessions_call_started(struct ppp_sessions *sessions,
			       const struct ipc_call_started *started, int fd)
{
	struct ppp_session *session = NULL;

	list_for_each (link, &sessions->list) {
		struct ppp_session *one = container_of(link, struct ppp_session, link);

		if (one->state == PPP_SESSION_REQUESTED && one->request == started->request)
			session = one;
	}
	if (!session)
		bug("request %u answered but not asked", started->request);
	session->call_id = started->call_id;
	session->pppd_pid = started->pppd_pid;
	if (session->unwanted) {
		fdio_close(&fd);
		hang_up(session, "stopped before it had started");
		return;
	}
	session->channel = open_channel(session, started->channel, fd);
	if (!session->channel) {
		log_system(LOG_ERR, "CTRL: channel of call %u", session->call_id);
		fdio_close(&fd);
		hang_up(session, "no channel");
		session->ops->ended(session->context);
		return;
	}
	set_state(session, PPP_SESSION_RUNNING, session->channel->class->name);
	if (ppp_channel_carries_frames(session->channel))
		ev_timer_start(sessions->loop, &session->ready_timeout);
	session->ops->started(session->context, session->call_id);
}

void ppp_sessions_call_refused(struct ppp_sessions *sessions, uint32_t request,
			       enum ipc_refusal reason)
{
	list_for_each (link, &sessions->list) {
		struct ppp_session *session = container_of(link, struct ppp_session, link);

		if (session->state != PPP_SESSION_REQUESTED || session->request != request)
			continue;
		session->ops->refused(session->context, reason);
		free_session(session);
		return;
	}
}

void ppp_sessions_call_ended(struct ppp_sessions *sessions, const struct ipc_call_ended *ended)
{
	list_for_each (link, &sessions->list) {
		struct ppp_session *session = container_of(link, struct ppp_session, link);

		if (session->state == PPP_SESSION_REQUESTED || session->call_id != ended->call_id)
			continue;
		if (ended->denied)
			session->denied = true;
		if (session->state == PPP_SESSION_RUNNING) {
			close_channel(session, "pppd was reaped");
			session->ops->ended(session->context);
		}
		session->ops->reaped(session->context, session->pppd_pid, ended->wait_status);
		free_session(session);
		return;
	}
}

struct ppp_session *ppp_session_new(struct ppp_sessions *sessions, struct in_addr client,
				    uint16_t client_call_id, const struct ppp_session_ops *ops,
				    void *context)
{
	struct ppp_session *session = calloc(1, sizeof(*session));

	if (!session)
		return NULL;
	session->sessions = sessions;
	session->state = PPP_SESSION_REQUESTED;
	session->request = sessions->next_request++;
	session->ops = ops;
	session->context = context;
	ev_timer_init(&session->ready_timeout, on_ready_timeout, READY_TIMEOUT_S, 0.);
	session->ready_timeout.data = session;
	frame_hold_init(&session->hold);
	list_append(&sessions->list, &session->link);
	manager_link_start_call(sessions->link, session->request, client, client_call_id);
	return session;
}

void ppp_session_stop(struct ppp_session *session)
{
	if (session->state == PPP_SESSION_RUNNING) {
		hang_up(session, "hang-up");
	} else if (session->state == PPP_SESSION_REQUESTED && !session->unwanted) {
		session->unwanted = true;
		manager_link_cancel_call(session->sessions->link, session->request);
	}
}

void ppp_session_send(struct ppp_session *session, const uint8_t *frame, size_t len)
{
	if (session->state != PPP_SESSION_RUNNING)
		return;
	if (ev_is_active(&session->ready_timeout))
		frame_hold_push(&session->hold, frame, len);
	else
		ppp_channel_send(session->channel, frame, len);
}

bool ppp_session_is_denied(const struct ppp_session *session)
{
	return session->denied && !session->proven;
}

bool ppp_session_carries_frames(const struct ppp_session *session)
{
	return ppp_channel_carries_frames(session->channel);
}
