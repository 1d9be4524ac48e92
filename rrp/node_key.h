/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A node's key pair in a file, and the certificate that goes with it. Only for those who may have
 * the private key: the signing helper, and the commands that make and show it.
 */
#ifndef RRP_NODE_KEY_H
#define RRP_NODE_KEY_H

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>

#include "pptpd/base/node_id.h"
#include "pptpd/base/signer_link.h"

/* Certificates in one chain, from the node's own upwards. */
#define NODE_KEY_CHAIN_MAX 8

/* Their bytes together: they travel in one message, and in one handshake. */
#define NODE_KEY_CHAIN_BYTES_MAX (24 * 1024)

struct node_key {
	gnutls_privkey_t private_key;
	gnutls_datum_t chain[NODE_KEY_CHAIN_MAX]; /* DER; the node's own first */
	unsigned chain_count;
	struct node_id id;
};

/*
 * Makes an Ed25519 key and writes it to `path` with mode 0600, by way of another name, so that the
 * file is whole or not there; its folder is made (0700) if only that is missing. -EEXIST if there
 * is one already. Returns 0 or a negative errno, with the reason in ret_error.
 */
int node_key_create(const char *path, char ret_error[SIGNER_ERROR_MAX]);

/*
 * Reads the key; refuses a file that others than its owner may read or write, or whose owner is
 * neither root nor we. Without `certificate_path` the certificate is made here, signed by the key
 * itself, valid whatever the clock says; with it the chain is read from there (PEM) and must fit
 * the key. False with the reason in ret_error; else node_key_done() is due.
 */
bool node_key_load(const char *path, const char *certificate_path, struct node_key *ret_key,
		   char ret_error[SIGNER_ERROR_MAX]);

void node_key_done(struct node_key *key);

/* The ID of the node whose public key that is. False for a key that cannot be written out. */
bool node_key_public_id(gnutls_pubkey_t key, struct node_id *ret_id);

/* The ID of the node that has this certificate (DER). False if it is not one. */
bool node_key_certificate_id(const gnutls_datum_t *certificate, struct node_id *ret_id);

#endif
