/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Handshake, the manager's verdict, and refusals; see the header. */
#include "pptpctrl/tunnel_entry.h"

#include <stdlib.h>

#include "pptpctrl/enrol_front.h"
#include "pptpctrl/manager_link.h"
#include "pptpd/base/log.h"
#include "rrp/tls.h"

enum tunnel_entry_state {
	TUNNEL_ENTRY_HANDSHAKE,
	TUNNEL_ENTRY_ASKED, /* the manager, about who has proven to be somebody */
	TUNNEL_ENTRY_REFUSING,
	TUNNEL_ENTRY_ENROLLING,
	TUNNEL_ENTRY_OVER, /* the owner was told */
};

static const char *const state_names[] = {
	[TUNNEL_ENTRY_HANDSHAKE] = "handshake", [TUNNEL_ENTRY_ASKED] = "asked",
	[TUNNEL_ENTRY_REFUSING] = "refusing",   [TUNNEL_ENTRY_ENROLLING] = "enrolling",
	[TUNNEL_ENTRY_OVER] = "over",
};

struct tunnel_entry {
	const struct front_context *front;
	const char *address;
	const struct tunnel_entry_ops *ops;
	void *context;
	enum tunnel_entry_state state;
	struct tls_handshake *handshake; /* in HANDSHAKE */
	struct rrp_stream *stream;       /* in ASKED */
	struct node_id node;
	struct tls_refusing *refusing; /* in REFUSING */
	struct enrol_front *enrolment; /* in ENROLLING */
};

struct refusal_row {
	enum tls_refusal alert;
	const char *reason; /* what follows the node ID; what the operator can do about it */
};

/* The verdicts on a peer; those on invitations are not among them. */
static const struct refusal_row refusals[] = {
	[IPC_VERDICT_UNKNOWN] = {TLS_REFUSE_UNKNOWN, "is not on the list of LRPs; 'pptpd-ctl lrp "
						     "add NAME' makes an invitation for it"},
	[IPC_VERDICT_DISABLED] = {TLS_REFUSE_DISABLED,
				  "is disabled; 'pptpd-ctl lrp enable NAME' lets it in again"},
	[IPC_VERDICT_ADDRESS] = {TLS_REFUSE_ADDRESS,
				 "must not come from this address; 'from' in its line of "
				 "rrp-peers says from where"},
	[IPC_VERDICT_BUSY] = {TLS_REFUSE_BUSY, "is let in, but there is no room now; it tries "
					       "again by itself"},
};

static const struct refusal_row system_refusal = {TLS_REFUSE_BUSY,
						  "could not be looked up; see the lines before"};

static void set_state(struct tunnel_entry *entry, enum tunnel_entry_state state, const char *reason)
{
	log_debug("RRP: %s: %s -> %s: %s", entry->address, state_names[entry->state],
		  state_names[state], reason);
	entry->state = state;
}

static void end(struct tunnel_entry *entry, const char *reason)
{
	set_state(entry, TUNNEL_ENTRY_OVER, reason);
	entry->ops->ended(entry->context);
}

static void on_refused(void *context)
{
	struct tunnel_entry *entry = context;

	entry->refusing = NULL; /* it has freed itself */
	end(entry, "refused");
}

static const struct refusal_row *find_row(uint32_t verdict)
{
	if (verdict < ARRAY_SIZE(refusals) && refusals[verdict].reason)
		return &refusals[verdict];
	return &system_refusal;
}

static void refuse(struct tunnel_entry *entry, const struct ipc_peer_verdict *verdict)
{
	const struct refusal_row *row = find_row(verdict->verdict);
	const char *name = verdict->name;
	char id[NODE_ID_TEXT_LEN + 1];

	log_warning("RRP: %s: refused: node %s%s%s%s %s", entry->address,
		    node_id_text(&entry->node, id), *name ? " (" : "", name, *name ? ")" : "",
		    row->reason);
	entry->refusing =
		tls_refuse(entry->front->loop, entry->stream, row->alert, on_refused, entry);
	entry->stream = NULL;
	if (entry->refusing)
		set_state(entry, TUNNEL_ENTRY_REFUSING, "the manager's verdict");
	else
		end(entry, "refused without a word, no memory");
}

