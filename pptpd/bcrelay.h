/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The helper that relays broadcasts between a LAN and the clients, of Debian's package bcrelay. */
#ifndef PPTPD_BCRELAY_H
#define PPTPD_BCRELAY_H

#include <ev.h>
#include <stdbool.h>
#include <sys/types.h>

#define BCRELAY "/usr/sbin/bcrelay"

struct bcrelay {
	struct ev_loop *loop;
	pid_t pid; /* 0: does not run */
	bool stopping;
	void (*ended)(void *context); /* told after bcrelay_stop() */
	void *context;
	struct ev_child exited;
};

/* Starts it for that interface; a failure is logged and does no other harm. */
void bcrelay_start(struct bcrelay *relay, struct ev_loop *loop, const char *interface,
		   void (*ended)(void *context), void *context);

/* Ends it; ended() follows unless bcrelay_running() is false. */
void bcrelay_stop(struct bcrelay *relay);

static inline bool bcrelay_running(const struct bcrelay *relay)
{
	return relay->pid > 0;
}

#endif
