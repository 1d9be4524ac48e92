// SPDX-License-Identifier: GPL-2.0-or-later
/* The owner and the peer of a control connection; see the header. */
#include "tests/unit/ctrl_peer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pptpctrl/proto/pptp_frame.h"
#include "pptpd/base/bytes.h"
#include "pptpd/base/fdio.h"
#include "pptpd/base/outq.h"
#include "tests/unit/ctrl_words.h"

struct peer_fault peer_fault;

/* Turns of the loop in which everything that can happen without waiting has happened. */
#define TURNS 40

/* The answers to 2,000 calls fit. */
#define HEARD_MAX (1u << 18)

ssize_t __real_recv(int fd, void *buffer, size_t len, int flags);
ssize_t __wrap_recv(int fd, void *buffer, size_t len, int flags);
ssize_t __real_write(int fd, const void *buffer, size_t len);
ssize_t __wrap_write(int fd, const void *buffer, size_t len);
bool __real_outq_push(struct outq *q, const void *data, size_t len);
bool __wrap_outq_push(struct outq *q, const void *data, size_t len);

static bool interrupted(void)
{
	if (!peer_fault.interrupt || peer_fault.calls++ % 2)
		return false;
	errno = EINTR;
	return true;
}

static size_t at_most(size_t len)
{
	return peer_fault.most ? MIN(len, peer_fault.most) : len;
}

ssize_t __wrap_recv(int fd, void *buffer, size_t len, int flags)
{
	return interrupted() ? -1 : __real_recv(fd, buffer, at_most(len), flags);
}

ssize_t __wrap_write(int fd, const void *buffer, size_t len)
{
	if (peer_fault.pipe_is_full)
		errno = EAGAIN;
	else if (!interrupted())
		return __real_write(fd, buffer, at_most(len));
	return -1;
}

bool __wrap_outq_push(struct outq *q, const void *data, size_t len)
{
	if (!peer_fault.queue_refuses)
		return __real_outq_push(q, data, len);
	peer_fault.queue_refuses--;
	return false;
}

/* Notes one thing that the owner was told. */
static void note(struct peer *p, const char *word, const char *detail)
{
	size_t used = strlen(p->log);

	(void)snprintf(p->log + used, sizeof(p->log) - used, "%s%s%s%s", used ? "\n" : "", word,
		       *detail ? " " : "", detail);
	if (p->free_at && !strcmp(p->free_at, word)) {
		p->freed = true;
		ctrl_conn_free(p->conn);
		p->conn = NULL;
	}
	if (p->stop_at && !strcmp(p->stop_at, word))
		ctrl_conn_stop(p->conn, PPTP_STOP_NONE);
}

static const char *number(uint16_t value, char out[8])
{
	(void)snprintf(out, 8, "%u", value);
	return out;
}

static void on_call_requested(void *context, struct ctrl_call *call)
{
	struct peer *p = context;
	char id[8];

	assert_false(p->freed);
	p->requests++;
	p->others = p->call;
	p->call = call;
	call->owner = p;
	note(p, "requested", number(call->request.call_id, id));
	if (p->freed)
		return;
	if (p->answer == ANSWER_CONNECT)
		ctrl_call_connect(call, (uint16_t)(call->request.call_id + 100),
				  call->request.max_bps, 64);
	else if (p->answer == ANSWER_REFUSE)
		ctrl_call_refuse(call, PPTP_OUTGOING_BUSY, PPTP_ERROR_NONE);
	else if (p->answer == ANSWER_STOP)
		ctrl_conn_stop(p->conn, PPTP_STOP_NONE);
}

static void on_call_ended(void *context, struct ctrl_call *call)
{
	struct peer *p = context;
	char id[8];

	assert_false(p->freed);
	assert_ptr_equal(call->owner, p);
	/* Without effect: the call has ended. */
	ctrl_call_disconnect(call, PPTP_DISCONNECT_REQUEST, PPTP_ERROR_NONE);
	note(p, "ended", number(call->request.call_id, id));
	if (p->freed || !p->disconnect_others)
		return;
	p->disconnect_others = false;
	ctrl_call_disconnect(p->others, PPTP_DISCONNECT_ADMIN_SHUTDOWN, PPTP_ERROR_NONE);
}

