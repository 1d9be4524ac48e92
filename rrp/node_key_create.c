// SPDX-License-Identifier: GPL-2.0-or-later
/* Makes a node's key file, whole or not at all; see the header. */
#include "rrp/node_key.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pptpd/base/fdio.h"

/* What mkostemp() makes of the name while the file is not complete. */
#define TEMPORARY_SUFFIX ".XXXXXX"

static int complain(char *ret_error, const char *path, int error)
{
	(void)snprintf(ret_error, SIGNER_ERROR_MAX, "%.400s: %s", path, strerror(error));
	return -error;
}

/* The folder of `path`, "." without one. False when the name is too long. */
static bool folder_of(const char *path, char ret_folder[PATH_MAX])
{
	const char *slash = strrchr(path, '/');
	size_t len = slash ? (size_t)(slash - path) : 0;

	if (len + 1 >= PATH_MAX)
		return false;
	if (!slash)
		(void)snprintf(ret_folder, PATH_MAX, ".");
	else
		(void)snprintf(ret_folder, PATH_MAX, "%.*s/", (int)len, path);
	return true;
}

static bool write_all(int fd, const gnutls_datum_t *text)
{
	for (size_t at = 0; at < text->size;) {
		ssize_t n = write(fd, text->data + at, text->size - at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		at += (size_t)n;
	}
	return fsync(fd) == 0;
}

/* The name must survive a power cut as well as the bytes do. */
static void sync_folder(const char *folder)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0)
		(void)fsync(fd); /* a file system that cannot has nothing better */
	fdio_close(&fd);
}

/* Writes under another name, then gives it its own unless that is taken. */
static int write_file(const char *path, const gnutls_datum_t *text)
{
	char temporary[PATH_MAX];
	int len = snprintf(temporary, sizeof(temporary), "%s" TEMPORARY_SUFFIX, path);
	int error = 0;
	int fd;

	if (len < 0 || (size_t)len >= sizeof(temporary))
		return ENAMETOOLONG;
	fd = mkostemp(temporary, O_CLOEXEC); /* mode 0600 */
	if (fd < 0)
		return errno;
	if (!write_all(fd, text) || link(temporary, path) != 0)
		error = errno;
	fdio_close(&fd);
	(void)unlink(temporary); /* it was ours alone */
	return error;
}

/* The key as PKCS #8 in PEM; gnutls_free() after wiping. Returns a GnuTLS error. */
static int generate(gnutls_datum_t *ret_text)
{
	gnutls_x509_privkey_t key;
	int error = gnutls_x509_privkey_init(&key);

	if (error < 0)
		return error;
	error = gnutls_x509_privkey_generate(key, GNUTLS_PK_EDDSA_ED25519, 0, 0);
	if (error >= 0)
		error = gnutls_x509_privkey_export2_pkcs8(key, GNUTLS_X509_FMT_PEM, NULL,
							  GNUTLS_PKCS_PLAIN, ret_text);
	gnutls_x509_privkey_deinit(key);
	return error;
}

int node_key_create(const char *path, char ret_error[SIGNER_ERROR_MAX])
{
	char folder[PATH_MAX];
	gnutls_datum_t text;
	int error;

	if (!folder_of(path, folder))
		return complain(ret_error, path, ENAMETOOLONG);
	if (access(path, F_OK) == 0)
		return complain(ret_error, path, EEXIST);
	if (mkdir(folder, 0700) != 0 && errno != EEXIST)
		return complain(ret_error, folder, errno);
	error = generate(&text);
	if (error < 0) {
		(void)snprintf(ret_error, SIGNER_ERROR_MAX, "cannot make a key: %s",
			       gnutls_strerror(error));
		return -EIO;
	}
	error = write_file(path, &text);
	explicit_bzero(text.data, text.size);
	gnutls_free(text.data);
	if (error)
		return complain(ret_error, path, error);
	sync_folder(folder);
	return 0;
}
