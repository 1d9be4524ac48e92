/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The program as a whole, in two steps: service_open() takes from the system what needs privilege,
 * service_run() needs nothing but what it holds.
 */
#ifndef LRP_SERVICE_H
#define LRP_SERVICE_H

#include <stdbool.h>

#include "lrp/conf.h"

struct service;

/*
 * Opens the LAN's sockets and the capture, as root. `conf` must outlive it. NULL after one log line
 * that names what failed.
 */
struct service *service_open(const struct lrp_conf *conf);

/*
 * Serves until SIGTERM or SIGINT, then ends all in order: calls, control connections, tunnel. A
 * second signal does not wait for that. False, after a log line, if it could not start.
 */
bool service_run(struct service *service);

/* Accepts NULL. */
void service_free(struct service *service);

#endif
