/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of the manager share: caught log lines, counted descriptors, files, the loop. */
#ifndef TESTS_UNIT_PPTPD_HELP_H
#define TESTS_UNIT_PPTPD_HELP_H

#include <ev.h>
#include <stdbool.h>

/* Forgets earlier lines and catches all that are logged from now on, debug lines too. */
void caught_begin(void);

/* Whether a line of exactly that severity and text was logged. */
bool caught(int severity, const char *line);

/* How many lines have `part` in them; "" counts all. */
unsigned caught_with(const char *part);

/* Open descriptors of this process. */
unsigned open_descriptors(void);

/* The same for another process, whose /proc/ID/fd is given, with "." and ".."; 0 if it is gone. */
unsigned descriptors_in(const char *path);

/* Whether the descriptor has both flags that each has from birth. */
bool is_cloexec_and_nonblocking(int fd);

/* A path below a directory of this process alone, removed at its end. Lives until the next call. */
const char *scratch_path(const char *name);

/* The same with that content. */
const char *scratch_file(const char *name, const char *content);

/* The content of a file, "" if there is none. Lives until the next call. */
const char *file_content(const char *path);

/* Runs the loop until *done, for ten seconds at most; returns *done. */
bool run_until(struct ev_loop *loop, const bool *done);

/* Runs the loop until nothing is ready. */
void run_ready(struct ev_loop *loop);

#endif
