// SPDX-License-Identifier: GPL-2.0-or-later
/* Reads a node's key file and has or makes the certificate for it; see the header. */
#include "rrp/node_key.h"

#include <errno.h>
#include <fcntl.h>
#include <gnutls/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pptpd/base/fdio.h"
#include "pptpd/base/util.h"

/* Longest key or certificate file: a chain of eight with comments is far below it. */
#define FILE_MAX (64 * 1024)

/* Self-signed certificates are told apart by their keys; the number only has to be there. */
#define SERIAL "\x01"

/* Seconds since 1970 of the last second of 9999, the end of what a certificate can say. */
#define NEVER INT64_C(253402300799)

static bool complain_system(char *ret_error, const char *path)
{
	(void)snprintf(ret_error, SIGNER_ERROR_MAX, "%.400s: %s", path, strerror(errno));
	return false;
}

static bool complain(char *ret_error, const char *path, const char *what)
{
	(void)snprintf(ret_error, SIGNER_ERROR_MAX, "%.300s: %s", path, what);
	return false;
}

/* Whether the open file is a key's: a plain one that is only its owner's. */
static bool check_private(int fd, const char *path, char *ret_error)
{
	struct stat status;

	if (fstat(fd, &status) != 0)
		return complain_system(ret_error, path);
	if (!S_ISREG(status.st_mode))
		return complain(ret_error, path, "not a plain file");
	if (status.st_uid != 0 && status.st_uid != geteuid()) {
		(void)snprintf(ret_error, SIGNER_ERROR_MAX,
			       "%.300s: belongs to user %u; a private key must belong to root: "
			       "chown root FILE if nobody else has read it",
			       path, (unsigned)status.st_uid);
		return false;
	}
	if (status.st_mode & 077) {
		(void)snprintf(ret_error, SIGNER_ERROR_MAX,
			       "%.300s: others may read or write it (mode %04o, expected 0600): "
			       "chmod 600 FILE if nobody else has read it",
			       path, (unsigned)status.st_mode & 07777);
		return false;
	}
	return true;
}

/* Reads to the end; the length, or -1 with errno (EFBIG: longer than any good one). */
static ssize_t read_whole(int fd, unsigned char *text)
{
	size_t len = 0;
	ssize_t n;

	while ((n = read(fd, text + len, FILE_MAX - len)) > 0)
		len += (size_t)n;
	if (len == FILE_MAX)
		errno = EFBIG;
	return n < 0 || len == FILE_MAX ? -1 : (ssize_t)len;
}

/* All of the file, in memory that release_text() wipes. */
static bool read_file(const char *path, bool private, gnutls_datum_t *ret_text, char *ret_error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	unsigned char *text;
	ssize_t len;

	if (fd < 0)
		return complain_system(ret_error, path);
	if (private && !check_private(fd, path, ret_error)) {
		fdio_close(&fd);
		return false;
	}
	text = calloc(1, FILE_MAX);
	len = text ? read_whole(fd, text) : -1;
	if (len < 0) {
		(void)complain_system(ret_error, path);
		if (text)
			explicit_bzero(text, FILE_MAX);
		free(text);
	} else {
		*ret_text = (gnutls_datum_t){.data = text, .size = (unsigned)len};
	}
	fdio_close(&fd);
	return len >= 0;
}

static void release_text(gnutls_datum_t *text)
{
	explicit_bzero(text->data, FILE_MAX);
	free(text->data);
}

/* Everything in it that is not the key's doing is a constant: it says nothing of this box. */
static int fill_certificate(gnutls_x509_crt_t crt, gnutls_privkey_t key, gnutls_pubkey_t public,
			    const struct node_id *id)
{
	char text[NODE_ID_TEXT_LEN + 1];
	gnutls_digest_algorithm_t digest;
	int error;

	(void)node_id_text(id, text);
	error = gnutls_x509_crt_set_pubkey(crt, public);
	error = error ? error : gnutls_x509_crt_set_version(crt, 3);
	error = error ? error : gnutls_x509_crt_set_serial(crt, SERIAL, sizeof(SERIAL) - 1);
	error = error ? error : gnutls_x509_crt_set_activation_time(crt, 0);
	error = error ? error : gnutls_x509_crt_set_expiration_time(crt, (time_t)NEVER);
	error = error ? error
		      : gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0, text,
						      NODE_ID_TEXT_LEN);
	error = error ? error : gnutls_x509_crt_set_key_usage(crt, GNUTLS_KEY_DIGITAL_SIGNATURE);
	error = error ? error : gnutls_pubkey_get_preferred_hash_algorithm(public, &digest, NULL);
	return error ? error : gnutls_x509_crt_privkey_sign(crt, crt, key, digest, 0);
}

