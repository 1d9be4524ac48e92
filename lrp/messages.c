/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages of exact length; see the header. send(2) and recv(2), which pass no descriptor. */
#include "lrp/messages.h"

#include <errno.h>
#include <sys/socket.h>

int message_send(int link, const void *message, size_t len)
{
	ssize_t sent;

	do {
		sent = send(link, message, len, MSG_NOSIGNAL | MSG_DONTWAIT);
	} while (sent < 0 && errno == EINTR);
	return sent < 0 ? -errno : 0; /* a packet goes whole or not at all */
}

enum message_end message_receive(int link, void *ret_message, size_t len, size_t *ret_got)
{
	ssize_t got;

	do {
		got = recv(link, ret_message, len, MSG_DONTWAIT | MSG_TRUNC);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		return errno == EAGAIN ? MESSAGE_NONE : MESSAGE_LINK_LOST;
	/* Nobody sends an empty one, so 0 is the end. */
	if (got == 0)
		return MESSAGE_LINK_LOST;
	*ret_got = (size_t)got;
	return (size_t)got == len ? MESSAGE_GOOD : MESSAGE_WRONG_LENGTH;
}
