/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Processes that the parent starts by fork(2). */
#ifndef LRP_CHILD_H
#define LRP_CHILD_H

#include <sys/types.h>

/* Room for child_end_text(). */
#define CHILD_END_TEXT_MAX 64

/* What a child gets by fork(2) and must not keep, where closing descriptors is not enough. */
struct child_origin {
	void (*forget)(void *context);
	void *context;
};

/*
 * fork(2) for a process that lives for the parent. Signals that end the parent are ignored in it,
 * since whoever sends them to the whole group or service means the parent, which decides what
 * becomes of its children; none of the parent's handlers runs in it. Standard input, output and
 * error are /dev/null there: a child says what it has to say over its link. `origin`
 * is forgotten there; it may be NULL. Returns as fork(2).
 */
pid_t child_fork(const struct child_origin *origin);

/* In a child: closes every descriptor above standard error but `fd`. */
void child_keep_only(int fd);

/* "exit status 1", "signal 9 (Killed)" of a wait status; returns `out`. */
const char *child_end_text(int wait_status, char out[CHILD_END_TEXT_MAX]);

#endif
