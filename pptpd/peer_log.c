/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Limited log lines about peers; see the header. */
#include "pptpd/peer_log.h"

#include "pptpd/base/log.h"
#include "pptpd/manager.h"

bool peer_log_allowed(struct manager *manager, const struct address *peer, int severity)
{
	bool bad = severity <= LOG_WARNING;
	char address[ADDRESS_TEXT_MAX];
	struct peer_refused refused;

	if (severity == LOG_DEBUG && log_is_debug())
		return true;
	if (!peer_limits_allow(bad ? &manager->bad_lines : &manager->other_lines,
			       bad ? &peer_measure_bad : &peer_measure_other, peer, mono_now(),
			       &refused))
		return false;
	if (refused.count)
		log_warning("MGR: %u %slog lines about %s not shown", refused.count,
			    bad ? "bad " : "",
			    refused.of_many ? "other addresses" : address_text(peer, address));
	return true;
}

void peer_log_refused(struct manager *manager, const struct address *client, const char *why)
{
	char address[ADDRESS_TEXT_MAX];

	if (peer_log_allowed(manager, client, LOG_ERR))
		log_err("CTRL: Client %s refused: %s", address_text(client, address), why);
}
