/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls of the LAN's clients through the tunnel; see the header. */
#include "lrp/calls.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "pptpd/base/id_pool.h"
#include "pptpd/base/list.h"
#include "pptpd/base/log.h"
#include "pptpd/base/mono.h"
#include "pptpd/base/util.h"

struct calls {
	struct ev_loop *loop;
	struct calls_settings settings;
	struct upstream *upstream;
	struct list all;
	unsigned count;
	bool stopping;
	struct id_pool ids;
};

/*
 * Exists from the request until either side ends it. The client's call ID is in ctrl->request: it
 * is what GRE to the client carries; ours is what the client's GRE carries; the tunnel has numbers
 * of its own. Clients whose call IDs are equal thus never meet.
 */
struct call {
	struct list link;
	struct calls *calls;
	struct ctrl_call *ctrl;
	struct tunnel_call *tunnel;
	struct gre_call *gre; /* NULL until the server accepted: earlier GRE finds nobody */
	struct lan_source *source;
	struct in_addr client; /* its address, which outlives the source */
	uint16_t call_id;
	ev_timer answer_timeout;
};

/* Words for the result codes of RFC 2637 2.8 and 2.13 in log lines. */
static const char *const outgoing_results[] = {
	[PPTP_OUTGOING_CONNECTED] = "connected",
	[PPTP_OUTGOING_GENERAL_ERROR] = "general error",
	[PPTP_OUTGOING_NO_CARRIER] = "no carrier",
	[PPTP_OUTGOING_BUSY] = "busy",
	[PPTP_OUTGOING_NO_DIAL_TONE] = "no dial tone",
	[PPTP_OUTGOING_TIME_OUT] = "time-out",
	[PPTP_OUTGOING_DO_NOT_ACCEPT] = "not accepted",
};
static const char *const disconnect_results[] = {
	[PPTP_DISCONNECT_LOST_CARRIER] = "lost carrier",
	[PPTP_DISCONNECT_GENERAL_ERROR] = "general error",
	[PPTP_DISCONNECT_ADMIN_SHUTDOWN] = "administrative shutdown",
	[PPTP_DISCONNECT_REQUEST] = "request",
};

static const char *result_name(const char *const *names, size_t count, unsigned result)
{
	return result < count && names[result] ? names[result] : "unknown result";
}

struct calls *calls_new(struct ev_loop *loop, const struct calls_settings *settings)
{
	struct calls *calls = calloc(1, sizeof(*calls));

	if (!calls)
		return NULL;
	calls->loop = loop;
	calls->settings = *settings;
	list_init(&calls->all);
	id_pool_init(&calls->ids);
	return calls;
}

void calls_set_upstream(struct calls *calls, struct upstream *upstream)
{
	calls->upstream = upstream;
}

void calls_set_stopping(struct calls *calls)
{
	calls->stopping = true;
}

unsigned calls_count(const struct calls *calls)
{
	return calls->count;
}

/* False when memory is out. */
static bool start_gre(struct call *call, const struct gre_call_settings *settings,
		      gre_call_frame *on_frame)
{
	struct calls *calls = call->calls;

	if (!call_hosts_add(calls->settings.hosts, settings->peer))
		return false;
	call->gre = gre_call_new(calls->settings.engine, settings, on_frame, call);
	if (!call->gre)
		call_hosts_remove(calls->settings.hosts, settings->peer);
	return call->gre != NULL;
}

static void stop_gre(struct call *call)
{
	if (!call->gre)
		return;
	gre_call_free(call->gre);
	call_hosts_remove(call->calls->settings.hosts, call->client);
}

/* Lets go of all three parts, each of which its owner was told about or ended before. */
static void call_free(struct call *call)
{
	struct calls *calls = call->calls;

	ev_timer_stop(calls->loop, &call->answer_timeout);
	stop_gre(call);
	if (call->call_id)
		id_pool_give(&calls->ids, call->call_id);
	list_remove(&call->link);
	calls->count--;
	free(call);
}

void calls_free(struct calls *calls)
{
	if (!calls)
		return;
	list_for_each (item, &calls->all)
		call_free(container_of(item, struct call, link));
	free(calls);
}

