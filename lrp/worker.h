/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The worker: the process that reads what clients and servers send. Begins as root, forked from the
 * parent; gives up every privilege and is confined before it reads the first byte of a peer.
 */
#ifndef LRP_WORKER_H
#define LRP_WORKER_H

#include <sys/types.h>

#include "lrp/capture.h"
#include "lrp/conf.h"
#include "lrp/lan_sockets.h"
#include "lrp/parent_link.h"
#include "lrp/service.h"
#include "pptpd/base/privileges.h"

struct worker_settings {
	const struct lrp_conf *conf;
	struct lan_sockets sockets; /* taken over, as the rest */
	struct capture *capture;
	int link;   /* our end of the link to the parent */
	int signer; /* a channel to who has our key, or -1 with "security plain" */
	struct account account;
	pid_t parent;
	bool debug;
};

/* Everything that the worker does. Returns its exit status. */
int worker_run(const struct worker_settings *settings);

/*
 * The part of it that comes once it is confined: service_run(). In a file of its own, so that a
 * test can put another one in its place and show what is left to a worker that was taken over.
 */
bool worker_serve(struct service *service, const struct worker_settings *settings);

#endif
