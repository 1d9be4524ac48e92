/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of TLS share; the only users of GnuTLS's names in the tunnel. */
#ifndef RRP_TLS_PRIVATE_H
#define RRP_TLS_PRIVATE_H

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rrp/tls.h"
#include "rrp/tls_transcript.h"

/* The longest record: RFC 8446 5.2, with its header. */
#define TLS_HEADER_LEN 5
#define TLS_RECORD_MAX (TLS_HEADER_LEN + 16384 + 256)

/* One read from the socket takes so much: several records for one system call. */
#define TLS_IN_SIZE (64 * 1024)

/* A whole record that the socket did not take, and what GnuTLS may say on its own meanwhile. */
#define TLS_OUT_SIZE (TLS_RECORD_MAX + 8192)

/* Certificates that a server may send; more than any authority needs. */
#define TLS_PEER_CHAIN_MAX 12

/* The bytes below a TLS session: between GnuTLS and the socket. */
struct tls_wire {
	int fd;
	uint8_t *in; /* TLS_IN_SIZE */
	size_t in_start;
	size_t in_len;
	size_t record_left; /* of the record that GnuTLS is reading */
	uint8_t *out;       /* TLS_OUT_SIZE */
	size_t out_start;
	size_t out_len;
	bool heard;      /* anything from the other at all */
	bool not_tls;    /* what came first is no TLS record */
	bool ended;      /* the other end of the connection is closed */
	int read_error;  /* errno of the socket, 0 for none; sticky */
	int write_error; /* likewise */
};

struct tls_link;

struct tls_identity {
	gnutls_certificate_credentials_t credentials;
	gnutls_priority_t priority;
	gnutls_pk_algorithm_t key_kind;
	unsigned key_bits;
	struct node_id id;
	int channel;                     /* to the signer; -1 when broken */
	uint32_t number;                 /* of the last request */
	char trouble[TLS_ERROR_MAX / 2]; /* why the last signature was not made, "" if it was */
	const struct tls_link *signing;  /* whose handshake goes on in this moment */
};

struct tls_anchors {
	gnutls_x509_trust_list_t list;
};

enum tls_fault {
	TLS_FAULT_NONE,
	TLS_FAULT_ALPN,
	TLS_FAULT_VERSION,
	TLS_FAULT_PEER, /* its certificate; `text` is filled */
};

/* A connection from its first byte to its last; first a handshake's, then a stream's. */
struct tls_link {
	gnutls_session_t session;
	struct tls_wire wire;
	struct tls_identity *identity;
	const struct tls_expectation *expect; /* NULL at the server, and after the handshake */
	enum tls_purpose purpose;             /* of the client */
	struct tls_transcript transcript;     /* of a server whose key needs it */
	bool is_client;
	bool is_proven; /* the other showed a certificate that is good here, and has its key */
	bool is_up;     /* the handshake is done on our side */
	struct node_id peer;
	enum tls_fault fault;             /* what we ourselves found wrong with the other */
	gnutls_alert_description_t alert; /* that tells the other about it */
	char text[TLS_ERROR_MAX];
};

/* False when memory is out; tls_wire_done() is due all the same. */
bool tls_wire_init(struct tls_wire *wire, int fd);
void tls_wire_done(struct tls_wire *wire); /* closes the socket */

/* Makes the session read and write through it. */
void tls_wire_attach(struct tls_wire *wire, gnutls_session_t session);

/* Whether GnuTLS would get a record without waiting. */
bool tls_wire_has_record(const struct tls_wire *wire);

/* Sends what waits. 0 when nothing does any more, -EAGAIN, or another negative errno. */
int tls_wire_flush(struct tls_wire *wire);

/* NULL when memory is out; `fd` is then still the caller's. */
struct tls_link *tls_link_new(int fd, const struct tls_handshake_settings *settings);

/* Goes on with the handshake; the result is GnuTLS's. */
int tls_link_handshake(struct tls_link *link);

/* Closes the socket. Accepts NULL. */
void tls_link_free(struct tls_link *link);

/*
 * Says no more, and throws away what has come, so that closing does not reset the connection. True
 * when the other has closed too.
 */
bool tls_link_drain(struct tls_link *link);

/* Whether the server's certificate is the one that a client expects; else fills link's fault. */
bool tls_check_server(struct tls_link *link, const gnutls_datum_t *chain, unsigned count);

/* Our words for why `error` of GnuTLS ended the handshake, into link->text. */
void tls_text_handshake(struct tls_link *link, int error);

/* The same for an established connection. */
void tls_text_stream(struct tls_link *link, int error);

void tls_text_timeout(struct tls_link *link, unsigned timeout_s);

/*
 * The stream of a link whose handshake is done, which it takes over. NULL when memory is out; the
 * link is then still the caller's.
 */
struct rrp_stream *tls_stream_new(struct tls_link *link);

/* Frees the stream, but not its link, which is the caller's. */
struct tls_link *tls_stream_take_link(struct rrp_stream *stream);

#endif
