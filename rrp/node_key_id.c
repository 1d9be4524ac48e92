// SPDX-License-Identifier: GPL-2.0-or-later
/* What a node is called, from its public key: apart from node_key.c, for who has no private one. */
#include "rrp/node_key.h"

#include <gnutls/crypto.h>
#include <gnutls/x509.h>

bool node_key_public_id(gnutls_pubkey_t key, struct node_id *ret_id)
{
	gnutls_datum_t der;
	bool good;

	if (gnutls_pubkey_export2(key, GNUTLS_X509_FMT_DER, &der) < 0)
		return false;
	good = gnutls_hash_fast(GNUTLS_DIG_SHA256, der.data, der.size, ret_id->bytes) == 0;
	gnutls_free(der.data);
	return good;
}

bool node_key_certificate_id(const gnutls_datum_t *certificate, struct node_id *ret_id)
{
	gnutls_x509_crt_t crt = NULL;
	gnutls_pubkey_t key = NULL;
	struct node_id id;
	bool good;

	good = gnutls_x509_crt_init(&crt) == 0 && gnutls_pubkey_init(&key) == 0 &&
	       gnutls_x509_crt_import(crt, certificate, GNUTLS_X509_FMT_DER) == 0 &&
	       gnutls_pubkey_import_x509(key, crt, 0) == 0 && node_key_public_id(key, &id);
	if (key)
		gnutls_pubkey_deinit(key);
	if (crt)
		gnutls_x509_crt_deinit(crt);
	if (good)
		*ret_id = id;
	return good;
}
