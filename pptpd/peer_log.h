/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Log lines that a peer can cause: none may fill the log, however many processes serve it. */
#ifndef PPTPD_PEER_LOG_H
#define PPTPD_PEER_LOG_H

#include <stdbool.h>

#include "pptpd/base/address.h"

struct manager;

/*
 * Whether a line of that severity about that address may be written now; if so after a line that
 * says how many were not. Debug lines are for who asked.
 */
bool peer_log_allowed(struct manager *manager, const struct address *peer, int severity);

/*
 * The one form of refusals of direct clients, for who acts on addresses (fail2ban): "CTRL: Client
 * ADDRESS refused: WHY" (err). Never about a tunnel's address: who is behind it is not known.
 */
void peer_log_refused(struct manager *manager, const struct address *client, const char *why);

#endif
