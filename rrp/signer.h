/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The process that has a node's private key, and nothing else to do. It signs what a TLS 1.3
 * handshake of its node has to have signed (RFC 8446 4.4.3), and refuses everything else, so that
 * whoever takes over a process that parses peers' bytes neither gets the key nor anything signed
 * that outlives the connection.
 *
 * Its owner has one end of a control channel and passes it a descriptor for each process that may
 * ask. All channels are SOCK_SEQPACKET, every message has an exact layout. It ends when the control
 * channel closes.
 */
#ifndef RRP_SIGNER_H
#define RRP_SIGNER_H

#include <stdbool.h>
#include <stdint.h>

#include "rrp/node_key.h"

/* Where the program rrp-signer finds its control channel. */
#define SIGNER_CONTROL_FD 3

/* Signatures on a channel without a number of its own: so many at once, then one per second. */
#define SIGNER_BURST     16
#define SIGNER_REFILL_MS 1000

/* Which side's CertificateVerify may be signed. */
enum signer_role {
	SIGNER_SERVER = 1,
	SIGNER_CLIENT = 2,
};

/*
 * Owner: passes one end of a new channel, whose other end is for one process that may ask. `uses`
 * is how many signatures it may have, 0: SIGNER_BURST and SIGNER_REFILL_MS apply. `channel` stays
 * the caller's. Returns 0 or a negative errno.
 */
int signer_pass_channel(int control, int channel, enum signer_role role, uint32_t uses);

/*
 * Owner: waits until the signer has its key, at most `timeout_ms`. True with the node's ID; else
 * false, with what the signer said, or that it did not, in ret_error.
 */
bool signer_wait_ready(int control, int timeout_ms, struct node_id *ret_id,
		       char ret_error[NODE_KEY_ERROR_MAX]);

/*
 * The signer itself: loads the key, says so on `control`, gives up every privilege (uid and gid
 * unless they are those it has), and serves until `control` closes. Returns an exit status; what is
 * wrong with the key was told the owner.
 */
struct signer_settings {
	const char *key_path;
	const char *certificate_path; /* NULL: a self-signed one */
	bool create;                  /* make the key if there is none */
	uint32_t uid, gid;
};
int signer_run(int control, const struct signer_settings *settings);

#endif
