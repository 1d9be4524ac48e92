/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the worker does: serves the LAN's clients and carries their calls to the server, until its
 * parent orders it to stop. Reads no byte of a peer before service_run(), opens nothing that needs
 * privilege.
 */
#ifndef LRP_SERVICE_H
#define LRP_SERVICE_H

#include <stdbool.h>

#include "lrp/capture.h"
#include "lrp/conf.h"
#include "lrp/lan_sockets.h"
#include "lrp/parent_link.h"
#include "rrp/tls.h"

struct service;

struct service_settings {
	const struct lrp_conf *conf; /* must outlive it */
	struct lan_sockets sockets;  /* these three are taken over, also on failure */
	struct capture *capture;
	struct parent_link *link;
	struct tls_identity *identity;     /* NULL with "security plain" */
	const struct tls_anchors *anchors; /* NULL without "ca"; both must outlive it */
};

/* Makes everything that serves. NULL, errno set, when it cannot be made. */
struct service *service_new(const struct service_settings *settings);

/*
 * Serves. True when it ended as ordered; false when it cannot go on, which it said in the log.
 */
bool service_run(struct service *service);

/* Closes everything. Accepts NULL. */
void service_free(struct service *service);

#endif
