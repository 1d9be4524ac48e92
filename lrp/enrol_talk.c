// SPDX-License-Identifier: GPL-2.0-or-later
/* The child that talks to the server; see the header. */
#include "lrp/enrol_talk.h"

#include <errno.h>
#include <ev.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lrp/sandbox.h"
#include "lrp/upstream.h"
#include "pptpd/base/fdio.h"
#include "pptpd/base/log.h"
#include "pptpd/base/util.h"
#include "rrp/enrol.h"

#define HANDSHAKE_TIMEOUT_S 15

/* Longer than the server lets its own parts take. */
#define ANSWER_TIMEOUT_S 40

struct talk {
	int control;
	const struct enrol_line *line;
	struct ev_loop *loop;
	struct tls_identity *identity;
	struct tls_expectation expectation;
	struct tls_handshake *handshake;
	struct enrol_client *client;

	struct address addresses[RESOLVE_MAX];
	unsigned count;
	unsigned next;
	int fd; /* of the attempt to connect */
	struct ev_io connected;
	struct ev_timer too_long;

	struct enrol_outcome outcome; /* kind 0: none yet */
};

static void connect_next(struct talk *talk);

PRINTF_LIKE(3, 4)
static void set_outcome(struct talk *talk, enum enrol_outcome_kind kind, const char *format, ...)
{
	va_list args;

	talk->outcome.kind = kind;
	va_start(args, format);
	(void)vsnprintf(talk->outcome.text, sizeof(talk->outcome.text), format, args);
	va_end(args);
}

static const struct address *current(const struct talk *talk)
{
	return &talk->addresses[talk->next - 1];
}

/* enrol_client_ops */
static void on_answer(void *context, enum enrol_client_result result, const char *text)
{
	static const enum enrol_outcome_kind kinds[] = {
		[ENROL_CLIENT_ENROLLED] = ENROL_OUTCOME_DONE,
		[ENROL_CLIENT_REFUSED] = ENROL_OUTCOME_REFUSED,
		[ENROL_CLIENT_FAILED] = ENROL_OUTCOME_FAILED,
	};
	struct talk *talk = context;

	set_outcome(talk, kinds[result], "%s", text);
	ev_break(talk->loop, EVBREAK_ALL);
}

static const struct enrol_client_ops client_ops = {.done = on_answer};

/* tls_handshake_ops */
static void on_proven(void *context, struct rrp_stream *stream, const struct tls_peer *peer UNUSED)
{
	struct talk *talk = context;

	talk->handshake = NULL;
	talk->client = enrol_client_new(talk->loop, stream, ANSWER_TIMEOUT_S, talk->line->secret,
					&client_ops, talk);
	if (talk->client)
		return;
	stream->ops->free(stream);
	set_outcome(talk, ENROL_OUTCOME_FAILED, "%s", strerror(ENOMEM));
	ev_break(talk->loop, EVBREAK_ALL);
}

/* Another address of the same name may be of the right server. */
static void on_handshake_failed(void *context, const char *text)
{
	struct talk *talk = context;
	char address[ADDRESS_TEXT_MAX];

	talk->handshake = NULL;
	set_outcome(talk, ENROL_OUTCOME_FAILED, "%s: %s", address_text_port(current(talk), address),
		    text);
	connect_next(talk);
}

static const struct tls_handshake_ops handshake_ops = {
	.done = on_proven,
	.failed = on_handshake_failed,
};

static void connect_failed(struct talk *talk, int error)
{
	char address[ADDRESS_TEXT_MAX];

	fdio_close(&talk->fd);
	/* What a server said that could be reached is worth more. */
	if (!talk->outcome.kind)
		set_outcome(talk, ENROL_OUTCOME_FAILED,
			    "cannot connect to %s: %s; does pptpd run there, and does nothing on "
			    "the way block the port?",
			    address_text_port(current(talk), address), strerror(error));
	connect_next(talk);
}

static void start_handshake(struct talk *talk)
{
	const struct tls_handshake_settings settings = {
		.identity = talk->identity,
		.timeout_s = HANDSHAKE_TIMEOUT_S,
		.expect = &talk->expectation,
		.purpose = TLS_ENROL,
	};
	int fd = talk->fd;

	talk->fd = -1;
	talk->handshake = tls_handshake_new(talk->loop, fd, &settings, &handshake_ops, talk);
	if (talk->handshake)
		return;
	talk->fd = fd;
	connect_failed(talk, ENOMEM);
}

