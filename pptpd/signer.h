/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The process that has the server's private key, as the manager knows it: started, waited for,
 * replaced when it dies or the certificate changes. Knows no cryptography. Runs as root.
 */
#ifndef PPTPD_SIGNER_H
#define PPTPD_SIGNER_H

#include <ev.h>
#include <stdbool.h>

#include "pptpd/base/node_id.h"
#include "pptpd/base/privileges.h"

struct conf;
struct signer;

/*
 * Starts `program` and waits until it has the key, which it makes if there is none. NULL, logged
 * with the signer's reason, when it has not.
 */
struct signer *signer_open(const char *program, const struct conf *conf,
			   const struct account *account);

/* Watches over it from now on. */
void signer_watch(struct signer *signer, struct ev_loop *loop);

/* Ends it: it lives only while it is owned. Accepts NULL. */
void signer_free(struct signer *signer);

/* The server's node ID. */
const struct node_id *signer_node_id(const struct signer *signer);

/*
 * One end of a channel on which one server's handshake may be signed; the caller's. False, logged
 * (of a limited rate), when there is no signer now.
 */
bool signer_channel(struct signer *signer, int *ret_channel);

/* Starts it anew if the files of key or certificate changed; the old one serves until then. */
void signer_reload(struct signer *signer);

#endif
