/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames that wait; see the header. */
#include "pptpctrl/frame_hold.h"

#include <string.h>

void frame_hold_init(struct frame_hold *hold)
{
	outq_init(&hold->bytes, FRAME_HOLD_MAX);
}

void frame_hold_done(struct frame_hold *hold)
{
	outq_done(&hold->bytes);
}

void frame_hold_push(struct frame_hold *hold, const uint8_t *frame, size_t len)
{
	if (sizeof(len) + len > FRAME_HOLD_MAX - hold->bytes.used)
		return;
	if (!outq_push(&hold->bytes, &len, sizeof(len)))
		return;
	if (!outq_push(&hold->bytes, frame, len))
		outq_done(&hold->bytes); /* no memory: without the frame its length is no use */
}

void frame_hold_give(struct frame_hold *hold,
		     void (*take)(void *context, const uint8_t *frame, size_t len), void *context)
{
	const uint8_t *bytes;
	size_t left, len;

	bytes = outq_peek(&hold->bytes, &left);
	while (left) {
		memcpy(&len, bytes, sizeof(len));
		take(context, bytes + sizeof(len), len);
		bytes += sizeof(len) + len;
		left -= sizeof(len) + len;
	}
	outq_done(&hold->bytes);
}
