/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A client of the load tool; see the header. */
#include "tests/bench/load/client.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pptpctrl/proto/pptp_frame.h"
#include "tests/bench/load/gre_socket.h"

/* Packets after which an acknowledgement leaves alone: less than any server's window. */
#define ACK_EVERY 16

#define RECEIVE_WINDOW 64

static void close_socket(struct client *client)
{
	if (client->socket.fd < 0)
		return;
	ev_io_stop(client->world->loop, &client->socket);
	(void)close(client->socket.fd);
	client->socket.fd = -1;
}

void client_close(struct client *client)
{
	if (client->state != CLIENT_NEW)
		close_socket(client);
}

void client_fail(struct client *client, const char *format, ...)
{
	va_list args;

	if (client->state >= CLIENT_FAILED)
		return;
	va_start(args, format);
	(void)vsnprintf(client->cause, sizeof(client->cause), format, args);
	va_end(args);
	client->state = client->state == CLIENT_UP ? CLIENT_LOST : CLIENT_FAILED;
	close_socket(client);
	client->world->changed(client->world->context, client);
}

static void send_message(struct client *client, const struct pptp_msg *message)
{
	uint8_t bytes[PPTP_MSG_MAX];
	struct byte_writer out = wr_init(bytes, sizeof(bytes));

	pptp_msg_encode(message, &out);
	if (send(client->socket.fd, bytes, wr_len(&out), MSG_NOSIGNAL) != (ssize_t)wr_len(&out))
		client_fail(client, "cannot send: %s", strerror(errno));
}

static void send_start(struct client *client)
{
	const struct pptp_msg message = {
		.type = PPTP_START_REQUEST,
		.start = {.version = PPTP_VERSION,
			  .framing = PPTP_FRAMING_ASYNC | PPTP_FRAMING_SYNC,
			  .bearer = PPTP_BEARER_ANALOG | PPTP_BEARER_DIGITAL,
			  .firmware = 1,
			  .host_name = "load",
			  .vendor = "load"},
	};

	client->state = CLIENT_STARTING;
	send_message(client, &message);
}

static void send_call(struct client *client)
{
	const struct pptp_msg message = {
		.type = PPTP_OUTGOING_CALL_REQUEST,
		.outgoing_call_request = {.call_id = client->call_id,
					  .serial = client->call_id,
					  .min_bps = 300,
					  .max_bps = 100000000,
					  .bearer = PPTP_BEARER_ANALOG | PPTP_BEARER_DIGITAL,
					  .framing = PPTP_FRAMING_ASYNC | PPTP_FRAMING_SYNC,
					  .window = RECEIVE_WINDOW},
	};

	client->state = CLIENT_CALLING;
	send_message(client, &message);
}

/* As Windows says it: nothing is left unescaped that the far end wants escaped. */
static void send_link_info(struct client *client)
{
	const struct pptp_msg message = {
		.type = PPTP_SET_LINK_INFO,
		.set_link_info = {.peer_call_id = client->peer_call_id,
				  .send_accm = 0xffffffff,
				  .receive_accm = 0xffffffff},
	};

	send_message(client, &message);
}

static void send_payload(struct client *client, const uint8_t *payload, size_t len)
{
	const struct gre_header header = {
		.call_id = client->peer_call_id,
		.has_sequence = len > 0,
		.sequence = client->next_sequence,
		.has_ack = client->ack_owed > 0,
		.ack = client->received,
		.payload = payload,
		.payload_len = len,
	};

	if (len)
		client->next_sequence++;
	client->ack_owed = 0;
	gre_socket_send(client->world->gre, client->source, &header);
}

static void send_ppp(void *context, const uint8_t *frame, size_t len)
{
	send_payload(context, frame, len);
}

/* What became of the link, after anything that may have changed it. */
static void check_link(struct client *client, enum ppp_peer_phase before, struct mono now)
{
	enum ppp_peer_phase phase = client->ppp.phase;

	if (phase == before)
		return;
	if (phase == PPP_PEER_UP && client->state == CLIENT_LINKING) {
		client->state = CLIENT_UP;
		client->up = now;
		client->world->changed(client->world->context, client);
	} else if (phase == PPP_PEER_NO_ANSWER) {
		client_fail(client, "PPP: no answer in %s", ppp_peer_phase_name(client->ppp.stuck));
	} else if (phase > PPP_PEER_UP) {
		client_fail(client, "PPP: %s", ppp_peer_phase_name(phase));
	}
}

static void take_call_reply(struct client *client, const struct pptp_outgoing_call_reply *reply,
			    struct mono now)
{
	if (client->state != CLIENT_CALLING || reply->peer_call_id != client->call_id)
		return;
	if (reply->result != PPTP_OUTGOING_CONNECTED) {
		client_fail(client, "call refused: result %u, error %u", reply->result,
			    reply->error);
		return;
	}
	client->peer_call_id = reply->call_id;
	client->replied = now;
	client->state = CLIENT_LINKING;
	send_link_info(client);
	ppp_peer_start(&client->ppp, &client->world->ppp, send_ppp, client,
		       (uint64_t)now.us << 16 | client->call_id, now);
}

