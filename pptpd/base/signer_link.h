/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the owner of a signer (rrp/signer.h) says to it: where its key is, and which processes may
 * ask. Knows no cryptography, so that the manager can own one. The control channel is
 * SOCK_SEQPACKET, every message one struct of exact length.
 */
#ifndef PPTPD_BASE_SIGNER_LINK_H
#define PPTPD_BASE_SIGNER_LINK_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "pptpd/base/node_id.h"

/* Where the program rrp-signer finds its control channel. */
#define SIGNER_CONTROL_FD 3

/* Longest text about what went wrong with a key or certificate. */
#define SIGNER_ERROR_MAX 512

/* Which side's CertificateVerify may be signed. */
enum signer_role {
	SIGNER_SERVER = 1,
	SIGNER_CLIENT = 2,
};

/* The first message, from the owner. */
struct signer_settings {
	char key_path[PATH_MAX];
	char certificate_path[PATH_MAX]; /* "": a self-signed one */
	uint32_t create;                 /* make the key if there is none */
	uint32_t uid, gid;               /* to become once the key is loaded */
};

/* The answer to it; without `ready` the signer ends. */
struct signer_ready {
	uint32_t ready;
	uint8_t node_id[NODE_ID_LEN];
	char error[SIGNER_ERROR_MAX]; /* terminated; "" if ready */
};

/* From the owner, with the descriptor of a channel. */
struct signer_channel {
	uint32_t role; /* enum signer_role */
	uint32_t uses; /* signatures on it, 0: no number, but a rate */
};

/* Sends the settings. Returns 0 or a negative errno. */
int signer_link_start(int control, const struct signer_settings *settings);

/*
 * Waits until the signer has its key, at most `timeout_ms`. True with the node's ID; else false,
 * with what the signer said, or that it did not, in ret_error.
 */
bool signer_link_wait_ready(int control, int timeout_ms, struct node_id *ret_id,
			    char ret_error[SIGNER_ERROR_MAX]);

/*
 * Gives the signer one end of a new channel, whose other end is *ret_channel (non-blocking,
 * close-on-exec) for one process that may ask. Returns 0 or a negative errno; -EAGAIN when the
 * signer does not keep up.
 */
int signer_link_channel(int control, enum signer_role role, uint32_t uses, int *ret_channel);

#endif
