// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of signature schemes; see the header. */
#include "rrp/signer_scheme.h"

#include <stddef.h>

#include "pptpd/base/util.h"

static const struct {
	uint16_t number;
	gnutls_sign_algorithm_t algorithm;
} schemes[] = {
	{0x0403, GNUTLS_SIGN_ECDSA_SECP256R1_SHA256}, {0x0503, GNUTLS_SIGN_ECDSA_SECP384R1_SHA384},
	{0x0603, GNUTLS_SIGN_ECDSA_SECP521R1_SHA512}, {0x0804, GNUTLS_SIGN_RSA_PSS_RSAE_SHA256},
	{0x0805, GNUTLS_SIGN_RSA_PSS_RSAE_SHA384},    {0x0806, GNUTLS_SIGN_RSA_PSS_RSAE_SHA512},
	{0x0807, GNUTLS_SIGN_EDDSA_ED25519},          {0x0808, GNUTLS_SIGN_EDDSA_ED448},
	{0x0809, GNUTLS_SIGN_RSA_PSS_SHA256},         {0x080a, GNUTLS_SIGN_RSA_PSS_SHA384},
	{0x080b, GNUTLS_SIGN_RSA_PSS_SHA512},
};

uint16_t signer_scheme_number(gnutls_sign_algorithm_t algorithm)
{
	for (size_t i = 0; i < ARRAY_SIZE(schemes); i++) {
		if (schemes[i].algorithm == algorithm)
			return schemes[i].number;
	}
	return 0;
}

gnutls_sign_algorithm_t signer_scheme_algorithm(uint16_t number, gnutls_pk_algorithm_t key)
{
	for (size_t i = 0; i < ARRAY_SIZE(schemes); i++) {
		if (schemes[i].number == number &&
		    gnutls_sign_supports_pk_algorithm(schemes[i].algorithm, key))
			return schemes[i].algorithm;
	}
	return GNUTLS_SIGN_UNKNOWN;
}
