/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The privileged process: what it owns, and how it starts and ends. Inside this folder only;
 * everything that hangs off it is reached from here.
 */
#ifndef PPTPD_MANAGER_H
#define PPTPD_MANAGER_H

#include <ev.h>
#include <limits.h>
#include <stdbool.h>
#include <sys/resource.h>

#include "pptpd/base/list.h"
#include "pptpd/base/privileges.h"
#include "pptpd/base/rate_limit.h"
#include "pptpd/bcrelay.h"
#include "pptpd/channel.h"
#include "pptpd/known_sources.h"
#include "pptpd/lrp_list.h"
#include "pptpd/peer_limits.h"

struct access_check;
struct addr_pool;
struct admission;
struct call_table;
struct conf;
struct control;
struct errands;
struct listeners;
struct session_store;
struct signer;
struct start_queue;
struct syslog_writer;
struct unproven;

/* How long the manager waits for an end before it helps, in seconds. */
struct manager_patience {
	double hung_up;    /* for a pppd whose line was hung up, until SIGTERM */
	double terminated; /* for that pppd then, until SIGKILL: ip-down may take its time */
	double leaving;    /* for a pptpctrl that has said goodbye, until SIGKILL */
	double stop;       /* for everything, once the manager is to stop */
};

struct manager {
	struct ev_loop *loop;
	const struct conf *conf;
	struct syslog_writer *syslog; /* the program's */
	char pptpctrl[PATH_MAX];      /* the program beside our own, for clients */
	char tunnel[PATH_MAX];        /* the same for tunnels; "" without them */
	struct rlimit files;          /* of descriptors, as it was when we started: pppd's */
	struct account account;       /* pptpctrl's */

	struct addr_pool *pool;
	struct channels channels;
	struct call_table *calls; /* by ID, also the orphans */
	struct unproven *unproven;
	struct start_queue *start_queue;
	struct listeners *listeners;
	struct admission *admission;
	struct access_check *access_check;
	struct session_store *sessions;
	struct errands *errands;
	struct signer *signer;   /* NULL without TLS tunnels */
	struct control *control; /* NULL without tunnels */
	struct lrp_list lrps;
	struct list children; /* struct child */
	struct list orphans;  /* struct call whose child is gone */
	unsigned child_count;
	struct bcrelay bcrelay;
	struct manager_patience patience;   /* manager_open() sets the usual ones */
	struct peer_limits bad_lines;       /* of pptpctrl's, by the address that they are about */
	struct peer_limits other_lines;     /* the same */
	struct peer_limits arrivals;        /* of connections to 1723, by their source */
	struct peer_limits tunnel_arrivals; /* of those to the tunnels' port */
	struct peer_limits handshakes;      /* of tunnels, the same */
	struct rate_limit strange_handshakes; /* of all sources that no LRP was let in from */
	struct known_sources known;
	struct rate_limit samples;    /* sockets that show the order of packets, of all clients */
	struct rate_limit full_limit; /* for the line that says that all slots are taken */

	bool stopping;
	struct ev_signal terminate;
	struct ev_signal interrupt;
	struct ev_signal hangup;
	struct ev_timer stop_deadline;
};

/* Opens everything that can fail before detaching: pool, sockets. False, logged. */
bool manager_open(struct manager *manager, const struct conf *conf, struct syslog_writer *syslog);

/*
 * Whether manager_open() would refuse the configuration; logs why. Opens no socket and makes no
 * key: one that is there already is read, by a signer that ends at once.
 */
bool manager_check(const struct conf *conf);

/* Runs until a signal ends it and all children are gone. False, logged, if it could not run. */
bool manager_run(struct manager *manager);

/* Releases what manager_open() took; also after its failure. */
void manager_done(struct manager *manager);

/* Something ended: if the manager is stopping and nothing is left, the loop ends. */
void manager_check_stopped(struct manager *manager);

#endif
