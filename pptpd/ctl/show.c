// SPDX-License-Identifier: GPL-2.0-or-later
/* What both forms of the list share; see the header. */
#include "pptpd/ctl/show.h"

#include <string.h>

bool show_is_of(const struct control_tunnel *tunnel, const struct lrp *lrp)
{
	return tunnel->tls && memcmp(tunnel->node_id, lrp->id.bytes, NODE_ID_LEN) == 0;
}

const char *show_state(const struct show *show, const struct lrp *lrp)
{
	for (size_t i = 0; i < show->tunnel_count; i++) {
		if (show_is_of(&show->tunnels[i], lrp))
			return "up";
	}
	if (lrp->options.disabled)
		return "disabled";
	return show->asked == ASK_FAILED ? "unknown" : "down";
}
