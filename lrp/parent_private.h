/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parent's files share: its state. For lrp/parent*.c only. */
#ifndef LRP_PARENT_PRIVATE_H
#define LRP_PARENT_PRIVATE_H

#include <ev.h>
#include <sys/types.h>

#include "lrp/backoff.h"
#include "lrp/capture.h"
#include "lrp/interface_watch.h"
#include "lrp/lan_sockets.h"
#include "lrp/messages.h"
#include "lrp/parent.h"
#include "lrp/resolve.h"
#include "lrp/signer_process.h"
#include "pptpd/base/privileges.h"
#include "pptpd/base/rate_limit.h"

/*
 * What a worker may ask for so often: lines, which may fill a disk, at once and then each so many
 * milliseconds; lookups, each of which starts a process, as often as its back-off asks at worst.
 */
#define WORKER_LINES          1000
#define WORKER_LINE_EVERY_MS  10
#define LOOKUP_BURST          10
#define LOOKUP_EVERY_MS       500
#define WORKER_FAULTS         10
#define WORKER_FAULT_EVERY_MS 10000

struct parent {
	struct parent_settings settings;
	struct account account; /* what the children become */
	struct ev_loop *loop;
	ev_signal signals[4];
	struct child_origin origin; /* of all children but the worker */
	struct lan_sockets sockets;
	struct capture *capture; /* NULL between two of them */
	bool interface_gone;
	struct interface_watch watch;

	pid_t worker; /* 0: none runs */
	int link;     /* our end */
	ev_io readable;
	struct mono started;
	struct backoff backoff;
	ev_timer restart;  /* starts the worker anew */
	ev_timer too_long; /* ends a worker that does not stop */
	struct resolve *resolve;
	struct rate_limit lines;  /* of the worker */
	struct rate_limit faults; /* lines about its faults */
	struct rate_limit lookups;

	struct signer_process signer; /* none with "security plain" */
	struct node_id id;
	struct backoff signer_backoff;
	struct mono signer_started;
	ev_timer signer_restart;

	bool ready;     /* the first worker served */
	bool replacing; /* the worker was told to stop, for another one */
	bool stopping;
	bool failed;
};

/* Reads the worker's requests; to be given to libev. */
void parent_requests_readable(struct ev_loop *loop, ev_io *watcher, int events);

/* The worker says that it serves. */
void parent_worker_ready(struct parent *parent);

/* Sends an order to the worker, if one runs. */
void parent_order(struct parent *parent, const struct order *order);

/* Tells the worker to end in order; it is killed if it takes too long. */
void parent_stop_worker(struct parent *parent, int signal_number);

/* Starts the signer for the first time, unless no TLS is wanted. False after a log line. */
bool parent_signer_start(struct parent *parent);

/* Once the loop is there. */
void parent_signer_watch(struct parent *parent);

/* SIGCHLD came: if it was the signer, another one is started. */
void parent_signer_reap(struct parent *parent);

/* Gives up, of what root may do, all that the parent will not need. Returns 0 or a negative errno.
 */
int parent_privileges_limit(void);

#endif
