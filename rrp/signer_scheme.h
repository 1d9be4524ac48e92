/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The signature schemes of TLS 1.3 (RFC 8446 4.2.3) that a node's key may be used for, by their
 * numbers on the wire and by GnuTLS's names. Not a list of what peers may use.
 */
#ifndef RRP_SIGNER_SCHEME_H
#define RRP_SIGNER_SCHEME_H

#include <gnutls/gnutls.h>
#include <stdbool.h>
#include <stdint.h>

/* 0 for an algorithm that is not among them. */
uint16_t signer_scheme_number(gnutls_sign_algorithm_t algorithm);

/* GNUTLS_SIGN_UNKNOWN for a number that is not among them, or that a key of that kind cannot do. */
gnutls_sign_algorithm_t signer_scheme_algorithm(uint16_t number, gnutls_pk_algorithm_t key);

#endif
