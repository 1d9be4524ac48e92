/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Enrolment (docs/protocol.md): a node shows the secret of an invitation, the server answers with
 * the name under which it is from now on known. Who the node is was proven below, by TLS; whether
 * the secret is worth anything is for the owner to say.
 */
#ifndef RRP_ENROL_H
#define RRP_ENROL_H

#include <ev.h>
#include <stdbool.h>
#include <stdint.h>

#include "rrp/stream.h"
#include "rrp/tunnel.h"

/* Bytes of an invitation's secret: 128 random bits. */
#define ENROL_SECRET_LEN 16

/* SHA-256 of them: what is kept and compared. */
#define ENROL_HASH_LEN 32

/* Longest text that a callback brings. */
#define ENROL_TEXT_MAX 256

/* Why a server does not let a node enrol; each is one code of ERROR. */
enum enrol_refusal {
	ENROL_REFUSE_UNKNOWN, /* no such invitation */
	ENROL_REFUSE_USED,    /* it was taken before */
	ENROL_REFUSE_EXPIRED,
	ENROL_REFUSE_BUSY, /* the server cannot do it now */
};

/* Letters, digits and ._-, 1 to RRP_NAME_MAX of them: what the server may call a node. */
bool enrol_name_valid(const char *name);

/* Writes the hash of a secret. */
void enrol_secret_hash(const uint8_t secret[ENROL_SECRET_LEN], uint8_t ret_hash[ENROL_HASH_LEN]);

struct enrol_server;

enum enrol_server_result {
	ENROL_SERVER_ACCEPTED,  /* the node has, as far as can be known, read its name */
	ENROL_SERVER_REFUSED,   /* the owner's answer is on its way */
	ENROL_SERVER_LOST,      /* the node went before it had an answer */
	ENROL_SERVER_SILENT,    /* it did not ask in time */
	ENROL_SERVER_PROTOCOL,  /* it broke the protocol; it was told */
	ENROL_SERVER_UNANSWERED /* the owner did not answer in time; the node was told to come again
				 */
};

/* Callbacks come from the loop only; within each the owner may call enrol_server_free(). */
struct enrol_server_ops {
	/*
	 * The node shows a secret with this hash: answer with enrol_server_accept() or
	 * enrol_server_refuse(), now or later. Comes once at most.
	 */
	void (*asked)(void *context, const uint8_t secret_hash[ENROL_HASH_LEN]);

	/*
	 * The last callback; the stream is closed; free the object now or later. `text` is
	 * printable and without the peer's address: for LOST and PROTOCOL what was expected and
	 * what came, else "". An accepted node may ask again with the same secret if the answer did
	 * not reach it.
	 */
	void (*done)(void *context, enum enrol_server_result result, const char *text);
};

/*
 * Takes over the stream. The node must have asked within `timeout_s`, and the owner answered within
 * as much again. `ops` must outlive the object. NULL when memory is out; the stream is then still
 * the caller's.
 */
struct enrol_server *enrol_server_new(struct ev_loop *loop, struct rrp_stream *stream,
				      unsigned timeout_s, const struct enrol_server_ops *ops,
				      void *context);

/*
 * Either answers asked(); a second answer, or one when the node is gone, does nothing. `name` is
 * made of letters, digits and ._- (1 to RRP_NAME_MAX).
 */
void enrol_server_accept(struct enrol_server *server, const char *name);
void enrol_server_refuse(struct enrol_server *server, enum enrol_refusal why);

/* Closes at once, without a further callback. Accepts NULL. */
void enrol_server_free(struct enrol_server *server);

struct enrol_client;

enum enrol_client_result {
	ENROL_CLIENT_ENROLLED, /* the text is our name: letters, digits and ._- */
	ENROL_CLIENT_REFUSED,  /* the text is the server's, printable: what the operator can do */
	ENROL_CLIENT_FAILED,   /* the text says what went wrong */
};

struct enrol_client_ops {
	/* The only callback, from the loop; the stream is closed. */
	void (*done)(void *context, enum enrol_client_result result, const char *text);
};

/*
 * Takes over the stream, shows the secret (which is copied, and wiped when it is sent), and waits
 * at most `timeout_s` for the answer. NULL when memory is out; the stream is then still the
 * caller's.
 */
struct enrol_client *enrol_client_new(struct ev_loop *loop, struct rrp_stream *stream,
				      unsigned timeout_s, const uint8_t secret[ENROL_SECRET_LEN],
				      const struct enrol_client_ops *ops, void *context);

/* Closes at once, without a further callback. Accepts NULL. */
void enrol_client_free(struct enrol_client *client);

#endif
