// SPDX-License-Identifier: GPL-2.0-or-later
/* Whether a server is the one that a client expects: by its pin, or by its certificate's authority.
 */
#include "rrp/tls_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "pptpd/base/log.h"

/* Room for any numbers that the parts of a date may be. */
#define TIME_TEXT_MAX 80

/* The last is what an authority of the same name with another key looks like. */
#define UNTRUSTED \
	(GNUTLS_CERT_SIGNER_NOT_FOUND | GNUTLS_CERT_SIGNER_NOT_CA | GNUTLS_CERT_SIGNATURE_FAILURE)

/* 112 bits, RSA of 2048: verifying a chain does not look at the session's own profile. */
#define VERIFY_FLAGS GNUTLS_PROFILE_TO_VFLAGS(GNUTLS_PROFILE_MEDIUM)

struct tls_anchors *tls_anchors_new(const char *file, char ret_error[TLS_ERROR_MAX])
{
	struct tls_anchors *anchors = calloc(1, sizeof(*anchors));
	int count;

	if (!anchors || gnutls_x509_trust_list_init(&anchors->list, 0) < 0) {
		(void)snprintf(ret_error, TLS_ERROR_MAX, "no memory");
		free(anchors);
		return NULL;
	}
	if (strcmp(file, "system") == 0)
		count = gnutls_x509_trust_list_add_system_trust(anchors->list, 0, 0);
	else if (access(file, R_OK) == 0)
		count = gnutls_x509_trust_list_add_trust_file(anchors->list, file, NULL,
							      GNUTLS_X509_FMT_PEM, 0, 0);
	else
		count = -1;
	if (count > 0)
		return anchors;
	(void)snprintf(ret_error, TLS_ERROR_MAX, "%.300s: %s", file,
		       count == -1 && errno ? strerror(errno)
					    : "no certificate of an authority in it (PEM)");
	tls_anchors_free(anchors);
	return NULL;
}

void tls_anchors_free(struct tls_anchors *anchors)
{
	if (!anchors)
		return;
	gnutls_x509_trust_list_deinit(anchors->list, 1);
	free(anchors);
}

static bool check_pin(struct tls_link *link)
{
	char expected[NODE_ID_TEXT_LEN + 1], got[NODE_ID_TEXT_LEN + 1];

	if (node_id_equal(&link->peer, &link->expect->pin))
		return true;
	link->fault = TLS_FAULT_PEER;
	link->alert = GNUTLS_A_CERTIFICATE_UNKNOWN;
	(void)snprintf(link->text, sizeof(link->text),
		       "the server is not the one that is pinned: expected node ID %s, got %s; if "
		       "its key was renewed on purpose, set the new pin or enrol again, else "
		       "somebody is in between",
		       node_id_text(&link->expect->pin, expected), node_id_text(&link->peer, got));
	return false;
}

/* Not by strftime(), which looks for the time zone's file, and loses the zone when it may not. */
static void write_time(time_t when, char out[TIME_TEXT_MAX])
{
	struct tm t;

	if (!gmtime_r(&when, &t))
		(void)snprintf(out, TIME_TEXT_MAX, "?");
	else
		(void)snprintf(out, TIME_TEXT_MAX, "%04d-%02d-%02d %02d:%02d:%02d",
			       t.tm_year + 1900, t.tm_mon + 1, t.tm_mday, t.tm_hour, t.tm_min,
			       t.tm_sec);
}

/* The certificate of the chain whose dates are to blame, with ours. */
static void complain_dates(struct tls_link *link, gnutls_x509_crt_t *crts, unsigned count)
{
	char date[TIME_TEXT_MAX], clock[TIME_TEXT_MAX];
	time_t now = time(NULL);

	write_time(now, clock);
	link->alert = GNUTLS_A_CERTIFICATE_EXPIRED;
	for (unsigned i = 0; i < count; i++) {
		time_t from = gnutls_x509_crt_get_activation_time(crts[i]);
		time_t until = gnutls_x509_crt_get_expiration_time(crts[i]);
		bool expired = now > until;

		if (!expired && now >= from)
			continue;
		write_time(expired ? until : from, date);
		(void)snprintf(link->text, sizeof(link->text),
			       "the server's certificate %s%s %s UTC, and it is %s UTC by this "
			       "host's clock: %s",
			       i ? "chain has one that " : "",
			       expired ? "expired" : "is not valid before", date, clock,
			       expired ? "renew it on the server, or set the clock"
				       : "set the clock, or use a pin, which needs none");
		return;
	}
	(void)snprintf(link->text, sizeof(link->text),
		       "an authority of the server's certificate has expired by this host's clock "
		       "(%s UTC)",
		       clock);
}

