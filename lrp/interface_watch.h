/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tells when something about the machine's interfaces may have changed: at once when the kernel
 * says so, and every two seconds while things are not as they should be or the kernel says nothing.
 * What changed is for the callee to look at; nothing of the kernel's messages is read here.
 */
#ifndef LRP_INTERFACE_WATCH_H
#define LRP_INTERFACE_WATCH_H

#include <ev.h>
#include <stdbool.h>

struct interface_watch {
	struct ev_loop *loop;
	ev_io readable; /* its descriptor is -1 where the kernel has no rtnetlink */
	ev_timer timer;
	bool (*look)(void *context); /* true: all is well until something changes */
	void *context;
};

/* The first look comes after two seconds. */
void interface_watch_start(struct interface_watch *watch, struct ev_loop *loop,
			   bool (*look)(void *context), void *context);

void interface_watch_stop(struct interface_watch *watch);

/* In a child of the process that started it: closes its descriptor and touches nothing else. */
void interface_watch_forget(struct interface_watch *watch);

#endif
