// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The signer's loop over its channels. One request of each channel that has any is answered in
 * turn, so that none can hold up the others by asking much. Knows no policy.
 */
#include "rrp/signer_private.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "pptpd/base/fdio.h"
#include "rrp/signer_channel.h"
#include "rrp/signer_request.h"

/*
 * Channels at once. One belongs to each handshake that is under way, which are fewer, and to each
 * process that did not come to one; half of the descriptors that a process may have by default.
 */
#define CHANNELS_MAX 512

struct channel {
	int fd;
	struct signer_channel_state state;
};

struct signer {
	int control;
	const struct node_key *key;
	struct channel channels[CHANNELS_MAX]; /* in the order in which they came */
	unsigned count;
	uint8_t reply[SIGNER_REPLY_MAX];
};

static void remove_channel(struct signer *signer, unsigned index)
{
	fdio_close(&signer->channels[index].fd);
	signer->count--;
	memmove(&signer->channels[index], &signer->channels[index + 1],
		(signer->count - index) * sizeof(signer->channels[0]));
}

/* The oldest one that is for a number of uses: whoever has it did not come to its handshake. */
static bool make_room(struct signer *signer)
{
	for (unsigned i = 0; i < signer->count; i++) {
		if (signer->channels[i].state.counted) {
			remove_channel(signer, i);
			return true;
		}
	}
	return false;
}

/* Takes over the descriptor. */
static void add_channel(struct signer *signer, const struct signer_channel *asked, int fd)
{
	struct channel channel = {.fd = fd};

	if (fd < 0)
		return;
	if (fdio_set_flags(fd) != 0 || !signer_channel_init(&channel.state, asked, mono_now()) ||
	    (signer->count == CHANNELS_MAX && !make_room(signer))) {
		fdio_close(&fd);
		return;
	}
	signer->channels[signer->count++] = channel;
}

/* False when the owner is gone, or says what it must not. */
static bool hear_owner(struct signer *signer)
{
	struct signer_channel asked;
	int fd = -1;
	ssize_t n = fdio_receive_message(signer->control, &asked, sizeof(asked), &fd);

	if (n == -EAGAIN)
		return true;
	if (n != (ssize_t)sizeof(asked)) {
		fdio_close(&fd);
		return false;
	}
	add_channel(signer, &asked, fd);
	return true;
}

/* Answers one request. False when the channel is over. */
static bool serve_channel(struct signer *signer, struct channel *channel)
{
	uint8_t packet[SIGNER_REQUEST_MAX + 1]; /* a longer one is seen to be that */
	int passed = -1;
	ssize_t n = fdio_receive_message(channel->fd, packet, sizeof(packet), &passed);
	bool over;
	size_t len;

	if (n == -EAGAIN)
		return true;
	fdio_close(&passed); /* nobody was asked for one */
	if (n <= 0 && n != -EBADMSG)
		return false;
	len = signer_channel_answer(&channel->state, signer->key, packet, n < 0 ? 0 : (size_t)n,
				    mono_now(), signer->reply, &over);
	/* Who does not read its answers needs no more of them. */
	return fdio_send_message(channel->fd, signer->reply, len, -1) == 0 && !over;
}

/* Backwards, since a removed channel makes those behind it move up. */
static void serve_channels(struct signer *signer, const struct pollfd *fds)
{
	for (unsigned i = signer->count; i-- > 0;) {
		if (fds[i].revents && !serve_channel(signer, &signer->channels[i]))
			remove_channel(signer, i);
	}
}

/* One round. False when there is nothing more to do for this process. */
static bool serve_round(struct signer *signer)
{
	struct pollfd fds[1 + CHANNELS_MAX] = {{.fd = signer->control, .events = POLLIN}};

	for (unsigned i = 0; i < signer->count; i++)
		fds[1 + i] = (struct pollfd){.fd = signer->channels[i].fd, .events = POLLIN};
	if (poll(fds, 1 + signer->count, -1) < 0)
		return errno == EINTR;
	serve_channels(signer, fds + 1);
	return !fds[0].revents || hear_owner(signer);
}

int signer_serve(int control, const struct node_key *key)
{
	struct signer *signer = calloc(1, sizeof(*signer));

	if (!signer)
		return EXIT_FAILURE;
	signer->control = control;
	signer->key = key;
	while (serve_round(signer))
		;
	while (signer->count)
		remove_channel(signer, 0);
	free(signer);
	return EXIT_SUCCESS;
}
