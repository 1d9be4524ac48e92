/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Questions to a running pptpd over its control socket. Blocks, for moments at most. */
#ifndef PPTPD_CTL_ASK_H
#define PPTPD_CTL_ASK_H

#include <stdbool.h>
#include <stddef.h>

#include "pptpd/control_msg.h"

/* Longest text about what went wrong. */
#define ASK_ERROR_MAX (LRP_ERROR_MAX + 128)

/* Tunnels in one answer: no server has as many connections. */
#define ASK_TUNNELS_MAX 65536

enum ask_result {
	ASK_ANSWERED,
	ASK_NOT_RUNNING, /* nobody listens on the socket */
	ASK_FAILED,      /* ret_error says why */
};

/*
 * Has it read the list of LRPs anew, and end the tunnel of `shut_out` (an LRP's name, or "") even
 * if it cannot. What it says of that is in *ret_reloaded.
 */
enum ask_result ask_reload(const char *socket_path, const char *shut_out,
			   struct control_reloaded *ret_reloaded, char ret_error[ASK_ERROR_MAX]);

/* The tunnels that are up; *ret_tunnels is the caller's, for free(3). */
enum ask_result ask_tunnels(const char *socket_path, struct control_tunnel **ret_tunnels,
			    size_t *ret_count, char ret_error[ASK_ERROR_MAX]);

#endif
