/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The socket on which pptpd-ctl asks (pptpd/control_msg.h); for root only. Runs as root. */
#ifndef PPTPD_CONTROL_H
#define PPTPD_CONTROL_H

struct control;
struct manager;

/*
 * Serves in the manager's loop. Without the socket pptpd goes on: NULL, logged as a warning, when
 * it cannot be made or another process answers there.
 */
struct control *control_start(struct manager *manager);

/* Closes and removes the socket. Accepts NULL. */
void control_free(struct control *control);

#endif
