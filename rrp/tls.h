/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TLS 1.3 below a tunnel: from a connected TCP socket to a stream whose other end has proven who it
 * is. Who may come in is not decided here. Does not have the private key (rrp/signer.h).
 */
#ifndef RRP_TLS_H
#define RRP_TLS_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>

#include "pptpd/base/node_id.h"
#include "rrp/stream.h"

/* Longest text about why a handshake failed or a stream broke. */
#define TLS_ERROR_MAX 512

struct tls_identity;
struct tls_anchors;
struct tls_handshake;

/* What a connection is for; told apart by ALPN (docs/protocol.md). */
enum tls_purpose {
	TLS_TUNNEL, /* "rrp/1" */
	TLS_ENROL,  /* "rrp-enrol/1" */
};

/*
 * Our side's certificate, got from the signer on `channel` (which is taken over, also on failure),
 * and the means to have handshakes signed there. May serve one handshake after the other. NULL with
 * the reason in ret_error. Loads what GnuTLS needs from files: call it before the process is
 * confined.
 */
struct tls_identity *tls_identity_new(int channel, char ret_error[TLS_ERROR_MAX]);
void tls_identity_free(struct tls_identity *identity);

/* Our own node ID. */
const struct node_id *tls_identity_id(const struct tls_identity *identity);

/*
 * Certificates of authorities from a PEM file, or those of the system with "system". NULL with the
 * reason in ret_error.
 */
struct tls_anchors *tls_anchors_new(const char *file, char ret_error[TLS_ERROR_MAX]);
void tls_anchors_free(struct tls_anchors *anchors);

/* How a client knows the server. */
struct tls_expectation {
	bool pinned; /* by its ID, whatever its certificate says and the clock shows */
	struct node_id pin;
	const struct tls_anchors *anchors; /* else by a certificate of these, within its dates, */
	const char *host;                  /* for this name */
};

struct tls_peer {
	struct node_id id;
	enum tls_purpose purpose;
	const char *cipher; /* for logs; static */
};

struct tls_handshake_ops {
	/*
	 * The other has proven to have the key of `peer->id`, and the client that the server is who
	 * it expected. The stream is the callee's. Both from the loop only; the handshake is gone
	 * when they are called.
	 */
	void (*done)(void *context, struct rrp_stream *stream, const struct tls_peer *peer);

	/*
	 * It came to nothing; `text` tells an operator what was expected and what to do. The socket
	 * is closed.
	 */
	void (*failed)(void *context, const char *text);
};

struct tls_handshake_settings {
	struct tls_identity *identity; /* must outlive handshake and stream */
	unsigned timeout_s;            /* for all of it */
	/* Client only; NULL makes this end the server. Must live until the handshake is done. */
	const struct tls_expectation *expect;
	enum tls_purpose purpose; /* client only */
};

/* Takes over `fd`, a connected socket. NULL when memory is out; `fd` is then still the caller's. */
struct tls_handshake *tls_handshake_new(struct ev_loop *loop, int fd,
					const struct tls_handshake_settings *settings,
					const struct tls_handshake_ops *ops, void *context);

/* Closes the socket without a word and without a callback. Accepts NULL. */
void tls_handshake_free(struct tls_handshake *handshake);

/* Why a server turns a proven peer away; each is one TLS alert (docs/protocol.md). */
enum tls_refusal {
	TLS_REFUSE_UNKNOWN,  /* not on the server's list */
	TLS_REFUSE_DISABLED, /* on the list, but not for now */
	TLS_REFUSE_ADDRESS,  /* must not come from where it is */
	TLS_REFUSE_BUSY,     /* has as many tunnels as it may, or the server has */
};

/*
 * Server, in place of using the stream (one of TLS): tells the client, and closes in order, so that
 * the alert is not lost to a reset, within two seconds; takes over the stream. done() comes from
 * the loop, when it has freed itself. NULL when memory is out: the stream is closed, done() never
 * comes.
 */
struct tls_refusing *tls_refuse(struct ev_loop *loop, struct rrp_stream *stream,
				enum tls_refusal why, void (*done)(void *context), void *context);
void tls_refusing_free(struct tls_refusing *refusing);

#endif
