/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Into the background, in two steps: first the new process, so that all that it starts is its own;
 * then, once everything is open, the release of who waits for the exit status.
 */
#ifndef PPTPD_DETACH_H
#define PPTPD_DETACH_H

enum detach_side {
	DETACH_DAEMON, /* go on; *ret_link is for detach_end() */
	DETACH_GOOD,   /* the old process: the daemon runs, exit */
	DETACH_BAD,    /* the old process: it could not be started, or said why not */
};

/* Forks. The old process returns when the new one has called detach_end() or has ended. */
enum detach_side detach_begin(int *ret_link);

/* Leaves the terminal and the folder. */
void detach_end(int link);

#endif
