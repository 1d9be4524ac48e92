/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tunnel sessions: whose they are, what proves it, and their last checkpoint, which is opaque here.
 * A new process that shows the proof takes a session over.
 */
#ifndef PPTPD_SESSION_STORE_H
#define PPTPD_SESSION_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "pptpd/ipc.h"

struct child;
struct session_store;

/* NULL when memory is out. */
struct session_store *session_store_new(void);
void session_store_free(struct session_store *store);

/* Whether the session is the child's own or new, and the child has no other. */
bool session_store_may_put(const struct session_store *store, const struct child *child,
			   const uint8_t id[IPC_SESSION_ID_LEN]);

/* Stores the checkpoint in place of the former one. When memory is out the former one stays,
 * logged. */
void session_store_put(struct session_store *store, struct child *child,
		       const struct ipc_checkpoint *checkpoint);

/*
 * If there is such a session and the proof is right: makes it `child`'s, fills in the answer's
 * checkpoint and found, and returns the child that had it. Otherwise NULL, and the answer says not
 * found.
 */
struct child *session_store_take(struct session_store *store, struct child *child,
				 const struct ipc_adopt *adopt, struct ipc_adopted *answer);

/* The child whose session that is, or NULL. */
const struct child *session_store_owner(const struct session_store *store,
					const uint8_t id[IPC_SESSION_ID_LEN]);

/* Forgets the child's session, if it has one. */
void session_store_forget(struct session_store *store, const struct child *child);

#endif
