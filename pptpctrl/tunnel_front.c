/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The front side of an LRP: one tunnel, plain or TLS, whose calls are joined to sessions. No GRE
 * anywhere. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "pptpctrl/front.h"
#include "pptpctrl/manager_link.h"
#include "pptpctrl/ppp_session.h"
#include "pptpctrl/pppd_status.h"
#include "pptpctrl/proto/pptp_msg.h"
#include "pptpctrl/title.h"
#include "pptpctrl/tunnel_entry.h"
#include "pptpd/base/fdio.h"
#include "pptpd/base/list.h"
#include "pptpd/base/log.h"
#include "rrp/tls.h"
#include "rrp/tunnel.h"

/* For the LRP's first message; it is sent with the connection. */
#define HELLO_TIMEOUT_S 5

/* Silent keepalive intervals until the LRP is taken for dead. */
#define PING_MISSES 3

struct tunnel_front {
	const struct front_context *context;
	struct tunnel_entry *entry; /* of a TLS tunnel, until it is let in or not */
	struct tunnel *tunnel;      /* NULL before it is let in and once it is down */
	unsigned max_calls;
	char address[ADDRESS_TEXT_MAX];
	char name[IPC_NAME_MAX + 1]; /* the LRP's, fit for log lines and environment */
	bool stopping;
	struct list calls;
	unsigned call_count; /* of these, until each one's pppd is reaped */
};

struct front_call {
	struct list link;
	struct tunnel_front *front;
	struct tunnel_call *call; /* NULL once it is over for the LRP */
	struct ppp_session *session;
	uint32_t speed;
	char client[INET_ADDRSTRLEN];
};

static void idle_if_done(const struct tunnel_front *front)
{
	if (!front->entry && !front->tunnel && list_empty(&front->calls))
		manager_link_idle(front->context->link);
}

static void free_call(struct front_call *call)
{
	struct tunnel_front *front = call->front;

	list_remove(&call->link);
	front->call_count--;
	free(call);
	idle_if_done(front);
}

static void on_session_started(void *context, uint16_t call_id)
{
	struct front_call *call = context;
	struct tunnel_front *front = call->front;

	log_info("RRP: LRP %s (%s): client %s call %u started", front->name, front->address,
		 call->client, call_id);
	tunnel_call_accept(call->call, call->speed);
}

static void on_session_refused(void *context, enum ipc_refusal reason)
{
	struct front_call *call = context;

	if (call->call && reason == IPC_REFUSAL_SYSTEM)
		tunnel_call_refuse(call->call, PPTP_OUTGOING_GENERAL_ERROR, PPTP_ERROR_PAC);
	else if (call->call)
		tunnel_call_refuse(call->call, PPTP_OUTGOING_BUSY, PPTP_ERROR_NONE);
	free_call(call);
}

static void on_session_frame(void *context, const uint8_t *frame, size_t len)
{
	struct front_call *call = context;

	if (call->call)
		tunnel_call_send(call->call, frame, len);
}

static void on_session_ended(void *context)
{
	struct front_call *call = context;

	if (call->call)
		tunnel_call_close(call->call, PPTP_DISCONNECT_LOST_CARRIER, PPTP_ERROR_NONE);
	call->call = NULL;
}

static void on_session_reaped(void *context, int32_t pppd_pid, int wait_status)
{
	struct front_call *call = context;
	char text[128];

	log_line(pppd_status_is_failure(wait_status) ? LOG_NOTICE : LOG_INFO,
		 "RRP: LRP %s (%s): client %s call finished, pppd[%d] ended with %s",
		 call->front->name, call->front->address, call->client, pppd_pid,
		 pppd_status_text(wait_status, text, sizeof(text)));
	free_call(call);
}

static const struct ppp_session_ops session_ops = {
	.started = on_session_started,
	.refused = on_session_refused,
	.frame = on_session_frame,
	.ended = on_session_ended,
	.reaped = on_session_reaped,
};