static void take_message(struct client *client, const struct pptp_msg *message, struct mono now)
{
	const struct pptp_msg echo = {
		.type = PPTP_ECHO_REPLY,
		.echo_reply = {.identifier = message->echo_request.identifier,
			       .result = PPTP_RESULT_OK},
	};

	switch (message->type) {
	case PPTP_START_REPLY:
		if (message->start.result != PPTP_START_OK)
			client_fail(client, "start refused: result %u", message->start.result);
		else if (client->state == CLIENT_STARTING)
			send_call(client);
		break;
	case PPTP_OUTGOING_CALL_REPLY:
		take_call_reply(client, &message->outgoing_call_reply, now);
		break;
	case PPTP_ECHO_REQUEST:
		send_message(client, &echo);
		break;
	case PPTP_CALL_DISCONNECT_NOTIFY:
		client_fail(client, "disconnected: result %u",
			    message->call_disconnect_notify.result);
		break;
	case PPTP_STOP_REQUEST:
		client_fail(client, "connection stopped");
		break;
	default:
		break;
	}
}

/* Takes the whole messages off the front of what was received. */
static void take_messages(struct client *client, struct mono now)
{
	size_t len;

	while (client->state < CLIENT_FAILED) {
		enum pptp_frame_result result = pptp_frame_next(client->in, client->in_used, &len);
		struct pptp_msg message;

		if (result == PPTP_FRAME_MORE)
			return;
		if (result != PPTP_FRAME_MSG || !pptp_msg_decode(client->in, len, &message)) {
			client_fail(client, "malformed message");
			return;
		}
		memmove(client->in, client->in + len, client->in_used - len);
		client->in_used -= len;
		take_message(client, &message, now);
	}
}

static void receive_messages(struct client *client)
{
	size_t room = sizeof(client->in) - client->in_used;
	ssize_t len = recv(client->socket.fd, client->in + client->in_used, room, 0);

	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (len <= 0) {
		client_fail(client, "connection %s in state %d", len ? strerror(errno) : "closed",
			    (int)client->state);
		return;
	}
	client->in_used += (size_t)len;
	take_messages(client, mono_now());
}

static void on_socket(struct ev_loop *loop, ev_io *io, int events)
{
	struct client *client = container_of(io, struct client, socket);

	if (events & EV_WRITE) {
		socklen_t size = sizeof(int);
		int error = 0;

		(void)getsockopt(io->fd, SOL_SOCKET, SO_ERROR, &error, &size);
		if (error) {
			client_fail(client, "cannot connect: %s", strerror(error));
			return;
		}
		ev_io_stop(loop, io);
		ev_io_set(io, io->fd, EV_READ);
		ev_io_start(loop, io);
		send_start(client);
		return;
	}
	receive_messages(client);
}

void client_dial(struct client *client, struct mono now)
{
	const struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr = client->source};
	const struct sockaddr_in to = {.sin_family = AF_INET,
				       .sin_addr = client->world->server,
				       .sin_port = htons(PPTP_PORT)};
	const int on = 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	client->dialled = now;
	client->state = CLIENT_CONNECTING;
	ev_io_init(&client->socket, on_socket, fd, EV_WRITE);
	if (fd < 0) {
		client_fail(client, "no socket: %s", strerror(errno));
		return;
	}
	(void)setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
	if (bind(fd, (const struct sockaddr *)&own, sizeof(own)) != 0) {
		client_fail(client, "cannot bind: %s", strerror(errno));
		return;
	}
	if (connect(fd, (const struct sockaddr *)&to, sizeof(to)) != 0 && errno != EINPROGRESS) {
		client_fail(client, "cannot connect: %s", strerror(errno));
		return;
	}
	ev_io_start(client->world->loop, &client->socket);
}

static void take_sequence(struct client *client, uint32_t sequence)
{
	int32_t ahead = (int32_t)(sequence - client->received);

	if (client->any_received && ahead <= 0) {
		client->late++;
		return;
	}
	if (client->any_received)
		client->missing += (uint32_t)ahead - 1;
	client->any_received = true;
	client->received = sequence;
	client->ack_owed++;
}

void client_receive(struct client *client, const struct gre_header *header, struct mono now)
{
	enum ppp_peer_phase before;
	const uint8_t *packet;
	size_t len;
	struct probe probe;

	/* The reply that came before it may not have been read yet. */
	if (client->state == CLIENT_CALLING)
		receive_messages(client);
	if (client->state == CLIENT_CALLING)
		client->early++;
	if (!header->has_sequence || client->state < CLIENT_LINKING ||
	    client->state >= CLIENT_FAILED)
		return;
	before = client->ppp.phase;
	take_sequence(client, header->sequence);
	if (!header->payload_len)
		return;
	if (ppp_peer_receive(&client->ppp, header->payload, header->payload_len, now, &packet,
			     &len)) {
		if (probe_decode(packet, len, &probe))
			client->world->probe(client->world->context, client, &probe, len, now);
	} else {
		check_link(client, before, now);
	}
	if (client->ack_owed >= ACK_EVERY)
		send_payload(client, NULL, 0);
}

void client_tick(struct client *client, struct mono now)
{
	enum ppp_peer_phase before = client->ppp.phase;

	if (client->state != CLIENT_LINKING && client->state != CLIENT_UP)
		return;
	ppp_peer_expire(&client->ppp, now);
	check_link(client, before, now);
	if (client->ack_owed)
		send_payload(client, NULL, 0);
}

void client_send(struct client *client, const struct probe *probe, size_t size)
{
	uint8_t frame[PROBE_PPP_LEN + PROBE_MAX];

	probe_encode(probe, size, frame);
	send_payload(client, frame, PROBE_PPP_LEN + size);
}
