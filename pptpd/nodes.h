/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which LRP may have a tunnel, and what with it: the manager's list of LRPs, asked when a node
 * comes, when it enrols, and when the list changes. Runs as root.
 */
#ifndef PPTPD_NODES_H
#define PPTPD_NODES_H

#include <netinet/in.h>
#include <stdbool.h>

#include "pptpd/ipc.h"
#include "pptpd/lrp_list.h"

struct child;
struct manager;

/* What the manager says of a node with that place on the list (NULL: none) at that address. Pure.
 */
enum ipc_verdict nodes_judge(const struct lrp *lrp, const struct address *remote);

/* The LRP behind a tunnel that was let in by the list; else NULL. */
const struct lrp *nodes_lrp_of(const struct child *child);

/*
 * Reads the list anew. On success tunnels that it no longer allows are stopped, logged, and
 * *ret_stopped counts them; else the former list stays, and ret_error says why.
 */
bool nodes_reload(struct manager *manager, unsigned *ret_stopped, char ret_error[LRP_ERROR_MAX]);

/* Tells in the log what is odd about the list, but no error. */
void nodes_warn(const struct manager *manager);

/*
 * When the list cannot be read: the LRP of that name counts as disabled until it can, and its
 * tunnel is stopped, logged. How many were.
 */
unsigned nodes_shut_out(struct manager *manager, const char *name);

/*
 * The child's node has proven who it is. If it may come in, the child gets its name, and older
 * tunnels of the same node are stopped: an LRP that comes anew has lost them. Answers the child.
 */
void nodes_admit(struct child *child, const struct node_id *id);

/* The child's node shows the secret of an invitation. The child is answered later, from the loop.
 */
void nodes_enrol(struct child *child, const struct node_id *id,
		 const uint8_t secret_hash[IPC_SECRET_HASH_LEN]);

/* The child is gone: nobody waits for that answer any more. */
void nodes_forget(struct child *child);

#endif
