/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The channel that is none here: the kernel's own PPTP moves the frames. It has no descriptor in
 * this process; the manager ends pppd when the call is stopped, and says when pppd has ended.
 */
#include <stdlib.h>

#include "pptpctrl/ppp_channel.h"
#include "pptpd/base/log.h"
#include "pptpd/base/util.h"

static void kernel_send(struct ppp_channel *channel UNUSED, const uint8_t *frame UNUSED, size_t len)
{
	bug("chan_kernel: a frame of %zu bytes to send", len);
}

static void kernel_free(struct ppp_channel *channel)
{
	free(channel);
}

static const struct ppp_channel_class kernel_class = {
	.name = "kernel",
	.carries_frames = false,
	.send = kernel_send,
	.free = kernel_free,
};

struct ppp_channel *ppp_channel_kernel(void)
{
	struct ppp_channel *channel = calloc(1, sizeof(*channel));

	if (channel)
		channel->class = &kernel_class;
	return channel;
}
