/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A network and a /dev of the test's own, with a system log that the test reads. Needs root. */
#ifndef TESTS_UNIT_PPTPD_SANDBOX_H
#define TESTS_UNIT_PPTPD_SANDBOX_H

#include <stdbool.h>
#include <sys/types.h>

/* What automake takes for a test that could not run. */
#define SANDBOX_SKIP_STATUS 77

/*
 * False if this process may not make one; nothing outside of it has changed then. The log's socket
 * holds `log_queue` lines that the test has not read: 10 as Linux does by default, 512 as with
 * systemd, or so many that none is lost.
 */
bool sandbox_enter(unsigned log_queue);

/* Forgets the system log's lines so far. */
void sandbox_log_clear(void);

/* Waits for a line with `part` in it, for ten seconds at most. The line, or NULL. */
const char *sandbox_log_wait(const char *part);

/* Lines so far with `part` in them, after all that is there was read. */
unsigned sandbox_log_count(const char *part);

/* The process ID that the kernel vouches for with the last line that had `part` in it. */
pid_t sandbox_log_sender(const char *part);

/* Puts a file of that content over a file of the system, for this sandbox alone. */
void sandbox_cover(const char *path, const char *content);

#endif