/* Tells the client no, and the log why; `call` may be NULL if it never came to be. */
static void refuse(struct call *call, struct ctrl_call *ctrl, struct lan_source *source,
		   enum pptp_outgoing_result result, enum pptp_error error, const char *why)
{
	lan_source_log(source, LOG_WARNING, "call %u refused with %s (error %u): %s",
		       ctrl->request.call_id,
		       result_name(outgoing_results, ARRAY_SIZE(outgoing_results), result), error,
		       why);
	ctrl_call_refuse(ctrl, result, error);
	if (call)
		call_free(call);
}

static void on_answer_timeout(struct ev_loop *loop UNUSED, ev_timer *watcher, int events UNUSED)
{
	struct call *call = container_of(watcher, struct call, answer_timeout);

	tunnel_call_close(call->tunnel, PPTP_DISCONNECT_REQUEST, PPTP_ERROR_NONE);
	refuse(call, call->ctrl, call->source, PPTP_OUTGOING_TIME_OUT, PPTP_ERROR_NONE,
	       "the server did not answer");
}

/* The tunnel's side of a new call; false if it cannot be opened. */
static bool open_in_tunnel(struct call *call)
{
	const struct pptp_outgoing_call_request *asked = &call->ctrl->request;
	struct tunnel_call_request request = {
		.client = call->source->address,
		.client_call_id = asked->call_id,
		.serial = asked->serial,
		.min_bps = asked->min_bps,
		.max_bps = asked->max_bps,
		.bearer = asked->bearer,
		.framing = asked->framing,
	};

	(void)log_printable(request.phone_number, sizeof(request.phone_number),
			    asked->phone_number);
	(void)log_printable(request.subaddress, sizeof(request.subaddress), asked->subaddress);
	call->tunnel = upstream_open_call(call->calls->upstream, &request, call);
	return call->tunnel != NULL;
}

static struct call *call_new(struct calls *calls, struct ctrl_call *ctrl, struct lan_source *source)
{
	struct call *call = calloc(1, sizeof(*call));

	if (!call)
		return NULL;
	if (!id_pool_take(&calls->ids, &call->call_id)) {
		free(call);
		return NULL;
	}
	call->calls = calls;
	call->ctrl = ctrl;
	call->source = source;
	call->client = source->address;
	ev_timer_init(&call->answer_timeout, on_answer_timeout, CALLS_ANSWER_TIMEOUT_S, 0.);
	list_append(&calls->all, &call->link);
	calls->count++;
	return call;
}

void calls_client_requested(struct calls *calls, struct ctrl_call *ctrl, struct lan_source *source)
{
	struct call *call;

	if (calls->count >= calls->settings.limit) {
		refuse(NULL, ctrl, source, PPTP_OUTGOING_BUSY, PPTP_ERROR_NONE,
		       "as many calls as connections allows");
		return;
	}
	/*
	 * pptp-linux prints the words of the error code (insufficient resources now) for General
	 * Error only, so this pair tells most. Busy stays for the limit above.
	 */
	if (!upstream_is_up(calls->upstream)) {
		refuse(NULL, ctrl, source, PPTP_OUTGOING_GENERAL_ERROR, PPTP_ERROR_NO_RESOURCE,
		       "no tunnel to a server");
		return;
	}
	call = call_new(calls, ctrl, source);
	if (!call || !open_in_tunnel(call)) {
		refuse(call, ctrl, source, PPTP_OUTGOING_GENERAL_ERROR, PPTP_ERROR_NO_RESOURCE,
		       "it cannot be opened in the tunnel");
		return;
	}
	ctrl->owner = call;
	ev_timer_start(calls->loop, &call->answer_timeout);
}

/* A PPP frame from the client, in order. */
static void on_gre_frame(void *context, const uint8_t *frame, size_t len)
{
	struct call *call = context;
	struct mono when;

	if (gre_call_last_heard(call->gre, &when))
		ctrl_conn_peer_alive(call->ctrl->conn, when);
	tunnel_call_send(call->tunnel, frame, len);
}

