/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The other end of a connection, as anybody could write it with GnuTLS: for what ours never does.
 */
#ifndef TESTS_UNIT_TLS_RAW_H
#define TESTS_UNIT_TLS_RAW_H

#include <gnutls/gnutls.h>

#include "tests/unit/tls_world.h"

struct tls_raw_wish {
	bool is_server;
	bool no_certificate;
	bool one_key_share;   /* a client's: only that of its first group */
	const char *priority; /* NULL: TLS 1.3 */
	const char *protocol; /* of ALPN; NULL: none */
};

struct tls_raw {
	gnutls_session_t session;
	gnutls_certificate_credentials_t credentials;
	int fd;
	int result; /* of the handshake: GNUTLS_E_AGAIN while it goes on */
};

/* Takes over `fd`. */
void tls_raw_init(struct tls_raw *raw, int fd, const struct tls_raw_wish *wish);
void tls_raw_done(struct tls_raw *raw);

/* Runs the loop and this end until the other, one of ours, knows what became of its handshake. */
void tls_raw_run(struct tls_raw *raw, struct tls_world *world, const struct tls_end *end);

/* The alert that it gets, when it goes on to read. */
gnutls_alert_description_t tls_raw_alert(struct tls_raw *raw);

#endif