static int sign_own_certificate(struct node_key *key, gnutls_pubkey_t public)
{
	gnutls_x509_crt_t crt;
	int error = gnutls_x509_crt_init(&crt);

	if (error)
		return error;
	error = fill_certificate(crt, key->private_key, public, &key->id);
	if (!error)
		error = gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_DER, &key->chain[0]);
	if (!error)
		key->chain_count = 1;
	gnutls_x509_crt_deinit(crt);
	return error;
}

static bool export_chain(struct node_key *key, gnutls_x509_crt_t *crts, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		if (gnutls_x509_crt_export2(crts[i], GNUTLS_X509_FMT_DER, &key->chain[i]) < 0)
			return false;
		key->chain_count = i + 1;
	}
	return true;
}

/* The chain must be in order and its first certificate be for our key. */
static bool take_chain(struct node_key *key, const char *path, gnutls_x509_crt_t *crts,
		       unsigned count, char *ret_error)
{
	struct node_id id;
	size_t total = 0;

	if (count > NODE_KEY_CHAIN_MAX)
		return complain(ret_error, path, "more than 8 certificates");
	if (!export_chain(key, crts, count) || !node_key_certificate_id(&key->chain[0], &id))
		return complain(ret_error, path, "its certificates cannot be used");
	if (!node_id_equal(&id, &key->id))
		return complain(
			ret_error, path,
			"its first certificate is not for our private key: expected our own "
			"certificate first, then those above it");
	for (unsigned i = 0; i < count; i++)
		total += key->chain[i].size;
	if (total > NODE_KEY_CHAIN_BYTES_MAX)
		return complain(ret_error, path, "its certificates are too long together");
	return true;
}

static bool load_chain(struct node_key *key, const char *path, char *ret_error)
{
	gnutls_datum_t text;
	gnutls_x509_crt_t *crts;
	unsigned count;
	bool good;
	int error;

	if (!read_file(path, false, &text, ret_error))
		return false;
	error = gnutls_x509_crt_list_import2(&crts, &count, &text, GNUTLS_X509_FMT_PEM,
					     GNUTLS_X509_CRT_LIST_FAIL_IF_UNSORTED);
	release_text(&text);
	if (error < 0) {
		(void)snprintf(ret_error, SIGNER_ERROR_MAX,
			       "%.300s: no certificates in PEM, each followed by its issuer's: %s",
			       path, gnutls_strerror(error));
		return false;
	}
	good = take_chain(key, path, crts, count, ret_error);
	for (unsigned i = 0; i < count; i++)
		gnutls_x509_crt_deinit(crts[i]);
	gnutls_free(crts);
	return good;
}

static bool load_private(struct node_key *key, const char *path, char *ret_error)
{
	gnutls_datum_t text;
	int error;

	if (!read_file(path, true, &text, ret_error))
		return false;
	error = gnutls_privkey_init(&key->private_key);
	if (!error)
		error = gnutls_privkey_import_x509_raw(key->private_key, &text, GNUTLS_X509_FMT_PEM,
						       NULL, 0);
	release_text(&text);
	if (!error)
		return true;
	(void)snprintf(ret_error, SIGNER_ERROR_MAX,
		       "%.300s: no private key in PEM without a password: %s", path,
		       gnutls_strerror(error));
	return false;
}

bool node_key_load(const char *path, const char *certificate_path, struct node_key *ret_key,
		   char ret_error[SIGNER_ERROR_MAX])
{
	struct node_key key = {0};
	gnutls_pubkey_t public = NULL;
	bool good = load_private(&key, path, ret_error);

	if (good && (gnutls_pubkey_init(&public) < 0 ||
		     gnutls_pubkey_import_privkey(public, key.private_key, 0, 0) < 0 ||
		     !node_key_public_id(public, &key.id)))
		good = complain(ret_error, path, "a kind of key that cannot be used here");
	if (good && certificate_path)
		good = load_chain(&key, certificate_path, ret_error);
	else if (good && sign_own_certificate(&key, public) < 0)
		good = complain(ret_error, path, "cannot sign a certificate with it");
	if (public)
		gnutls_pubkey_deinit(public);
	if (good)
		*ret_key = key;
	else
		node_key_done(&key);
	return good;
}

void node_key_done(struct node_key *key)
{
	for (unsigned i = 0; i < key->chain_count; i++)
		gnutls_free(key->chain[i].data);
	if (key->private_key)
		gnutls_privkey_deinit(key->private_key); /* which wipes it */
	*key = (struct node_key){0};
}
