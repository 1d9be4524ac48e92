// SPDX-License-Identifier: GPL-2.0-or-later
/* Certificates for tests; see the header. */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gnutls/abstract.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/tls_certificates.h"

#define HOUR 3600

/* Cheap asserts that name the call. */
#define good(call) assert_int_equal(call, 0)

static void set_name(gnutls_x509_crt_t crt, const char *host)
{
	struct in_addr in;

	if (inet_pton(AF_INET, host, &in) == 1)
		good(gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_IPADDRESS, &in,
							  sizeof(in), GNUTLS_FSAN_SET));
	else
		good(gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_DNSNAME, host,
							  (unsigned)strlen(host), GNUTLS_FSAN_SET));
}

static void fill(gnutls_x509_crt_t crt, const struct test_certificate_wish *wish)
{
	time_t now = time(NULL);

	good(gnutls_x509_crt_set_version(crt, 3));
	good(gnutls_x509_crt_set_serial(crt, "\x07", 1));
	good(gnutls_x509_crt_set_activation_time(crt, now + (wish->from ? wish->from : -HOUR)));
	good(gnutls_x509_crt_set_expiration_time(crt, now + (wish->until ? wish->until : HOUR)));
	if (wish->host) {
		good(gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0, "a node",
						   6));
		set_name(crt, wish->host);
		good(gnutls_x509_crt_set_key_usage(crt, GNUTLS_KEY_DIGITAL_SIGNATURE));
	} else {
		good(gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0, "some CA",
						   7));
		good(gnutls_x509_crt_set_ca_status(crt, 1));
		good(gnutls_x509_crt_set_key_usage(crt, GNUTLS_KEY_KEY_CERT_SIGN));
	}
}

void test_certificate_make(struct test_certificate *certificate,
			   const struct test_certificate_wish *wish)
{
	const struct test_certificate *issuer = wish->issuer ? wish->issuer : certificate;
	gnutls_pk_algorithm_t kind = wish->kind ? wish->kind : GNUTLS_PK_EDDSA_ED25519;
	gnutls_digest_algorithm_t digest;
	gnutls_privkey_t signer;
	gnutls_pubkey_t public;

	good(gnutls_x509_privkey_init(&certificate->key));
	good(gnutls_x509_privkey_generate(certificate->key, kind, wish->bits, 0));
	good(gnutls_x509_crt_init(&certificate->crt));
	good(gnutls_x509_crt_set_key(certificate->crt, certificate->key));
	fill(certificate->crt, wish);
	good(gnutls_privkey_init(&signer));
	good(gnutls_privkey_import_x509(signer, issuer->key, 0));
	good(gnutls_pubkey_init(&public));
	good(gnutls_pubkey_import_privkey(public, signer, 0, 0));
	good(gnutls_pubkey_get_preferred_hash_algorithm(public, &digest, NULL));
	good(gnutls_x509_crt_privkey_sign(certificate->crt, issuer->crt, signer, digest, 0));
	gnutls_pubkey_deinit(public);
	gnutls_privkey_deinit(signer);
}

void test_certificate_done(struct test_certificate *certificate)
{
	gnutls_x509_privkey_deinit(certificate->key);
	gnutls_x509_crt_deinit(certificate->crt);
}

static void write_file(const gnutls_datum_t *text, const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_int_equal(write(fd, text->data, text->size), text->size);
	close(fd);
}

void test_certificate_write_key(const struct test_certificate *certificate, const char *path)
{
	gnutls_datum_t text;

	good(gnutls_x509_privkey_export2_pkcs8(certificate->key, GNUTLS_X509_FMT_PEM, NULL,
					       GNUTLS_PKCS_PLAIN, &text));
	write_file(&text, path);
	gnutls_free(text.data);
}

void test_certificate_write(const struct test_certificate *certificate, const char *path)
{
	gnutls_datum_t text;

	good(gnutls_x509_crt_export2(certificate->crt, GNUTLS_X509_FMT_PEM, &text));
	write_file(&text, path);
	gnutls_free(text.data);
}
