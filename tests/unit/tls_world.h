/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two nodes for tests of TLS: keys in a folder of their own, a real signing helper for each in a
 * child process, and ends of a connection that write down what became of their handshake.
 */
#ifndef TESTS_UNIT_TLS_WORLD_H
#define TESTS_UNIT_TLS_WORLD_H

#include <ev.h>
#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

#include "pptpd/base/signer_link.h"
#include "rrp/tls.h"

/* Ends a test that would hang; long, since nothing is measured. */
#define PATIENCE_MS 20000

struct test_signer {
	pid_t pid;
	int control;
	struct node_id id;
	char error[SIGNER_ERROR_MAX]; /* why it did not start */
};

/* One end of a connection. */
struct tls_end {
	struct tls_handshake *handshake;
	struct rrp_stream *stream; /* once it is done; the test's to free */
	struct tls_peer peer;
	char failed[TLS_ERROR_MAX]; /* or why not */
	bool is_over;               /* one or the other */
};

struct tls_world {
	char folder[64];
	char server_key[PATH_MAX]; /* in it */
	char client_key[PATH_MAX];
	struct ev_loop *loop;
	struct test_signer server_signer;
	struct test_signer client_signer;
	struct tls_identity *server_identity;
	struct tls_identity *client_identity;
	struct tls_expectation expect; /* of the client: the server, pinned */
	struct tls_end server;
	struct tls_end client;
	unsigned timeout_s;
	enum tls_purpose purpose;
};

/* A path in the world's folder, valid until the next call but three. */
const char *tls_world_path(const struct tls_world *world, const char *name);

/* A world without signers, then one with all. */
struct tls_world *tls_world_new_empty(void);
struct tls_world *tls_world_new(void);

/* The same, the server with a certificate that a file has. */
struct tls_world *tls_world_new_certified(struct tls_world *empty, const char *key,
					  const char *certificate);

void tls_world_free(struct tls_world *world);

/* Starts a signing helper; false with its error if it did not come up. */
bool test_signer_start(struct test_signer *signer, const char *key, const char *certificate);
void test_signer_stop(struct test_signer *signer);

/* An identity on a new channel. */
struct tls_identity *tls_world_identity(const struct test_signer *signer, enum signer_role role,
					uint32_t uses);

/* Connected over loopback TCP, or by a socket pair; non-blocking. */
void tls_world_tcp(int ret_fds[2]);
void tls_world_pair(int ret_fds[2]);

/* Begin a handshake on `fd`. */
void tls_world_serve(struct tls_world *world, int fd);
void tls_world_connect(struct tls_world *world, int fd);

/* Runs the loop until the end knows what became of it. */
void tls_world_run(struct tls_world *world, const struct tls_end *end);

/* Runs the loop until `done` says so, then true; false when patience is out. */
bool tls_world_run_until(struct tls_world *world, bool (*done)(void *context), void *context);

/* Both ends of one connection over TCP, until both are over; then that both succeeded. */
void tls_world_meet(struct tls_world *world);
void tls_world_join(struct tls_world *world);

/* Fails unless `text` has `part` in it. */
void assert_says(const char *text, const char *part);

#endif
