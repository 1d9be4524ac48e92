/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Enrolments as a pptpctrl serves them; see the header. */
#include "pptpctrl/enrol_front.h"

#include <stdio.h>
#include <stdlib.h>

#include "pptpctrl/manager_link.h"
#include "pptpd/base/log.h"
#include "rrp/enrol.h"

struct enrol_front {
	const struct front_context *front;
	struct enrol_server *server;
	struct node_id id;
	const char *address;
	void (*over)(void *context);
	void *context;
	bool asked;
	uint32_t verdict;
	char name[IPC_NAME_MAX + 1];
};

struct verdict_row {
	enum enrol_refusal refusal;
	const char *reason; /* for the log; what the operator can do about it */
};

static const struct verdict_row rows[] = {
	[IPC_VERDICT_UNKNOWN] = {ENROL_REFUSE_UNKNOWN,
				 "no invitation here has its line; 'pptpd-ctl lrp add NAME' "
				 "makes one"},
	[IPC_VERDICT_USED] = {ENROL_REFUSE_USED,
			      "its line was used before; 'pptpd-ctl lrp add NAME' makes a new "
			      "one, and if none of your boxes used it, 'pptpd-ctl lrp list' shows "
			      "what to remove"},
	[IPC_VERDICT_EXPIRED] = {ENROL_REFUSE_EXPIRED,
				 "its line has expired; 'pptpd-ctl lrp add NAME' makes a new one"},
};

static const struct verdict_row system_row = {ENROL_REFUSE_BUSY,
					      "it could not be done; see the lines before"};

static const struct verdict_row *row_of(uint32_t verdict)
{
	return verdict < ARRAY_SIZE(rows) && rows[verdict].reason ? &rows[verdict] : &system_row;
}

static void on_asked(void *context, const uint8_t secret_hash[ENROL_HASH_LEN])
{
	struct enrol_front *enrolment = context;

	_Static_assert(ENROL_HASH_LEN == IPC_SECRET_HASH_LEN, "one hash on both ways");
	enrolment->asked = true;
	manager_link_enrol(enrolment->front->link, &enrolment->id, secret_hash);
}

/* One line for each way that it can end. */
static void log_result(const struct enrol_front *enrolment, enum enrol_server_result result,
		       const char *text)
{
	char id[NODE_ID_TEXT_LEN + 1];

	(void)node_id_text(&enrolment->id, id);
	switch (result) {
	case ENROL_SERVER_ACCEPTED:
		log_info("RRP: %s: node %s enrolled as %s", enrolment->address, id,
			 enrolment->name);
		return;
	case ENROL_SERVER_REFUSED:
		log_warning("RRP: %s: enrolment refused: node %s: %s", enrolment->address, id,
			    row_of(enrolment->verdict)->reason);
		return;
	case ENROL_SERVER_LOST:
	case ENROL_SERVER_PROTOCOL:
		log_warning("RRP: %s: enrolment failed: %s", enrolment->address, text);
		return;
	case ENROL_SERVER_SILENT:
		log_warning("RRP: %s: enrolment failed: it did not ask in time",
			    enrolment->address);
		return;
	case ENROL_SERVER_UNANSWERED:
		log_err("RRP: %s: enrolment failed: pptpd did not answer in time; the same line "
			"can be tried again",
			enrolment->address);
		return;
	}
}

static void on_done(void *context, enum enrol_server_result result, const char *text)
{
	struct enrol_front *enrolment = context;

	log_result(enrolment, result, text);
	enrolment->over(enrolment->context);
}

static const struct enrol_server_ops server_ops = {.asked = on_asked, .done = on_done};

struct enrol_front *enrol_front_new(const struct front_context *front, struct rrp_stream *stream,
				    const struct node_id *id, const char *address,
				    void (*over)(void *context), void *context)
{
	struct enrol_front *enrolment = calloc(1, sizeof(*enrolment));

	if (!enrolment)
		return NULL;
	*enrolment = (struct enrol_front){
		.front = front,
		.id = *id,
		.address = address,
		.over = over,
		.context = context,
	};
	enrolment->server = enrol_server_new(
		front->loop, stream, front->settings.handshake_timeout_s, &server_ops, enrolment);
	if (!enrolment->server) {
		free(enrolment);
		return NULL;
	}
	return enrolment;
}

void enrol_front_free(struct enrol_front *enrolment)
{
	if (!enrolment)
		return;
	enrol_server_free(enrolment->server);
	free(enrolment);
}

void enrol_front_verdict(struct enrol_front *enrolment, const struct ipc_enrol_verdict *verdict)
{
	if (!enrolment->asked)
		return;
	enrolment->asked = false;
	enrolment->verdict = verdict->verdict;
	if (verdict->verdict != IPC_VERDICT_GOOD) {
		enrol_server_refuse(enrolment->server, row_of(verdict->verdict)->refusal);
		return;
	}
	(void)snprintf(enrolment->name, sizeof(enrolment->name), "%s", verdict->name);
	enrol_server_accept(enrolment->server, enrolment->name);
}