/* What one who set it up would change, the most telling of what is wrong. */
static void complain_status(struct tls_link *link, gnutls_x509_crt_t *crts, unsigned count,
			    unsigned status)
{
	char host[64];

	(void)log_printable(host, sizeof(host), link->expect->host);
	link->fault = TLS_FAULT_PEER;
	if (status & (GNUTLS_CERT_EXPIRED | GNUTLS_CERT_NOT_ACTIVATED)) {
		complain_dates(link, crts, count);
	} else if (status & GNUTLS_CERT_INSECURE_ALGORITHM) {
		link->alert = GNUTLS_A_BAD_CERTIFICATE;
		(void)snprintf(link->text, sizeof(link->text),
			       "a certificate of the server's chain has a key or a signature that "
			       "is too weak: RSA needs 2048 bits, and SHA-1 is too old; have it "
			       "issued anew");
	} else if (status & UNTRUSTED) {
		link->alert = GNUTLS_A_UNKNOWN_CA;
		(void)snprintf(link->text, sizeof(link->text),
			       "the server's certificate is of no authority that is trusted here: "
			       "check the file of `ca`, and that the server sends its whole chain");
	} else if (status & GNUTLS_CERT_UNEXPECTED_OWNER) {
		link->alert = GNUTLS_A_BAD_CERTIFICATE;
		(void)snprintf(
			link->text, sizeof(link->text),
			"the server's certificate is not for the name %s: check `server` and "
			"`verify-host`",
			host);
	} else {
		gnutls_datum_t words = {0};

		link->alert = GNUTLS_A_BAD_CERTIFICATE;
		(void)gnutls_certificate_verification_status_print(status, GNUTLS_CRT_X509, &words,
								   0);
		(void)snprintf(link->text, sizeof(link->text),
			       "the server's certificate is not accepted: %.300s",
			       words.data ? (const char *)words.data : "no reason is known");
		gnutls_free(words.data);
	}
}

static bool check_authority(struct tls_link *link, gnutls_x509_crt_t *crts, unsigned count)
{
	gnutls_typed_vdata_st wanted[] = {
		{.type = GNUTLS_DT_DNS_HOSTNAME,
		 .data = (unsigned char *)(uintptr_t)link->expect->host},
		{.type = GNUTLS_DT_KEY_PURPOSE_OID,
		 .data = (unsigned char *)(uintptr_t)GNUTLS_KP_TLS_WWW_SERVER},
	};
	unsigned status = GNUTLS_CERT_INVALID;
	int error = gnutls_x509_trust_list_verify_crt2(link->expect->anchors->list, crts, count,
						       wanted, 2, VERIFY_FLAGS, &status, NULL);

	if (error == 0 && status == 0)
		return true;
	complain_status(link, crts, count, error ? GNUTLS_CERT_INVALID : status);
	return false;
}

static bool import(const gnutls_datum_t *chain, unsigned count, gnutls_x509_crt_t *crts)
{
	for (unsigned i = 0; i < count; i++) {
		if (gnutls_x509_crt_init(&crts[i]) < 0)
			return false;
		if (gnutls_x509_crt_import(crts[i], &chain[i], GNUTLS_X509_FMT_DER) < 0)
			return false;
	}
	return true;
}

bool tls_check_server(struct tls_link *link, const gnutls_datum_t *chain, unsigned count)
{
	gnutls_x509_crt_t crts[TLS_PEER_CHAIN_MAX] = {NULL};
	bool good = false;

	if (link->expect->pinned)
		return check_pin(link);
	if (count <= TLS_PEER_CHAIN_MAX && import(chain, count, crts)) {
		good = check_authority(link, crts, count);
	} else {
		link->fault = TLS_FAULT_PEER;
		link->alert = GNUTLS_A_BAD_CERTIFICATE;
		(void)snprintf(link->text, sizeof(link->text),
			       "the server's certificates cannot be read");
	}
	for (unsigned i = 0; i < TLS_PEER_CHAIN_MAX && crts[i]; i++)
		gnutls_x509_crt_deinit(crts[i]);
	return good;
}
