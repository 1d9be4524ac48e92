/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pptpctrl: takes its settings from the manager, serves one client address or one tunnel, ends. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "pptpctrl/front.h"
#include "pptpctrl/manager_link.h"
#include "pptpctrl/ppp_session.h"
#include "pptpctrl/title.h"
#include "pptpd/base/log.h"

/* Poptop's scripts know 2 as "called with the wrong arguments". */
#define EXIT_USAGE 2

struct pptpctrl {
	struct front_context context;
	const struct front *front;
	void *state; /* the front's */
	bool lost;   /* the manager is gone */
	struct ev_signal terminate;
};

static void on_connection(void *context, int fd)
{
	struct pptpctrl *self = context;

	self->front->connection(self->state, fd);
}

static void on_gre_opened(void *context, int fd, int error)
{
	struct pptpctrl *self = context;

	self->front->gre_opened(self->state, fd, error);
}

static void on_call_started(void *context, const struct ipc_call_started *started, int fd)
{
	struct pptpctrl *self = context;

	ppp_sessions_call_started(self->context.sessions, started, fd);
}

static void on_call_refused(void *context, uint32_t request, enum ipc_refusal reason)
{
	struct pptpctrl *self = context;

	ppp_sessions_call_refused(self->context.sessions, request, reason);
}

static void on_call_ended(void *context, uint16_t call_id, int wait_status)
{
	struct pptpctrl *self = context;

	ppp_sessions_call_ended(self->context.sessions, call_id, wait_status);
}

static void on_released(void *context)
{
	struct pptpctrl *self = context;

	ev_break(self->context.loop, EVBREAK_ALL);
}

static void on_stop(void *context)
{
	struct pptpctrl *self = context;

	self->front->stop(self->state);
}

static void on_lost(void *context)
{
	struct pptpctrl *self = context;

	self->lost = true;
	ev_break(self->context.loop, EVBREAK_ALL);
}

/* An administrator ends what one client has: `kill` of the process that its title names. */
static void on_terminate(struct ev_loop *loop UNUSED, struct ev_signal *signal, int events UNUSED)
{
	on_stop(signal->data);
}

static const struct manager_link_ops link_ops = {
	.connection = on_connection,
	.gre_opened = on_gre_opened,
	.call_started = on_call_started,
	.call_refused = on_call_refused,
	.call_ended = on_call_ended,
	.released = on_released,
	.stop = on_stop,
	.lost = on_lost,
};

static bool serve(struct pptpctrl *self)
{
	struct front_context *context = &self->context;

	context->loop = ev_default_loop(EVFLAG_AUTO);
	if (!context->loop)
		return false;
	context->link = manager_link_new(context->loop, &link_ops, self);
	if (!context->link)
		return false;
	log_init(manager_link_log, context->link, context->settings.debug != 0);
	context->sessions = ppp_sessions_new(context->loop, context->link);
	self->front = context->settings.kind == IPC_KIND_TUNNEL ? &front_tunnel : &front_direct;
	if (context->sessions)
		self->state = self->front->new (context);
	ev_signal_init(&self->terminate, on_terminate, SIGTERM);
	self->terminate.data = self;
	ev_signal_start(context->loop, &self->terminate);
	if (self->state)
		ev_run(context->loop, 0);
	return self->state && !self->lost;
}

int main(int argc, char **argv)
{
	struct pptpctrl self = {0};
	bool good;

	if (argc != 1 || !manager_link_settings(&self.context.settings)) {
		fprintf(stderr, "pptpctrl: started by pptpd only, see pptpctrl(8)\n");
		return EXIT_USAGE;
	}
	title_init(argv);
	(void)signal(SIGPIPE, SIG_IGN);
	good = serve(&self);
	if (self.state)
		self.front->free(self.state);
	ppp_sessions_free(self.context.sessions);
	log_init(log_sink_stderr, NULL, false);
	manager_link_free(self.context.link);
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
