/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How an LRP comes in: it proves who it is, by TLS, and the manager says whether it is welcome.
 * Who is not gets a TLS alert, and who wants to enrol does that here; both end with the entry.
 */
#ifndef PPTPCTRL_TUNNEL_ENTRY_H
#define PPTPCTRL_TUNNEL_ENTRY_H

#include "pptpctrl/front.h"

struct rrp_stream;
struct tunnel_entry;

/* Callbacks come from the loop only; within each the owner may free the entry. */
struct tunnel_entry_ops {
	/* The stream is the callee's. */
	void (*admitted)(void *context, struct rrp_stream *stream,
			 const struct ipc_peer_verdict *verdict);

	/* There will be no tunnel; the log says why. */
	void (*ended)(void *context);
};

/*
 * Takes over `fd`. `address` (for log lines) and `front` must outlive the entry. NULL when memory
 * is out; `fd` is then still the caller's.
 */
struct tunnel_entry *tunnel_entry_new(const struct front_context *front, int fd,
				      const char *address, const struct tunnel_entry_ops *ops,
				      void *context);

/* Closes what it has, without a callback. Accepts NULL. */
void tunnel_entry_free(struct tunnel_entry *entry);

/* What the manager says; ignored when the entry has not asked it. */
void tunnel_entry_peer_verdict(struct tunnel_entry *entry, const struct ipc_peer_verdict *verdict);
void tunnel_entry_enrol_verdict(struct tunnel_entry *entry,
				const struct ipc_enrol_verdict *verdict);

#endif