/* Fit for pppd's environment and every log line: what is not a letter, digit or ._- becomes _. */
static void take_name(struct tunnel_front *front, const char *peer_name)
{
	static const char fit[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
	size_t i;

	for (i = 0; i < IPC_NAME_MAX && peer_name[i]; i++)
		front->name[i] = (char)(strchr(fit, peer_name[i]) ? peer_name[i] : '_');
	front->name[i] = '\0';
	if (!i)
		memcpy(front->name, "unnamed", sizeof("unnamed"));
}

static void on_up(void *context, const char *peer_name)
{
	struct tunnel_front *front = context;

	if (front->context->settings.tls) {
		log_debug("RRP: LRP %s (%s): calls itself %s", front->name, front->address,
			  peer_name);
	} else {
		take_name(front, peer_name);
		manager_link_peer_name(front->context->link, front->name);
	}
	title_set("pptpd [LRP %s %s]", front->name, front->address);
	log_info("RRP: LRP %s (%s): tunnel up", front->name, front->address);
}

static void on_call_opened(void *context, struct tunnel_call *tunnel_call,
			   const struct tunnel_call_request *request)
{
	struct tunnel_front *front = context;
	struct front_call *call;

	/* The tunnel has forgotten those that were closed; their pppd may still live. */
	if (front->call_count >= front->max_calls) {
		tunnel_call_refuse(tunnel_call, PPTP_OUTGOING_BUSY, PPTP_ERROR_NONE);
		return;
	}
	call = calloc(1, sizeof(*call));
	if (call)
		call->session = ppp_session_new(front->context->sessions, request->client,
						request->client_call_id, &session_ops, call);
	if (!call || !call->session) {
		log_system(LOG_ERR, "RRP: LRP %s (%s): call", front->name, front->address);
		free(call);
		tunnel_call_refuse(tunnel_call, PPTP_OUTGOING_GENERAL_ERROR,
				   PPTP_ERROR_NO_RESOURCE);
		return;
	}
	call->front = front;
	call->call = tunnel_call;
	call->speed = request->max_bps;
	(void)inet_ntop(AF_INET, &request->client, call->client, sizeof(call->client));
	tunnel_call_set_owner(tunnel_call, call);
	list_append(&front->calls, &call->link);
	front->call_count++;
}

static void on_call_closed(void *context UNUSED, struct tunnel_call *tunnel_call,
			   uint8_t result UNUSED, uint8_t error UNUSED)
{
	struct front_call *call = tunnel_call_owner(tunnel_call);

	call->call = NULL;
	ppp_session_stop(call->session);
}

static void on_link_info(void *context UNUSED, struct tunnel_call *call UNUSED,
			 uint32_t send_accm UNUSED, uint32_t receive_accm UNUSED)
{
	/* The tunnel carries frames without escapes, and towards pppd every escape is made anyway.
	 */
}

static void on_frame(void *context UNUSED, struct tunnel_call *tunnel_call, const uint8_t *frame,
		     size_t len)
{
	struct front_call *call = tunnel_call_owner(tunnel_call);

	ppp_session_send(call->session, frame, len);
}

/* Each notice but DEBUG comes once: when the tunnel is up, and why it ends. */
static const int notice_severity[] = {
	[TUNNEL_NOTICE_UP] = LOG_DEBUG,
	[TUNNEL_NOTICE_CLOSED] = LOG_INFO,
	[TUNNEL_NOTICE_LOST] = LOG_WARNING,
	[TUNNEL_NOTICE_SILENT] = LOG_WARNING,
	[TUNNEL_NOTICE_HELLO_TIMEOUT] = LOG_WARNING,
	[TUNNEL_NOTICE_PROTOCOL] = LOG_ERR,
	[TUNNEL_NOTICE_REFUSED] = LOG_ERR,
	[TUNNEL_NOTICE_OVERFLOW] = LOG_ERR,
	[TUNNEL_NOTICE_DEBUG] = LOG_DEBUG,
};

static void on_notice(void *context, enum tunnel_notice notice, const char *text)
{
	struct tunnel_front *front = context;

	log_line(notice_severity[notice], "RRP: LRP %s (%s): %s", front->name, front->address,
		 text);
}

static void on_down(void *context)
{
	struct tunnel_front *front = context;

	tunnel_free(front->tunnel);
	front->tunnel = NULL;
	idle_if_done(front);
}

static const struct tunnel_ops tunnel_ops = {
	.up = on_up,
	.call_opened = on_call_opened,
	.call_closed = on_call_closed,
	.link_info = on_link_info,
	.frame = on_frame,
	.notice = on_notice,
	.down = on_down,
};

static void start_tunnel(struct tunnel_front *front, struct rrp_stream *stream)
{
	const struct tunnel_settings settings = {
		.role = TUNNEL_SERVER,
		.hello_timeout_s = HELLO_TIMEOUT_S,
		.ping_interval_s = front->context->settings.echo_interval_s,
		.ping_misses = PING_MISSES,
		.max_calls = front->max_calls,
		.name = "pptpd",
	};

	front->tunnel = tunnel_new(front->context->loop, stream, &settings, &tunnel_ops, front);
	if (front->tunnel)
		return;
	log_system(LOG_ERR, "RRP: %s: tunnel", front->address);
	stream->ops->free(stream);
	idle_if_done(front);
}

static void on_admitted(void *context, struct rrp_stream *stream,
			const struct ipc_peer_verdict *verdict)
{
	struct tunnel_front *front = context;

	tunnel_entry_free(front->entry);
	front->entry = NULL;
	take_name(front, verdict->name);
	front->max_calls = verdict->max_calls;
	start_tunnel(front, stream);
}

static void on_entry_ended(void *context)
{
	struct tunnel_front *front = context;

	tunnel_entry_free(front->entry);
	front->entry = NULL;
	idle_if_done(front);
}

static const struct tunnel_entry_ops entry_ops = {
	.admitted = on_admitted,
	.ended = on_entry_ended,
};

static void enter_plain(struct tunnel_front *front, int fd)
{
	struct rrp_stream *stream = rrp_stream_plain(fd);

	if (stream) {
		start_tunnel(front, stream);
		return;
	}
	log_system(LOG_ERR, "RRP: %s: tunnel", front->address);
	fdio_close(&fd);
	idle_if_done(front);
}

static void enter_tls(struct tunnel_front *front, int fd)
{
	front->entry = tunnel_entry_new(front->context, fd, front->address, &entry_ops, front);
	if (front->entry)
		return;
	log_system(LOG_ERR, "RRP: %s: tunnel", front->address);
	fdio_close(&fd);
	idle_if_done(front);
}

static void tunnel_connection(void *context, int fd)
{
	struct tunnel_front *front = context;

	if (front->stopping) { /* SIGTERM was faster than the manager */
		fdio_close(&fd);
		idle_if_done(front);
		return;
	}
	if (front->context->settings.tls)
		enter_tls(front, fd);
	else
		enter_plain(front, fd);
}

static void tunnel_peer_verdict(void *context, const struct ipc_peer_verdict *verdict)
{
	struct tunnel_front *front = context;

	if (front->entry)
		tunnel_entry_peer_verdict(front->entry, verdict);
}

static void tunnel_enrol_verdict(void *context, const struct ipc_enrol_verdict *verdict)
{
	struct tunnel_front *front = context;

	if (front->entry)
		tunnel_entry_enrol_verdict(front->entry, verdict);
}

static void tunnel_gre_opened(void *context UNUSED, const struct ipc_gre_opened *opened UNUSED,
			      int fd)
{
	fdio_close(&fd); /* a tunnel never asks for it */
}

static void tunnel_stop(void *context)
{
	struct tunnel_front *front = context;

	front->stopping = true;
	tunnel_entry_free(front->entry);
	front->entry = NULL;
	if (front->tunnel)
		tunnel_shutdown(front->tunnel);
	idle_if_done(front);
}

static void *tunnel_new_front(const struct front_context *context)
{
	struct tunnel_front *front = calloc(1, sizeof(*front));
	char address[ADDRESS_TEXT_MAX];

	if (!front) {
		log_system(LOG_ERR, "RRP: %s: tunnel",
			   address_text(&context->settings.remote, address));
		return NULL;
	}
	front->context = context;
	front->max_calls = context->settings.max_calls;
	list_init(&front->calls);
	memcpy(front->name, "unnamed", sizeof("unnamed"));
	(void)address_text(&context->settings.remote, front->address);
	title_set("pptpd [LRP %s]", front->address);
	return front;
}

/*
 * For the key of a TLS tunnel; the manager sends the channel before the connection. As the
 * unprivileged user, since the signer, whose certificate is read here, might have been taken over.
 */
static bool take_identity(struct front_context *context)
{
	char error[TLS_ERROR_MAX] = "the manager sent no channel to it";
	char address[ADDRESS_TEXT_MAX];
	int channel = -1;

	if (!context->settings.tls)
		return true;
	if (manager_link_signer(&channel))
		context->identity = tls_identity_new(channel, error);
	if (!context->identity)
		log_err("RRP: %s: the signer: %s", address_text(&context->settings.remote, address),
			error);
	return context->identity != NULL;
}

static void forget_identity(struct front_context *context)
{
	tls_identity_free(context->identity);
	context->identity = NULL;
}

static void tunnel_free_front(void *context)
{
	struct tunnel_front *front = context;

	tunnel_entry_free(front->entry);
	tunnel_free(front->tunnel);
	list_for_each (link, &front->calls)
		free(container_of(link, struct front_call, link));
	free(front);
}

const struct front front_tunnel = {
	.prepare = take_identity,
	.forget = forget_identity,
	.new = tunnel_new_front,
	.free = tunnel_free_front,
	.connection = tunnel_connection,
	.gre_opened = tunnel_gre_opened,
	.peer_verdict = tunnel_peer_verdict,
	.enrol_verdict = tunnel_enrol_verdict,
	.stop = tunnel_stop,
};
