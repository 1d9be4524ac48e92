/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A process of a test's own, for what cannot be taken back. */
#ifndef TESTS_UNIT_CONFINED_CHILD_H
#define TESTS_UNIT_CONFINED_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define STATUS_MAX 4096

/* Runs `work` in a new process; returns its result, or 128 and the number of a signal. */
int child_run(int (*work)(void *context), void *context);

/*
 * The same, and what /proc/ID/status says of the process when `work` is done. The result must be
 * 0.
 */
void child_run_status(int (*work)(void *context), void *context, char ret_status[STATUS_MAX]);

/* /proc/ID/status of a process; false if it is not there. */
bool status_read(pid_t pid, char ret_status[STATUS_MAX]);

/* Whether the status has a line of that name with that value, blanks between words being one. */
bool status_has(const char *status, const char *name, const char *value);

#endif
