/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The life of a pptpctrl; see the header. Root until confine() has returned. */
#include "pptpctrl/process.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "pptpctrl/manager_link.h"
#include "pptpctrl/ppp_session.h"
#include "pptpctrl/sandbox.h"
#include "pptpctrl/title.h"
#include "pptpd/base/log.h"
#include "pptpd/base/privileges.h"

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

static void on_gre_opened(void *context, const struct ipc_gre_opened *opened, int fd)
{
	struct pptpctrl *self = context;

	self->front->gre_opened(self->state, opened, fd);
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

static void on_call_ended(void *context, const struct ipc_call_ended *ended)
{
	struct pptpctrl *self = context;

	ppp_sessions_call_ended(self->context.sessions, ended);
}

static void on_peer_verdict(void *context, const struct ipc_peer_verdict *verdict)
{
	struct pptpctrl *self = context;

	if (self->front->peer_verdict)
		self->front->peer_verdict(self->state, verdict);
}

static void on_enrol_verdict(void *context, const struct ipc_enrol_verdict *verdict)
{
	struct pptpctrl *self = context;

	if (self->front->enrol_verdict)
		self->front->enrol_verdict(self->state, verdict);
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

/* The manager gives it once: without, its calls end and another process is started for the next. */
static void on_link_given(void *context, const struct ipc_link *link, int fd)
{
	struct pptpctrl *self = context;

	if (!ppp_sessions_link_given(self->context.sessions, link, fd))
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
	.link_given = on_link_given,
	.call_started = on_call_started,
	.call_refused = on_call_refused,
	.call_ended = on_call_ended,
	.peer_verdict = on_peer_verdict,
	.enrol_verdict = on_enrol_verdict,
	.released = on_released,
	.stop = on_stop,
	.lost = on_lost,
};

/* Everything that has to be opened, or needs more of the system than is left afterwards. */
static bool prepare(struct pptpctrl *self)
{
	struct front_context *context = &self->context;

	context->loop = ev_default_loop(EVFLAG_AUTO);
	if (!context->loop)
		return false;
	ev_signal_init(&self->terminate, on_terminate, SIGTERM);
	self->terminate.data = self;
	ev_signal_start(context->loop, &self->terminate);
	context->link = manager_link_new(context->loop, &link_ops, self);
	if (!context->link)
		return false;
	log_init(manager_link_log, context->link, context->settings.debug != 0);
	context->sessions = ppp_sessions_new(context->loop, context->link);
	return context->sessions != NULL;
}

static bool become_user(const struct ipc_settings *settings, pid_t parent)
{
	const struct account account = {.uid = settings->uid, .gid = settings->gid};
	int error = privileges_drop(&account);

	if (!error)
		error = privileges_end_with_parent(parent, SIGKILL);
	if (!error)
		error = privileges_start_nothing();
	if (error) {
		errno = -error;
		log_system(LOG_ERR, "CTRL: cannot become user %u", settings->uid);
	}
	return !error;
}

static bool filter_calls(const struct ipc_settings *settings)
{
	int error = pptpctrl_sandbox_enter(settings->kind, settings->sandbox);

	if (error == -ENOSYS) {
		log_warning("CTRL: this kernel has no system call filters (seccomp); goes on "
			    "without, as user %u",
			    settings->uid);
	} else if (error) {
		errno = -error;
		log_system(LOG_ERR, "CTRL: cannot filter system calls");
	}
	return !error || error == -ENOSYS;
}

/* All of it before the first byte of a peer. */
static bool confine(struct pptpctrl *self, pid_t parent)
{
	struct front_context *context = &self->context;

	return become_user(&context->settings, parent) &&
	       (!self->front->prepare || self->front->prepare(context)) &&
	       filter_calls(&context->settings);
}

static bool serve(struct pptpctrl *self)
{
	self->state = self->front->new (&self->context);
	if (self->state)
		ev_run(self->context.loop, 0);
	return self->state && !self->lost;
}

static void clean_up(struct pptpctrl *self)
{
	if (self->state)
		self->front->free(self->state);
	if (self->front->forget)
		self->front->forget(&self->context);
	ppp_sessions_free(self->context.sessions);
	log_init(log_sink_stderr, NULL, false);
	manager_link_free(self->context.link);
}

int process_run(int argc, char **argv, const struct process_fronts *fronts)
{
	struct pptpctrl self = {0};
	pid_t parent = getppid();
	bool good;

	if (argc == 1 && manager_link_settings(&self.context.settings))
		self.front = self.context.settings.kind == IPC_KIND_TUNNEL ? fronts->tunnel
									   : fronts->direct;
	if (!self.front) {
		fprintf(stderr, "pptpctrl: started by pptpd only, see pptpctrl(8)\n");
		return EXIT_USAGE;
	}
	title_init(argv);
	(void)signal(SIGPIPE, SIG_IGN);
	good = prepare(&self) && confine(&self, parent) && serve(&self);
	clean_up(&self);
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
