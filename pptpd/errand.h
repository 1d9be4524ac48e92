/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Work that may block (name servers, disks, locks), done by a short-lived copy of this process that
 * answers with its exit status, so that the manager never waits. Runs as root.
 */
#ifndef PPTPD_ERRAND_H
#define PPTPD_ERRAND_H

#include <ev.h>
#include <stdbool.h>

/* At once. More than that is a flood, or a name server that is gone. */
#define ERRANDS_MAX 64

struct errands;

/* In the new process: the exit status, 0 to 100. */
typedef int errand_work(void *context);

/* From the loop: that status, or -1 if the process did not end by itself in time. */
typedef void errand_done(void *context, int status);

/* NULL when memory is out. */
struct errands *errands_new(struct ev_loop *loop);

/* Ends those that still run, and calls done() with -1 for each. Accepts NULL. */
void errands_free(struct errands *errands);

/*
 * Starts one. `context` is for both functions. False, errno set, when there are too many (EAGAIN)
 * or the system has no process.
 */
bool errand_start(struct errands *errands, errand_work *work, errand_done *done, void *context,
		  double timeout_s);

/* When there are ERRANDS_MAX, ends the oldest: done() is called with -1 before this returns. */
void errands_make_place(struct errands *errands);

#endif
