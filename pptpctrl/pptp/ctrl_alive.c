// SPDX-License-Identifier: GPL-2.0-or-later
/* The signs of life of a control connection's peer; see the header. */
#include "pptpctrl/pptp/ctrl_alive.h"

#define MS_PER_S 1000

void ctrl_alive_init(struct ctrl_alive *alive, unsigned interval_s, unsigned timeout_s,
		     unsigned doubt_s, struct mono now)
{
	*alive = (struct ctrl_alive){
		.interval_s = interval_s,
		.timeout_s = timeout_s,
		.doubt_s = doubt_s,
		.heard = now,
		.sign = now,
		.oldest = 1,
		.next = 1,
	};
}

void ctrl_alive_heard(struct ctrl_alive *alive, struct mono now)
{
	alive->heard = now;
	alive->waits = false;
	alive->doubted = false;
}

void ctrl_alive_sign(struct ctrl_alive *alive, struct mono now)
{
	alive->sign = now;
	alive->doubted = false;
}

uint32_t ctrl_alive_ask(struct ctrl_alive *alive, struct mono now)
{
	if (!alive->waits)
		alive->first = now;
	alive->waits = true;
	alive->last = now;
	return alive->next++;
}

bool ctrl_alive_answer(struct ctrl_alive *alive, uint32_t identifier)
{
	/* Differences, because the identifiers wrap. */
	if (identifier - alive->oldest >= alive->next - alive->oldest)
		return false;
	alive->oldest = identifier + 1;
	return true;
}

static struct mono later_by(struct mono when, unsigned seconds)
{
	return mono_add_ms(when, (int64_t)seconds * MS_PER_S);
}

bool ctrl_alive_due(const struct ctrl_alive *alive, struct mono *ret_when)
{
	if (!alive->interval_s)
		return false;
	*ret_when = later_by(alive->waits ? alive->last : alive->heard, alive->interval_s);
	return true;
}

/* Since when an Echo-Request waits, and there was no sign of life. */
static struct mono mute_since(const struct ctrl_alive *alive)
{
	return mono_before(alive->first, alive->sign) ? alive->sign : alive->first;
}

bool ctrl_alive_doubtful(const struct ctrl_alive *alive, struct mono *ret_when)
{
	if (!alive->waits || !alive->timeout_s || !alive->doubt_s || alive->doubted)
		return false;
	*ret_when = later_by(mute_since(alive), alive->doubt_s);
	return true;
}

void ctrl_alive_doubt(struct ctrl_alive *alive)
{
	alive->doubted = true;
}

bool ctrl_alive_lost(const struct ctrl_alive *alive, struct mono *ret_when)
{
	if (!alive->waits || !alive->timeout_s)
		return false;
	*ret_when = later_by(mute_since(alive), alive->timeout_s);
	return true;
}
