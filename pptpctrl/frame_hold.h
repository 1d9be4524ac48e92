/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A few PPP frames that wait, in their order, for somebody to become ready. Knows no time. */
#ifndef PPTPCTRL_FRAME_HOLD_H
#define PPTPCTRL_FRAME_HOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pptpd/base/outq.h"

/*
 * Bytes that may wait. Before both ends are there these are requests of LCP, some dozen bytes every
 * three seconds; what does not fit is dropped, as on a full line.
 */
#define FRAME_HOLD_MAX 4096

struct frame_hold {
	struct outq bytes; /* of each frame its length and itself; no memory while empty */
};

void frame_hold_init(struct frame_hold *hold);
void frame_hold_done(struct frame_hold *hold);

/* Keeps a copy of the frame; drops it if there is no room. */
void frame_hold_push(struct frame_hold *hold, const uint8_t *frame, size_t len);

/* Gives all frames to `take`, which must not touch the hold, and forgets them. */
void frame_hold_give(struct frame_hold *hold,
		     void (*take)(void *context, const uint8_t *frame, size_t len), void *context);

#endif
