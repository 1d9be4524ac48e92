/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A pptpctrl or pptpctrl-tunnel that was taken over: starts and confines itself as the real one
 * does, and turns bad at its first connection. Environment and arguments play no part.
 */
#include <stdlib.h>

#include "pptpctrl/manager_link.h"
#include "pptpctrl/ppp_session.h"
#include "pptpctrl/process.h"
#include "pptpd/base/fdio.h"
#include "pptpd/base/log.h"
#include "pptpd/base/util.h"
#include "tests/compromised/compromised.h"

struct compromised {
	const struct front_context *context;
	int connection;
	int raw;
	struct ppp_session *session;
};

static void try_the_rest(struct compromised *self, uint16_t session)
{
	compromised_try_link(session);
	compromised_try_manager(self->context);
	manager_link_idle(self->context->link);
}

static void on_started(void *context, uint16_t call_id)
{
	try_the_rest(context, call_id);
}

static void on_refused(void *context, enum ipc_refusal reason UNUSED)
{
	try_the_rest(context, 0);
}

static void on_frame(void *context UNUSED, const uint8_t *frame UNUSED, size_t len UNUSED)
{
}

static void on_ended(void *context UNUSED)
{
}

static void on_reaped(void *context UNUSED, int32_t pppd_pid UNUSED, int wait_status UNUSED)
{
}

static const struct ppp_session_ops session_ops = {
	.started = on_started,
	.refused = on_refused,
	.frame = on_frame,
	.ended = on_ended,
	.reaped = on_reaped,
};

/* A call of its own may bring the link of the PPPoE sessions, if these are in use. */
static void turn_bad(struct compromised *self)
{
	const struct front_context *context = self->context;

	compromised_try_system(self->connection, self->raw);
	log_info("compromised: all tried");
	if (context->settings.kind == IPC_KIND_DIRECT)
		self->session =
			ppp_session_new(context->sessions, context->settings.remote.in.sin_addr, 7,
					&session_ops, self);
	if (!self->session)
		try_the_rest(self, 0);
}

static void *compromised_new(const struct front_context *context)
{
	struct compromised *self = calloc(1, sizeof(*self));

	if (self)
		*self = (struct compromised){.context = context, .connection = -1, .raw = -1};
	return self;
}

static void compromised_free(void *front)
{
	struct compromised *self = front;

	fdio_close(&self->connection);
	fdio_close(&self->raw);
	free(self);
}

static void compromised_connection(void *front, int fd)
{
	struct compromised *self = front;

	if (self->connection >= 0) {
		fdio_close(&fd);
		return;
	}
	self->connection = fd;
	if (self->context->settings.kind == IPC_KIND_DIRECT)
		manager_link_open_gre(self->context->link, false);
	else
		turn_bad(self);
}

static void compromised_gre_opened(void *front, const struct ipc_gre_opened *opened UNUSED, int fd)
{
	struct compromised *self = front;

	if (self->raw >= 0) { /* a second one was asked for later */
		log_info("compromised: a second GRE socket: SUCCEEDED");
		fdio_close(&fd);
		return;
	}
	self->raw = fd;
	turn_bad(self);
}

static void compromised_stop(void *front)
{
	struct compromised *self = front;

	manager_link_idle(self->context->link);
}

int main(int argc, char **argv)
{
	static const struct front front = {
		.new = compromised_new,
		.free = compromised_free,
		.connection = compromised_connection,
		.gre_opened = compromised_gre_opened,
		.stop = compromised_stop,
	};
	struct front tunnel = front;
	const struct process_fronts fronts = {.direct = &front, .tunnel = &tunnel};

	tunnel.prepare = front_tunnel.prepare;
	tunnel.forget = front_tunnel.forget;
	return process_run(argc, argv, &fronts);
}
