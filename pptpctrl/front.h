/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a pptpctrl is to the outside: the control connections of one client, or one tunnel.
 * process.c drives either through these functions.
 */
#ifndef PPTPCTRL_FRONT_H
#define PPTPCTRL_FRONT_H

#include <ev.h>

#include "pptpd/ipc.h"

struct manager_link;
struct ppp_sessions;
struct tls_identity;

/* What a front side stands on; all of it outlives it. */
struct front_context {
	struct ev_loop *loop;
	struct manager_link *link;
	struct ppp_sessions *sessions;
	struct tls_identity *identity; /* of a TLS tunnel, else NULL */
	struct ipc_settings settings;
};

struct front {
	/*
	 * What has to be done as the unprivileged user, but before the filter of system calls; may
	 * wait for the manager. False, logged. forget() follows in any case. NULL: nothing.
	 */
	bool (*prepare)(struct front_context *context);
	void (*forget)(struct front_context *context);

	/* NULL, logged, when memory is out. */
	void *(*new)(const struct front_context *context);
	void (*free)(void *front);

	/* Takes over a socket to serve. */
	void (*connection)(void *front, int fd);

	/* The answer to manager_link_open_gre(); `fd` is the callee's, -1 with an errno. */
	void (*gre_opened)(void *front, const struct ipc_gre_opened *opened, int fd);

	/* Answers to manager_link_peer() and manager_link_enrol(); NULL in one that asks neither.
	 */
	void (*peer_verdict)(void *front, const struct ipc_peer_verdict *verdict);
	void (*enrol_verdict)(void *front, const struct ipc_enrol_verdict *verdict);

	/* Ends everything in order; manager_link_idle() when that is done. */
	void (*stop)(void *front);
};

extern const struct front front_direct;
extern const struct front front_tunnel;

#endif