static void on_link_info(void *context, struct ctrl_call *call, uint32_t send_accm,
			 uint32_t receive_accm)
{
	struct peer *p = context;
	char id[8];

	assert_false(p->freed);
	assert_int_equal(send_accm, 0xffffffff);
	assert_int_equal(receive_accm, 0x000a0000);
	note(p, "link-info", number(call->request.call_id, id));
}

static void on_notice(void *context, enum ctrl_notice notice, const char *text)
{
	struct peer *p = context;

	assert_false(p->freed);
	if (notice == CTRL_NOTICE_CALL_REFUSED)
		p->refusals++;
	if (notice != CTRL_NOTICE_PROTOCOL)
		note(p, ctrl_words[notice], text);
	else if (p->free_at && strstr(text, p->free_at))
		note(p, p->free_at, "");
	else if (p->stop_at && strstr(text, p->stop_at))
		note(p, p->stop_at, "");
}

static void on_closed(void *context)
{
	struct peer *p = context;

	assert_false(p->freed);
	assert_false(p->closed);
	p->closed = true;
	note(p, "closed", "");
}

static const struct ctrl_conn_ops ops = {
	.call_requested = on_call_requested,
	.call_ended = on_call_ended,
	.link_info = on_link_info,
	.notice = on_notice,
	.closed = on_closed,
};

const struct ctrl_conn_settings peer_settings = {
	.start_timeout_s = 60,
	.echo_interval_s = 60,
	.echo_timeout_s = 60,
	.stop_timeout_s = 60,
	.max_calls = 4,
	.host_name = "server",
	.vendor = "vendor",
};

static void connect_peer(struct peer *p, const struct ctrl_conn_settings *chosen)
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	assert_int_equal(fdio_set_flags(fds[0]), 0);
	assert_int_equal(fdio_set_flags(fds[1]), 0);
	p->fd = fds[1];
	p->conn = ctrl_conn_new(p->loop, fds[0], chosen, &ops, p);
	assert_non_null(p->conn);
}

void peer_begin_with(struct peer *p, const struct ctrl_conn_settings *chosen)
{
	*p = (struct peer){.loop = ev_loop_new(0)};
	memset(&peer_fault, 0, sizeof(peer_fault));
	p->heard = malloc(HEARD_MAX);
	assert_non_null(p->heard);
	assert_non_null(p->loop);
	connect_peer(p, chosen);
}

void peer_begin(struct peer *p)
{
	peer_begin_with(p, &peer_settings);
}

void peer_begin_again(struct peer *p)
{
	fdio_close(&p->fd);
	p->closed = false;
	p->freed = false;
	p->log[0] = '\0';
	p->heard_len = 0;
	p->heard_used = 0;
	connect_peer(p, &peer_settings);
}

void peer_end(struct peer *p)
{
	ctrl_conn_free(p->conn);
	fdio_close(&p->fd);
	ev_loop_destroy(p->loop);
	free(p->heard);
	memset(&peer_fault, 0, sizeof(peer_fault));
}

bool peer_hear(struct peer *p)
{
	ssize_t n = 0;

	if (p->fd >= 0)
		n = __real_recv(p->fd, p->heard + p->heard_len, HEARD_MAX - p->heard_len, 0);
	if (n > 0)
		p->heard_len += (size_t)n;
	if (n < 0 && errno == ECONNRESET)
		p->reset = true;
	return n > 0 || (n < 0 && errno == EAGAIN);
}

void peer_turn(struct peer *p, bool listens)
{
	for (int i = 0; i < TURNS; i++) {
		ev_run(p->loop, EVRUN_NOWAIT);
		if (listens)
			(void)peer_hear(p);
	}
}

