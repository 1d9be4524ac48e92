/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The way PPP frames take between a call and its pppd, as the manager has chosen it. Kinds differ
 * in how frames travel, and in whether they pass through this process at all.
 */
#ifndef PPTPCTRL_PPP_CHANNEL_H
#define PPTPCTRL_PPP_CHANNEL_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Longest frame that a channel takes or gives, with address, control and protocol. */
#define PPP_CHANNEL_FRAME_MAX 8196

struct ppp_channel;
struct pppoe_link;

struct ppp_channel_ops {
	/* A frame from pppd, without HDLC; valid during the call only. */
	void (*frame)(void *context, const uint8_t *frame, size_t len);

	/* pppd has let go of its side, or the channel failed. Told once, from the loop. */
	void (*stopped)(void *context);
};

/* What a kind of channel is. Only the files of the kinds fill it in. */
struct ppp_channel_class {
	const char *name;

	/*
	 * Whether frames pass through this process. If not, the kernel moves them between the
	 * network and pppd: nobody calls send(), and no frame() comes.
	 */
	bool carries_frames;

	void (*send)(struct ppp_channel *channel, const uint8_t *frame, size_t len);
	void (*free)(struct ppp_channel *channel);
};

struct ppp_channel {
	const struct ppp_channel_class *class;
};

/*
 * A channel of asynchronous HDLC on the master side of a pseudo-terminal. Takes over `fd`. NULL
 * when memory is out; `fd` is then still the caller's.
 */
struct ppp_channel *ppp_channel_pty(struct ev_loop *loop, int fd, const struct ppp_channel_ops *ops,
				    void *context);

/*
 * A channel that is a PPPoE session on the link, which outlives it. It never stops by itself. NULL
 * when memory is out.
 */
struct ppp_channel *ppp_channel_pppoe(struct pppoe_link *link, uint16_t session_id,
				      const struct ppp_channel_ops *ops, void *context);

/* A channel whose frames the kernel moves. NULL when memory is out. */
struct ppp_channel *ppp_channel_kernel(void);

static inline bool ppp_channel_carries_frames(const struct ppp_channel *channel)
{
	return channel->class->carries_frames;
}

/* Hands a frame to pppd; one that does not fit what waits already is dropped. */
static inline void ppp_channel_send(struct ppp_channel *channel, const uint8_t *frame, size_t len)
{
	channel->class->send(channel, frame, len);
}

/* Closes what it owns. May be called from within frame() and stopped(). Accepts NULL. */
static inline void ppp_channel_free(struct ppp_channel *channel)
{
	if (channel)
		channel->class->free(channel);
}

#endif
