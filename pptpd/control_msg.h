/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What pptpd-ctl asks a running pptpd over the control socket (SOCK_SEQPACKET, `control FILE`), and
 * the answers: every message is one struct of exactly its type's length. Both are built from the
 * same source, so the structs travel as they are.
 */
#ifndef PPTPD_CONTROL_MSG_H
#define PPTPD_CONTROL_MSG_H

#include <stdint.h>

#include "pptpd/base/address.h"
#include "pptpd/lrp_list.h"

/* Tells either side that the other is of another build. */
#define CONTROL_VERSION 2

enum control_type {
	/* From pptpd-ctl: one request on a connection. */
	CONTROL_RELOAD = 1,  /* read the list of LRPs anew; answer CONTROL_RELOADED */
	CONTROL_TUNNELS = 2, /* answers CONTROL_TUNNEL for each tunnel, then CONTROL_END */

	CONTROL_RELOADED = 16,
	CONTROL_TUNNEL = 17,
	CONTROL_END = 18,
	CONTROL_REFUSED = 19, /* another version, not a request, or not from root */
};

struct control_request {
	uint32_t type;
	uint32_t version; /* CONTROL_VERSION */

	/*
	 * With CONTROL_RELOAD: this LRP, "" for none, must not stay even if the list cannot be
	 * read. Terminated.
	 */
	char shut_out[LRP_NAME_MAX + 1];
};

struct control_reloaded {
	uint32_t type;
	uint32_t good;             /* 0: the former list stays but for who is shut out,
				      `error` says why */
	uint32_t lrps;             /* on the list now */
	uint32_t stopped;          /* tunnels that are no longer allowed */
	char error[LRP_ERROR_MAX]; /* terminated */
};

/* A tunnel whose LRP was let in. */
struct control_tunnel {
	uint32_t type;
	uint32_t tls; /* 0: plain; then node_id says nothing */
	uint32_t calls;
	uint32_t pad;
	int64_t since; /* seconds since 1970 */
	struct address remote;
	uint8_t node_id[NODE_ID_LEN];
	char name[LRP_NAME_MAX + 1]; /* terminated */
};

struct control_end {
	uint32_t type;
	uint32_t tunnels;
};

struct control_refused {
	uint32_t type;
	uint32_t version;           /* of this pptpd */
	char reason[LRP_ERROR_MAX]; /* terminated */
};

/* Room for any answer. */
union control_message {
	uint32_t type;
	struct control_request request;
	struct control_reloaded reloaded;
	struct control_tunnel tunnel;
	struct control_end end;
	struct control_refused refused;
};

#endif
