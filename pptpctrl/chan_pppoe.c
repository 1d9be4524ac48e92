/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The channel of whole frames: a PPPoE session on the process's link, whose other end pppd has. */
#include <stdlib.h>

#include "pptpctrl/ppp_channel.h"
#include "pptpctrl/pppoe_link.h"
#include "pptpd/base/util.h"

/* RFC 1662 3.1; in PPPoE's frames they are left out, RFC 2516 4. */
#define ADDRESS 0xff
#define CONTROL 0x03

struct chan_pppoe {
	struct ppp_channel channel;
	struct pppoe_link *link;
	struct pppoe_session session;
	const struct ppp_channel_ops *ops;
	void *context;
};

/* Whoever carries PPP in GRE expects them, unless LCP has agreed to do without. */
static void on_payload(void *context, uint8_t *payload, size_t len)
{
	struct chan_pppoe *pppoe = context;
	uint8_t *frame = payload - PPPOE_LINK_HEADROOM;

	frame[0] = ADDRESS;
	frame[1] = CONTROL;
	pppoe->ops->frame(pppoe->context, frame, PPPOE_LINK_HEADROOM + len);
}

/* A peer may have left them out already. */
static void pppoe_send(struct ppp_channel *channel, const uint8_t *frame, size_t len)
{
	struct chan_pppoe *pppoe = container_of(channel, struct chan_pppoe, channel);

	if (len >= 2 && frame[0] == ADDRESS && frame[1] == CONTROL) {
		frame += 2;
		len -= 2;
	}
	if (len)
		pppoe_link_send(pppoe->link, &pppoe->session, frame, len);
}

static void pppoe_free(struct ppp_channel *channel)
{
	struct chan_pppoe *pppoe = container_of(channel, struct chan_pppoe, channel);

	pppoe_link_remove(pppoe->link, &pppoe->session);
	free(pppoe);
}

static const struct ppp_channel_class pppoe_class = {
	.name = "pppoe",
	.carries_frames = true,
	.send = pppoe_send,
	.free = pppoe_free,
};

struct ppp_channel *ppp_channel_pppoe(struct pppoe_link *link, uint16_t session_id,
				      const struct ppp_channel_ops *ops, void *context)
{
	struct chan_pppoe *pppoe = calloc(1, sizeof(*pppoe));

	if (!pppoe)
		return NULL;
	pppoe->channel.class = &pppoe_class;
	pppoe->link = link;
	pppoe->ops = ops;
	pppoe->context = context;
	pppoe->session.id = session_id;
	pppoe->session.payload = on_payload;
	pppoe->session.context = pppoe;
	pppoe_link_add(link, &pppoe->session);
	return &pppoe->channel;
}
