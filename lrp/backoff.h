/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long to wait before the next attempt to reach the server. Pure: randomness and time are
 * passed in.
 */
#ifndef LRP_BACKOFF_H
#define LRP_BACKOFF_H

#include <stdint.h>

#include "pptpd/base/mono.h"

#define BACKOFF_MIN_MS 500
#define BACKOFF_MAX_MS 30000

/*
 * A tunnel that lived at least this long was a success. A shorter one was not: a server that takes
 * connections only to drop them would otherwise be asked twice a second for ever.
 */
#define BACKOFF_STABLE_S 30

struct backoff {
	unsigned ceiling_ms; /* longest that the next wait may be */
};

void backoff_init(struct backoff *backoff);

/*
 * Milliseconds until the next attempt: BACKOFF_MIN_MS at first, then anywhere between half of a
 * ceiling and the ceiling, which doubles each time up to BACKOFF_MAX_MS. `random` is any number;
 * it keeps the LRPs of a restarted server from coming back all at once.
 */
unsigned backoff_next_ms(struct backoff *backoff, uint32_t random);

/* A tunnel that came up at `up` went down now. */
void backoff_tunnel_ended(struct backoff *backoff, struct mono up, struct mono now);

#endif
