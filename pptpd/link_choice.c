/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rings, or TAP devices for a while; see the header. Runs as root. */
#include "pptpd/link_choice.h"

#include <errno.h>

#include "pptpd/base/log.h"
#include "pptpd/link.h"

/* How long none is made with rings after one that took too long. */
#define AVOIDED_S 60

int link_choice_open(struct link_choice *choice, const struct link_wish *wish, struct mono now,
		     struct link *ret_link, const char **ret_failed)
{
	struct link_wish taken = *wish;
	int error;

	if (mono_before(now, choice->rings_from))
		taken.kind = IPC_LINK_TAP;
	error = link_open(&taken, ret_link, ret_failed);
	if (error != -ETIMEDOUT || taken.kind != IPC_LINK_RING)
		return error;
	log_notice("MGR: a link with rings takes too long: TAP devices for %d s", AVOIDED_S);
	choice->rings_from = mono_add_ms(now, AVOIDED_S * 1000LL);
	taken.kind = IPC_LINK_TAP;
	return link_open(&taken, ret_link, ret_failed);
}
