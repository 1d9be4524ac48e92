/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the worker may ask of its parent: one predicate for each request. A worker may have been
 * taken over by a peer, so a request that is out of policy is refused, with a line, and changes
 * nothing. Runs as root.
 */
#include "lrp/parent_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "pptpd/base/log.h"
#include "pptpd/base/mono.h"
#include "pptpd/base/util.h"

/* Requests handled before the other descriptors get their turn. */
#define READ_BATCH 32

/* Servers that a configuration has. */
#define SERVERS 1

static void refuse(struct parent *parent, const char *what, uint64_t got, uint64_t expected)
{
	char more[40] = "";
	unsigned left_out;

	if (!rate_limit_allow(&parent->faults, mono_now(), &left_out))
		return;
	if (left_out)
		(void)snprintf(more, sizeof(more), " (%u more not shown)", left_out);
	log_warning("the worker's request was refused: %s: %" PRIu64 " instead of %" PRIu64 "%s",
		    what, got, expected, more);
}

static bool log_allowed(struct parent *parent, const struct request *request)
{
	unsigned left_out;

	/* What is worse than critical goes to every terminal. */
	if (request->number < LOG_CRIT || request->number > LOG_DEBUG) {
		refuse(parent, "severity of a line", request->number, LOG_CRIT);
		return false;
	}
	if (!rate_limit_allow(&parent->lines, mono_now(), &left_out))
		return false;
	if (left_out)
		log_warning("%u lines of the worker are left out", left_out);
	return true;
}

static void take_log(struct parent *parent, const struct request *request)
{
	char line[LOG_LINE_MAX];

	if (log_allowed(parent, request))
		log_line((int)request->number, "%s",
			 log_printable(line, sizeof(line), request->text));
}

static void take_ready(struct parent *parent, const struct request *request UNUSED)
{
	parent_worker_ready(parent);
}

static void answer_look_up(struct parent *parent, enum resolve_end end,
			   const struct resolve_answer *answer)
{
	struct order order = {.type = ORDER_LOOKED_UP, .number = end};

	if (answer)
		order.answer = *answer;
	parent_order(parent, &order);
}

/* resolve_done */
static void on_resolved(void *context, enum resolve_end end, const struct resolve_answer *answer)
{
	struct parent *parent = context;

	parent->resolve = NULL;
	answer_look_up(parent, end, answer);
}

static bool look_up_allowed(struct parent *parent, const struct request *request)
{
	unsigned left_out;

	if (request->number >= SERVERS) {
		refuse(parent, "number of a server", request->number, SERVERS - 1);
		return false;
	}
	if (parent->resolve) {
		refuse(parent, "lookups at once", 2, 1);
		return false;
	}
	if (!rate_limit_allow(&parent->lookups, mono_now(), &left_out)) {
		refuse(parent, "lookups in a row", LOOKUP_BURST + 1, LOOKUP_BURST);
		return false;
	}
	return true;
}

static void take_look_up(struct parent *parent, const struct request *request)
{
	const struct lrp_conf *conf = parent->settings.conf;

	if (!look_up_allowed(parent, request))
		return;
	parent->resolve = resolve_start(parent->loop, conf->server.host, conf->server.port,
					&parent->account, &parent->origin, on_resolved, parent);
	if (!parent->resolve)
		answer_look_up(parent, RESOLVE_NOT_STARTED, NULL);
}

static void (*const handlers[])(struct parent *parent, const struct request *request) = {
	[REQUEST_READY] = take_ready,
	[REQUEST_LOG] = take_log,
	[REQUEST_LOOK_UP] = take_look_up,
};

/* False when none waits any more. */
static bool take_one(struct parent *parent)
{
	struct request request;
	size_t got;

	switch (message_receive(parent->link, &request, sizeof(request), &got)) {
	case MESSAGE_NONE:
		return false;
	case MESSAGE_LINK_LOST:
		ev_io_stop(parent->loop, &parent->readable); /* its end is told by SIGCHLD */
		return false;
	case MESSAGE_WRONG_LENGTH:
		refuse(parent, "bytes of a request", got, sizeof(request));
		return true;
	case MESSAGE_GOOD:
		break;
	}
	request.text[sizeof(request.text) - 1] = '\0';
	if (request.type < ARRAY_SIZE(handlers) && handlers[request.type])
		handlers[request.type](parent, &request);
	else
		refuse(parent, "highest type of a request", request.type, ARRAY_SIZE(handlers) - 1);
	return true;
}

void parent_requests_readable(struct ev_loop *loop UNUSED, ev_io *watcher, int events UNUSED)
{
	struct parent *parent = container_of(watcher, struct parent, readable);

	for (int i = 0; i < READ_BATCH && parent->worker; i++) {
		if (!take_one(parent))
			return;
	}
}