static void on_connected(struct ev_loop *loop, struct ev_io *watcher, int events UNUSED)
{
	struct talk *talk = watcher->data;
	int error = 0;
	socklen_t len = sizeof(error);

	ev_io_stop(loop, watcher);
	ev_timer_stop(loop, &talk->too_long);
	if (getsockopt(talk->fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
		error = errno;
	if (error)
		connect_failed(talk, error);
	else
		start_handshake(talk);
}

static void on_too_long(struct ev_loop *loop, struct ev_timer *watcher, int events UNUSED)
{
	struct talk *talk = watcher->data;

	ev_io_stop(loop, &talk->connected);
	connect_failed(talk, ETIMEDOUT);
}

static void connect_next(struct talk *talk)
{
	const struct address *address;

	if (talk->next == talk->count) {
		ev_break(talk->loop, EVBREAK_ALL);
		return;
	}
	address = &talk->addresses[talk->next++];
	talk->fd = socket(address->sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (talk->fd < 0 ||
	    (connect(talk->fd, &address->sa, address->len) != 0 && errno != EINPROGRESS)) {
		connect_failed(talk, errno);
		return;
	}
	ev_io_set(&talk->connected, talk->fd, EV_WRITE);
	ev_io_start(talk->loop, &talk->connected);
	ev_timer_set(&talk->too_long, UPSTREAM_CONNECT_TIMEOUT_S, 0.0);
	ev_timer_start(talk->loop, &talk->too_long);
}

static void talk_to_server(struct talk *talk)
{
	ev_init(&talk->connected, on_connected);
	ev_init(&talk->too_long, on_too_long);
	talk->connected.data = talk;
	talk->too_long.data = talk;
	talk->expectation = (struct tls_expectation){.pinned = true, .pin = talk->line->pin};
	connect_next(talk);
	ev_run(talk->loop, 0); /* without an attempt under way it returns at once */
}

static bool receive_job(int control, struct enrol_job *job, int *ret_channel)
{
	struct pollfd readable = {.fd = control, .events = POLLIN};

	/* The parent ends us if it takes long. */
	while (poll(&readable, 1, -1) < 0 && errno == EINTR)
		;
	*ret_channel = -1;
	return fdio_receive_message(control, job, sizeof(*job), ret_channel) ==
		       (ssize_t)sizeof(*job) &&
	       *ret_channel >= 0;
}

/* Everything that has to be done before the first byte of the server. */
static bool prepare(struct talk *talk, const struct account *account, pid_t parent)
{
	struct lrp_descriptors descriptors = {.packet = -1, .raw_gre = -1};
	const char *no_address = NULL;
	char error[TLS_ERROR_MAX];
	struct enrol_job job;
	int result, channel;

	result = privileges_drop(account);
	if (!result)
		result = privileges_end_with_parent(parent, SIGKILL);
	if (!result)
		result = privileges_start_nothing();
	if (result) {
		set_outcome(talk, ENROL_OUTCOME_FAILED, "cannot give up privileges: %s",
			    strerror(-result));
		return false;
	}
	if (!receive_job(talk->control, &job, &channel))
		return false; /* nobody is there to be told */
	talk->identity = tls_identity_new(channel, error);
	talk->loop = ev_loop_new(EVFLAG_AUTO);
	if (!talk->identity || !talk->loop) {
		set_outcome(talk, ENROL_OUTCOME_FAILED, "%s",
			    talk->identity ? "no event loop" : error);
		return false;
	}
	descriptors.signer = channel;
	result = lrp_sandbox_enter(&descriptors, SANDBOX_ENFORCE);
	if (result) {
		set_outcome(talk, ENROL_OUTCOME_FAILED, "cannot confine the process: %s",
			    strerror(-result));
		return false;
	}
	talk->count = resolve_judge(&job.where, talk->line->port, talk->addresses, &no_address);
	if (!talk->count)
		set_outcome(talk, ENROL_OUTCOME_FAILED, "cannot look up %s: %s", talk->line->host,
			    no_address);
	return talk->count > 0;
}

int enrol_talk_run(int control, const struct enrol_line *line, const struct account *account,
		   pid_t parent)
{
	struct talk *talk = calloc(1, sizeof(*talk));

	if (!talk)
		return EXIT_FAILURE;
	talk->control = control;
	talk->line = line;
	talk->fd = -1;
	(void)signal(SIGPIPE, SIG_IGN);
	if (prepare(talk, account, parent))
		talk_to_server(talk);
	if (!talk->outcome.kind ||
	    fdio_send_message(control, &talk->outcome, sizeof(talk->outcome), -1) != 0)
		return EXIT_FAILURE;
	return EXIT_SUCCESS; /* what is left goes with the process */
}
