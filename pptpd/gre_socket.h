/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Raw sockets for GRE between one client and one address of ours. Runs as root. */
#ifndef PPTPD_GRE_SOCKET_H
#define PPTPD_GRE_SOCKET_H

struct address;

/*
 * A socket that gets the packets between these two addresses and no others, the caller's, or a
 * negative errno.
 */
int gre_socket_open(const struct address *local, const struct address *remote);

/*
 * The same for looking at their order: it gets only the headers of those that have a sequence
 * number, and loses what is not read soon. Neither can be changed by who has the descriptor.
 */
int gre_socket_open_sample(const struct address *local, const struct address *remote);

#endif
