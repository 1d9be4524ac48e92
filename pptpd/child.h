/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A pptpctrl as the manager knows it: started, fed with connections, reaped. Runs as root. */
#ifndef PPTPD_CHILD_H
#define PPTPD_CHILD_H

#include <ev.h>
#include <stdbool.h>
#include <sys/types.h>
#include <time.h>

#include "pptpd/base/list.h"
#include "pptpd/base/mono.h"
#include "pptpd/base/node_id.h"
#include "pptpd/base/rate_limit.h"
#include "pptpd/ipc.h"
#include "pptpd/link.h"

struct enrolment;
struct ipc_port;
struct manager;

struct child {
	struct list link; /* on the manager's list */
	struct manager *manager;
	enum ipc_kind kind;
	struct address remote;
	struct address local;
	pid_t pid;
	struct ipc_port *port; /* NULL once it is closed */
	struct list calls;     /* struct call */
	unsigned call_count;
	unsigned running_count; /* of these, those that were not hung up */
	struct list waiting;    /* of start_queue.h */
	unsigned waiting_count;
	struct list turn;     /* of the same, on its list of children while any wait */
	uint32_t connections; /* sent to it */
	struct mono started;
	struct mono last_connection;
	bool released;     /* about to end: gets no more connections */
	bool ended;        /* killed or reaped: only its log lines still count */
	bool killed;       /* by us: the reason was told already */
	struct link pppoe; /* of its PPPoE sessions; no descriptor until it needs one */
	bool has_gre;
	uint32_t gre_requests;
	struct rate_limit sample_limit; /* of sockets that show the order of packets */
	bool of_known_source;           /* a tunnel from where an LRP was let in before */
	char name[IPC_NAME_MAX + 1];    /* of the LRP, "" until it is known and let in */
	bool tls;                       /* a tunnel that is not plain */
	bool asked;                     /* has sent its IPC_PEER or IPC_ENROL */
	struct node_id node;            /* of the LRP, once it has asked */
	time_t since;                   /* when it got its name */
	unsigned max_calls;          /* of a direct client's control connection, or of the tunnel */
	struct enrolment *enrolment; /* NULL: none under way */
	struct rate_limit log_limit;
	struct ev_child exited;
	struct ev_timer leaving; /* started by child_expect_end() */
};

/* Starts a pptpctrl. NULL, logged, when that fails. */
struct child *child_start(struct manager *manager, enum ipc_kind kind, const struct address *remote,
			  const struct address *local);

/* The living child that serves that client address on that address of ours, or NULL. */
struct child *child_find_direct(struct manager *manager, const struct address *remote,
				const struct address *local);

/* Gives the child a copy of a connection's socket. */
void child_send_connection(struct child *child, int fd);

/* The child is about to end: it gets no more connections, and is killed if it takes too long. */
void child_expect_end(struct child *child);

/* Makes the link for its PPPoE sessions and gives it to the child, the first time. 0 or a negative
 * errno.
 */
int child_need_link(struct child *child);

/* Gives it the link that another one had. */
void child_take_link(struct child *child, struct child *former);

/* Tells the child that the pppd of one of its calls has ended. */
void child_call_ended(struct child *child, const struct ipc_call_ended *message);

/* Asks the child to end everything in order. */
void child_stop(struct child *child);

/* The same for one child alone, which is killed if that takes too long. */
void child_dismiss(struct child *child);

/* Whether it is a tunnel whose LRP is not let in (yet), and that is not about to end. */
bool child_is_half_open(const struct child *child);

/* Ends the child now; its calls are hung up when it is reaped. */
void child_kill(struct child *child);

#endif
