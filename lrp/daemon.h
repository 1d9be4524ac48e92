/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Going to the background once everything is open. */
#ifndef LRP_DAEMON_H
#define LRP_DAEMON_H

#include <stdbool.h>

/*
 * Goes on in a child process. The parent waits for daemon_ready() and ends with status 0, or 1 if
 * the child ends before, so that whoever started it learns how it went. Returns in the child the
 * descriptor for daemon_ready(), or a negative errno in the parent.
 */
int daemon_detach(void);

/*
 * Lets the parent go, and the terminal: standard input and output, and standard error too unless
 * `keep_stderr` (the log goes there). `fd` is daemon_detach()'s.
 */
void daemon_ready(int fd, bool keep_stderr);

#endif