void peer_settle(struct peer *p)
{
	peer_turn(p, true);
}

size_t peer_put(uint8_t *out, size_t room, const struct pptp_msg *message)
{
	struct byte_writer writer = wr_init(out, room);

	pptp_msg_encode(message, &writer);
	assert_false(wr_failed(&writer));
	return wr_len(&writer);
}

struct pptp_msg peer_message(enum pptp_msg_type type)
{
	struct pptp_msg message = {.type = type};

	switch (type) {
	case PPTP_START_REQUEST:
		message.start.version = PPTP_VERSION;
		break;
	case PPTP_OUTGOING_CALL_REQUEST:
		message.outgoing_call_request.call_id = 7;
		message.outgoing_call_request.max_bps = 100000;
		break;
	case PPTP_ECHO_REQUEST:
		message.echo_request.identifier = 99;
		break;
	case PPTP_CALL_CLEAR_REQUEST:
		message.call_clear_request.call_id = 7;
		break;
	case PPTP_SET_LINK_INFO:
		message.set_link_info = (struct pptp_set_link_info){107, 0xffffffff, 0x000a0000};
		break;
	default:
		break;
	}
	return message;
}

size_t peer_send_bytes(struct peer *p, const uint8_t *data, size_t len, size_t chunk)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = send(p->fd, data + done, MIN(chunk, len - done), MSG_NOSIGNAL);

		if (n < 0)
			break;
		done += (size_t)n;
		if (chunk < len) {
			ev_run(p->loop, EVRUN_NOWAIT);
			(void)peer_hear(p);
		}
	}
	return done;
}

void peer_send(struct peer *p, const struct pptp_msg *message)
{
	uint8_t bytes[PPTP_MSG_MAX];
	size_t len = peer_put(bytes, sizeof(bytes), message);

	assert_int_equal(peer_send_bytes(p, bytes, len, len), len);
}

void peer_send_type(struct peer *p, enum pptp_msg_type type)
{
	struct pptp_msg message = peer_message(type);

	peer_send(p, &message);
}

void peer_request_call(struct peer *p, uint16_t peer_id)
{
	struct pptp_msg message = peer_message(PPTP_OUTGOING_CALL_REQUEST);

	message.outgoing_call_request.call_id = peer_id;
	peer_send(p, &message);
	peer_settle(p);
}

void peer_establish(struct peer *p)
{
	peer_send_type(p, PPTP_START_REQUEST);
	peer_settle(p);
	p->heard_used = p->heard_len;
	p->log[0] = '\0';
}

struct pptp_msg peer_next(struct peer *p)
{
	struct pptp_msg message = {0};
	size_t len = 0;

	assert_int_equal(
		pptp_frame_next(p->heard + p->heard_used, p->heard_len - p->heard_used, &len),
		PPTP_FRAME_MSG);
	assert_true(pptp_msg_decode(p->heard + p->heard_used, len, &message));
	p->heard_used += len;
	return message;
}

void peer_assert_heard(struct peer *p, enum pptp_msg_type type)
{
	assert_int_equal(peer_next(p).type, type);
}

void peer_assert_heard_all(const struct peer *p)
{
	assert_int_equal(p->heard_len, p->heard_used);
}

size_t peer_put_dialogue(uint8_t *out, size_t room)
{
	static const enum pptp_msg_type types[] = {
		PPTP_START_REQUEST,      PPTP_OUTGOING_CALL_REQUEST, PPTP_ECHO_REQUEST,
		PPTP_SET_LINK_INFO,      PPTP_INCOMING_CALL_REQUEST, PPTP_WAN_ERROR_NOTIFY,
		PPTP_CALL_CLEAR_REQUEST, PPTP_OUTGOING_CALL_REQUEST, PPTP_STOP_REQUEST,
	};
	size_t len = 0;

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		struct pptp_msg message = peer_message(types[i]);

		len += peer_put(out + len, room - len, &message);
	}
	return len;
}