static void on_enrolment_over(void *context)
{
	struct tunnel_entry *entry = context;

	enrol_front_free(entry->enrolment);
	entry->enrolment = NULL;
	end(entry, "enrolment over");
}

static void enrol(struct tunnel_entry *entry, struct rrp_stream *stream)
{
	entry->enrolment = enrol_front_new(entry->front, stream, &entry->node, entry->address,
					   on_enrolment_over, entry);
	if (entry->enrolment) {
		set_state(entry, TUNNEL_ENTRY_ENROLLING, "it came to enrol");
		return;
	}
	log_system(LOG_ERR, "RRP: %s: enrolment", entry->address);
	stream->ops->free(stream);
	end(entry, "no memory");
}

static void on_handshake_done(void *context, struct rrp_stream *stream, const struct tls_peer *peer)
{
	struct tunnel_entry *entry = context;
	char id[NODE_ID_TEXT_LEN + 1];

	entry->handshake = NULL;
	entry->node = peer->id;
	log_debug("RRP: %s: node %s, %s", entry->address, node_id_text(&peer->id, id),
		  peer->cipher);
	if (peer->purpose == TLS_ENROL) {
		enrol(entry, stream);
		return;
	}
	entry->stream = stream;
	set_state(entry, TUNNEL_ENTRY_ASKED, "handshake done");
	manager_link_peer(entry->front->link, &entry->node);
}

static void on_handshake_failed(void *context, const char *text)
{
	struct tunnel_entry *entry = context;

	entry->handshake = NULL;
	log_warning("RRP: %s: TLS handshake failed: %s", entry->address, text);
	end(entry, "handshake failed");
}

static const struct tls_handshake_ops handshake_ops = {
	.done = on_handshake_done,
	.failed = on_handshake_failed,
};

struct tunnel_entry *tunnel_entry_new(const struct front_context *front, int fd,
				      const char *address, const struct tunnel_entry_ops *ops,
				      void *context)
{
	const struct tls_handshake_settings settings = {
		.identity = front->identity,
		.timeout_s = front->settings.handshake_timeout_s,
	};
	struct tunnel_entry *entry = calloc(1, sizeof(*entry));

	if (!entry)
		return NULL;
	entry->front = front;
	entry->address = address;
	entry->ops = ops;
	entry->context = context;
	entry->handshake = tls_handshake_new(front->loop, fd, &settings, &handshake_ops, entry);
	if (!entry->handshake) {
		free(entry);
		return NULL;
	}
	return entry;
}

void tunnel_entry_free(struct tunnel_entry *entry)
{
	if (!entry)
		return;
	tls_handshake_free(entry->handshake);
	if (entry->stream)
		entry->stream->ops->free(entry->stream);
	tls_refusing_free(entry->refusing);
	enrol_front_free(entry->enrolment);
	free(entry);
}

void tunnel_entry_peer_verdict(struct tunnel_entry *entry, const struct ipc_peer_verdict *verdict)
{
	struct rrp_stream *stream = entry->stream;

	if (entry->state != TUNNEL_ENTRY_ASKED)
		return;
	if (verdict->verdict != IPC_VERDICT_GOOD) {
		refuse(entry, verdict);
		return;
	}
	entry->stream = NULL;
	set_state(entry, TUNNEL_ENTRY_OVER, "admitted");
	entry->ops->admitted(entry->context, stream, verdict);
}

void tunnel_entry_enrol_verdict(struct tunnel_entry *entry, const struct ipc_enrol_verdict *verdict)
{
	if (entry->state == TUNNEL_ENTRY_ENROLLING)
		enrol_front_verdict(entry->enrolment, verdict);
}
