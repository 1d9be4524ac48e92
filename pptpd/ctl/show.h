/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What `lrp list` knows, as a table for people and as JSON for programs. */
#ifndef PPTPD_CTL_SHOW_H
#define PPTPD_CTL_SHOW_H

#include <stdint.h>
#include <stdio.h>

#include "pptpd/control_msg.h"
#include "pptpd/ctl/ask.h"
#include "pptpd/lrp_list.h"

struct show {
	const struct lrp_list *list;
	const struct lrp_invitations *invitations;
	enum ask_result asked; /* whether pptpd was there to tell of tunnels */
	const struct control_tunnel *tunnels;
	size_t tunnel_count;
	int64_t now; /* seconds since 1970 */
};

/* Writes to a stream; its errors are the caller's to look for. False when memory is out. */
bool show_table(const struct show *show, FILE *out);
void show_json(const struct show *show, FILE *out);

/* "up", "down", "disabled", or "unknown" without an answer of pptpd. */
const char *show_state(const struct show *show, const struct lrp *lrp);

/* Whether that is a tunnel of that LRP. */
bool show_is_of(const struct control_tunnel *tunnel, const struct lrp *lrp);

#endif
