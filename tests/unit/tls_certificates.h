/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Certificates for tests, as an authority or anybody else would make them. */
#ifndef TESTS_UNIT_TLS_CERTIFICATES_H
#define TESTS_UNIT_TLS_CERTIFICATES_H

#include <gnutls/x509.h>
#include <time.h>

struct test_certificate {
	gnutls_x509_privkey_t key;
	gnutls_x509_crt_t crt;
};

/* What a certificate shall say; zeros for what most say. */
struct test_certificate_wish {
	const char *host;           /* a name, or an IPv4 address; NULL: it is an authority's */
	time_t from, until;         /* seconds from now; 0: an hour ago, in an hour */
	gnutls_pk_algorithm_t kind; /* 0: Ed25519 */
	unsigned bits;              /* for kinds that have a choice */
	const struct test_certificate *issuer; /* NULL: itself */
};

void test_certificate_make(struct test_certificate *certificate,
			   const struct test_certificate_wish *wish);
void test_certificate_done(struct test_certificate *certificate);

/* Writes PEM files: the key with mode 0600, the certificate. */
void test_certificate_write_key(const struct test_certificate *certificate, const char *path);
void test_certificate_write(const struct test_certificate *certificate, const char *path);

#endif
