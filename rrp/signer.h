/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The process that has a node's private key, and nothing else to do. It signs what a TLS 1.3
 * handshake of its node has to have signed (RFC 8446 4.4.3), and refuses everything else, so that
 * whoever takes over a process that parses peers' bytes neither gets the key nor anything signed
 * that outlives the connection. Its owner's side is pptpd/base/signer_link.h.
 */
#ifndef RRP_SIGNER_H
#define RRP_SIGNER_H

#include "pptpd/base/signer_link.h"

/* Signatures on a channel without a number of its own: so many at once, then one per second. */
#define SIGNER_BURST     16
#define SIGNER_REFILL_MS 1000

/*
 * Takes the settings from `control`, loads the key, says so, gives up every privilege, and serves
 * until `control` closes. Returns an exit status; what is wrong with the key was told the owner.
 */
int signer_run(int control);

#endif
