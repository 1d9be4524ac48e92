/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The log lines about a PPTP client's control connections, peer first, expected and got.
 */
#ifndef PPTPCTRL_DIRECT_LOG_H
#define PPTPCTRL_DIRECT_LOG_H

#include "pptpctrl/pptp/ctrl_conn.h"
#include "pptpctrl/pptp/gre_raw.h"
#include "pptpctrl/pptp/gre_window.h"
#include <stdint.h>

#include "pptpd/base/rate_limit.h"

struct direct_log {
	const char *client;
	struct rate_limit limit; /* for what a peer can cause at will */
};

/* `client` must outlive the log. */
void direct_log_init(struct direct_log *log, const char *client);

void direct_log_notice(struct direct_log *log, enum ctrl_notice notice, const char *text);

/* What the GRE of a call that is over went through; debug. */
void direct_log_gre(const struct direct_log *log, const struct gre_window_counters *counters);

/* What could not be sent to the client, by cause; nothing if all was. */
void direct_log_unsent(const struct direct_log *log, const struct gre_raw_counters *counters);

/* How a call came to its end. */
struct direct_log_end {
	int32_t pppd_pid;
	int wait_status; /* as of waitpid(2) */
	bool hung_up;    /* by us, before pppd ended */
	bool denied;     /* pppd has told the client that it could not authenticate itself */
};

/*
 * pppd was reaped. Says why unless the call was simply over: also when pppd does not like that it
 * was hung up before it was ready, which any client can cause at will. Who could not log in is
 * named even if the client has hung up first.
 */
void direct_log_pppd_ended(const struct direct_log *log, const struct direct_log_end *end);

#endif