static void on_call_accepted(void *context UNUSED, struct tunnel_call *tunnel,
			     uint32_t connect_speed)
{
	struct call *call = tunnel_call_owner(tunnel);
	struct calls *calls = call->calls;
	const struct gre_call_settings gre = {
		.peer = call->client,
		.call_id = call->call_id,
		.peer_call_id = call->ctrl->request.call_id,
	};

	ev_timer_stop(calls->loop, &call->answer_timeout);
	if (!start_gre(call, &gre, on_gre_frame)) {
		tunnel_call_close(tunnel, PPTP_DISCONNECT_GENERAL_ERROR, PPTP_ERROR_NO_RESOURCE);
		refuse(call, call->ctrl, call->source, PPTP_OUTGOING_GENERAL_ERROR,
		       PPTP_ERROR_NO_RESOURCE, "no memory for its GRE");
		return;
	}
	lan_source_log(call->source, LOG_INFO, "call %u connected through %s", gre.peer_call_id,
		       upstream_text(calls->upstream));
	lan_source_log(call->source, LOG_DEBUG,
		       "call %u: call ID %u here, call %" PRIu32 " in the tunnel", gre.peer_call_id,
		       gre.call_id, tunnel_call_number(tunnel));
	ctrl_call_connect(call->ctrl, call->call_id, connect_speed, GRE_WINDOW_RING);
}

static void on_call_refused(void *context UNUSED, struct tunnel_call *tunnel, uint8_t result,
			    uint8_t error)
{
	struct call *call = tunnel_call_owner(tunnel);

	if (result == 0 || result == PPTP_OUTGOING_CONNECTED) {
		result = PPTP_OUTGOING_GENERAL_ERROR; /* no refusal to a client, whoever says so */
		error = PPTP_ERROR_PAC;
	}
	refuse(call, call->ctrl, call->source, (enum pptp_outgoing_result)result,
	       (enum pptp_error)error, "by the server");
}

/* One line about a connected call that ended, with what its GRE went through. */
static void log_ended(const struct call *call, const char *by)
{
	const struct gre_window_counters *gre = gre_call_counters(call->gre);

	lan_source_log(call->source, LOG_INFO,
		       "call %u ended by %s; from the client %" PRIu64 " frames, %" PRIu64
		       " lost, %" PRIu64 " reordered",
		       call->ctrl->request.call_id, by, gre->delivered, gre->lost, gre->reordered);
}

static void on_call_closed(void *context UNUSED, struct tunnel_call *tunnel, uint8_t result,
			   uint8_t error)
{
	struct call *call = tunnel_call_owner(tunnel);
	char by[64];

	if (!call->gre) {
		refuse(call, call->ctrl, call->source, PPTP_OUTGOING_GENERAL_ERROR,
		       PPTP_ERROR_NO_RESOURCE, "closed in the tunnel before it was connected");
		return;
	}
	(void)snprintf(by, sizeof(by), "the server's side (%s)",
		       result_name(disconnect_results, ARRAY_SIZE(disconnect_results), result));
	log_ended(call, by);
	ctrl_call_disconnect(call->ctrl, (enum pptp_disconnect_result)result,
			     (enum pptp_error)error);
	call_free(call);
}

/* A PPP frame from the server. */
static void on_tunnel_frame(void *context UNUSED, struct tunnel_call *tunnel, const uint8_t *frame,
			    size_t len)
{
	struct call *call = tunnel_call_owner(tunnel);

	if (call->gre)
		gre_call_send(call->gre, frame, len);
}

/* The frames of one read from the tunnel leave together. */
static void on_tunnel_frames_done(void *context)
{
	struct calls *calls = context;

	gre_engine_flush(calls->settings.engine);
}

static void on_upstream_stopped(void *context)
{
	struct calls *calls = context;

	calls->settings.upstream_stopped(calls->settings.context);
}

const struct upstream_ops calls_upstream_ops = {
	.call_accepted = on_call_accepted,
	.call_refused = on_call_refused,
	.call_closed = on_call_closed,
	.frame = on_tunnel_frame,
	.frames_done = on_tunnel_frames_done,
	.stopped = on_upstream_stopped,
};

void calls_client_ended(struct calls *calls, struct ctrl_call *ctrl)
{
	struct call *call = ctrl->owner;

	if (!call)
		return;
	if (call->gre)
		log_ended(call, calls->stopping ? "us" : "the client");
	tunnel_call_close(call->tunnel,
			  calls->stopping ? PPTP_DISCONNECT_ADMIN_SHUTDOWN
					  : PPTP_DISCONNECT_REQUEST,
			  PPTP_ERROR_NONE);
	call_free(call);
}

void calls_client_link_info(struct calls *calls UNUSED, struct ctrl_call *ctrl, uint32_t send_accm,
			    uint32_t receive_accm)
{
	struct call *call = ctrl->owner;

	if (call)
		tunnel_call_link_info(call->tunnel, send_accm, receive_accm);
}
