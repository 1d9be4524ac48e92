/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A node's name that nobody can take: the SHA-256 hash of its public key (the DER encoding of the
 * certificate's SubjectPublicKeyInfo), as 52 characters of base32. Compares and converts; hashing
 * is for who has keys (rrp/node_key.h).
 */
#ifndef PPTPD_BASE_NODE_ID_H
#define PPTPD_BASE_NODE_ID_H

#include <stdbool.h>
#include <stdint.h>

#include "pptpd/base/base32.h"

#define NODE_ID_LEN      32
#define NODE_ID_TEXT_LEN BASE32_LEN(NODE_ID_LEN)

struct node_id {
	uint8_t bytes[NODE_ID_LEN];
};

/* The text; returns `out`. */
const char *node_id_text(const struct node_id *id, char out[NODE_ID_TEXT_LEN + 1]);

/* False, *ret_id untouched, when the text is no node ID. */
bool node_id_parse(const char *text, struct node_id *ret_id);

bool node_id_equal(const struct node_id *a, const struct node_id *b);

#endif
