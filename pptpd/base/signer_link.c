/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The owner's side of a signer; see the header. */
#include "pptpd/base/signer_link.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "pptpd/base/fdio.h"

int signer_link_start(int control, const struct signer_settings *settings)
{
	ssize_t n = send(control, settings, sizeof(*settings), MSG_NOSIGNAL);

	return n < 0 ? -errno : 0; /* a packet goes whole or not at all */
}

bool signer_link_wait_ready(int control, int timeout_ms, struct node_id *ret_id,
			    char ret_error[SIGNER_ERROR_MAX])
{
	struct pollfd fd = {.fd = control, .events = POLLIN};
	struct signer_ready answer;
	ssize_t n = -1;
	int ready;

	do {
		ready = poll(&fd, 1, timeout_ms);
	} while (ready < 0 && errno == EINTR);
	if (ready > 0)
		n = recv(control, &answer, sizeof(answer), MSG_DONTWAIT | MSG_TRUNC);
	if (n != (ssize_t)sizeof(answer)) {
		(void)snprintf(ret_error, SIGNER_ERROR_MAX, "the signer %s",
			       ready == 0 ? "does not answer" : "ended without a word");
		return false;
	}
	if (!answer.ready) {
		answer.error[sizeof(answer.error) - 1] = '\0';
		memcpy(ret_error, answer.error, sizeof(answer.error));
		return false;
	}
	memcpy(ret_id->bytes, answer.node_id, sizeof(ret_id->bytes));
	return true;
}

int signer_link_channel(int control, enum signer_role role, uint32_t uses, int *ret_channel)
{
	const struct signer_channel channel = {.role = role, .uses = uses};
	int pair[2], error;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) != 0)
		return -errno;
	error = fdio_send_message(control, &channel, sizeof(channel), pair[1]);
	fdio_close(&pair[1]);
	if (error)
		fdio_close(&pair[0]);
	else
		*ret_channel = pair[0];
	return error;
}
