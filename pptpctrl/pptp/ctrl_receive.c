// SPDX-License-Identifier: GPL-2.0-or-later
/* Takes messages off the socket of a control connection and hands them to its machine. */
#include "pptpctrl/pptp/ctrl_private.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "pptpctrl/pptp/ctrl_text.h"
#include "pptpctrl/proto/pptp_frame.h"
#include "pptpd/base/log.h"

/* What one wake-up may handle, of what it read at once, before the loop serves others. */
#define WAKE_MESSAGES 64

/* Reads whose bytes are thrown away at the end. */
#define DISCARD_READS 4

bool ctrl_may_receive(const struct ctrl_conn *conn)
{
	return !conn->freed && ctrl_fsm_takes_messages(&conn->fsm) &&
	       conn->out.used <= CTRL_OUT_MARK;
}

static void handle_message(struct ctrl_conn *conn, const uint8_t *data, size_t len)
{
	struct ctrl_actions actions = {.count = 0};
	struct pptp_msg message;
	char text[CTRL_TEXT_MAX];

	if (!pptp_msg_decode(data, len, &message))
		bug("a framed message of %zu bytes cannot be decoded", len);
	ctrl_tell(conn, CTRL_NOTICE_PROTOCOL, ctrl_text_message("received", &message, text));
	if (conn->freed || !ctrl_fsm_takes_messages(&conn->fsm))
		return;
	ctrl_fsm_message(&conn->fsm, &message, mono_now(), &actions);
	ctrl_perform(conn, &actions);
}

static void handle_unknown(struct ctrl_conn *conn, const uint8_t *data, size_t len)
{
	struct ctrl_actions actions = {.count = 0};
	char text[CTRL_TEXT_MAX];

	ctrl_fsm_unknown(&conn->fsm, ctrl_text_frame(PPTP_FRAME_UNKNOWN, data, len, text),
			 mono_now(), &actions);
	ctrl_perform(conn, &actions);
}

/* Takes one message off the bytes at `data`; returns its length, or 0 if none is whole. */
static size_t handle_next(struct ctrl_conn *conn, const uint8_t *data, size_t len)
{
	char text[CTRL_TEXT_MAX];
	size_t used = 0;
	enum pptp_frame_result result = pptp_frame_next(data, len, &used);

	switch (result) {
	case PPTP_FRAME_MORE:
		return 0;
	case PPTP_FRAME_MSG:
		handle_message(conn, data, used);
		return used;
	case PPTP_FRAME_UNKNOWN:
		handle_unknown(conn, data, used);
		return used;
	case PPTP_FRAME_BAD_LENGTH:
		ctrl_fail(conn, CTRL_NOTICE_BAD_LENGTH, ctrl_text_frame(result, data, len, text));
		return 0;
	case PPTP_FRAME_BAD_MAGIC:
		ctrl_fail(conn, CTRL_NOTICE_BAD_MAGIC, ctrl_text_frame(result, data, len, text));
		return 0;
	}
	return 0;
}

/* Takes the whole messages off the buffer, at most *messages. */
static void handle_buffered(struct ctrl_conn *conn, unsigned *messages)
{
	size_t done = 0;

	conn->more_to_handle = false;
	while (ctrl_may_receive(conn)) {
		size_t len;

		if (!*messages) {
			conn->more_to_handle = true;
			break;
		}
		len = handle_next(conn, conn->in + done, conn->in_used - done);
		if (!len)
			break;
		--*messages;
		done += len;
	}
	/* Stopped because the peer does not read: the rest is taken when it does. */
	if (!ctrl_may_receive(conn))
		conn->more_to_handle = true;
	conn->in_used -= done;
	memmove(conn->in, conn->in + done, conn->in_used);
}

static void handle_end(struct ctrl_conn *conn)
{
	ctrl_fail(conn, CTRL_NOTICE_PEER_CLOSED,
		  conn->in_used ? "end of stream inside a message" : "end of stream");
}

static void read_once(struct ctrl_conn *conn)
{
	ssize_t n;

	do
		n = recv(conn->fd, conn->in + conn->in_used, sizeof(conn->in) - conn->in_used, 0);
	while (n < 0 && errno == EINTR);
	if (n > 0)
		conn->in_used += (size_t)n;
	else if (n == 0)
		handle_end(conn);
	else if (errno != EAGAIN)
		ctrl_fail(conn, CTRL_NOTICE_READ_ERROR, strerror(errno));
}

void ctrl_receive(struct ctrl_conn *conn)
{
	unsigned messages = WAKE_MESSAGES;

	handle_buffered(conn, &messages);
	if (conn->more_to_handle)
		return;
	read_once(conn);
	handle_buffered(conn, &messages);
}

/*
 * Closing a socket with unread bytes resets the connection, and the reset can overtake our last
 * reply: so take what is there, within bounds.
 */
void ctrl_receive_discard(struct ctrl_conn *conn)
{
	for (int i = 0; i < DISCARD_READS; i++) {
		if (recv(conn->fd, conn->in, sizeof(conn->in), 0) <= 0)
			return;
	}
}
