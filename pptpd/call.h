/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A call in the manager: its lease, its pppd, and the duplicate of its channel. Runs as root. */
#ifndef PPTPD_CALL_H
#define PPTPD_CALL_H

#include <ev.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "pptpd/addr_pool.h"
#include "pptpd/base/list.h"
#include "pptpd/ipc.h"
#include "pptpd/start_queue.h"

struct child;
struct manager;
struct unproven_source;

enum call_state {
	CALL_RUNNING,
	CALL_HUNG_UP,    /* our side of the channel is closed */
	CALL_TERMINATED, /* SIGTERM was sent */
	CALL_KILLED,     /* SIGKILL was sent */
};

struct call {
	struct list link; /* on the child's list, or the manager's orphans */
	struct call *next_in_table;
	struct start_place starting;
	struct manager *manager;
	struct child *child; /* NULL: gone */
	enum call_state state;
	struct addr_lease lease;
	struct in_addr client;
	struct unproven_source *unproven; /* NULL: pppd has let its user in */
	uint32_t request;
	bool owes_answer; /* to that request */
	bool started;     /* PPP runs */
	bool denied;      /* pppd did not let its user in; known of what its plugin serves */
	pid_t pid;
	enum ipc_channel kind;
	int channel;  /* pseudo-terminal, or what is left of pppd's socket; -1 once hung up */
	int events;   /* from pppd's plugin, -1 for none or once closed */
	int messages; /* pppd's stderr, -1 once closed */
	unsigned message_lines;
	struct ev_child exited;
	struct ev_io readable; /* messages */
	struct ev_io told;     /* events */
	struct ev_timer patience;
};

/* Whether a call of the child would find a slot and an address now; logs if not. */
bool call_has_place(const struct child *child);

/*
 * Leases a slot and starts pppd for a call that call_policy.h lets the child have. 0, or why not.
 * The request is answered when pppd has taken what it is to run on.
 */
enum ipc_refusal call_start(struct child *child, const struct ipc_call_start *request);

/* The child does not want that call any more; if it has had no answer yet, it has it now. */
void call_cancel(const struct child *child, uint32_t request);

/* Before it is told to anybody: the call gets another call ID. False if there is none. */
bool call_renew_id(struct call *call);

/* What its pptpctrl gets of the channel: a descriptor lent until the next event, or -1. */
int call_passed_channel(const struct call *call);

/* Its pppd has started: another one's turn comes. */
void call_ready(struct call *call);

/* Its pppd has let its user in. */
void call_prove(struct call *call);

/* Hangs up. The call is freed, and its lease given back, when pppd has ended. */
void call_hang_up(struct call *call);

/* Ends pppd now. The call is freed, and its lease given back, when it is reaped. */
void call_kill(struct call *call);

/* Another process, or nobody (NULL), serves the call from now on. */
void call_set_child(struct call *call, struct child *child);

#endif
