/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Log lines of the programs. A program sets one sink at its start; libraries below the
 * programs stay silent and report to their owner instead. errno survives every call.
 */
#ifndef PPTPD_BASE_LOG_H
#define PPTPD_BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <syslog.h>

#include "pptpd/base/util.h"

/* A longer line is cut. Room for a path and an address beside the words. */
#define LOG_LINE_MAX 512

/* Takes one finished line without newline; `severity` is one of syslog's LOG_ERR ... LOG_DEBUG. */
typedef void log_sink(void *context, int severity, const char *line);

/* Lines go to `sink`; debug lines only if `debug`. Until then they go to stderr. */
void log_init(log_sink *sink, void *context, bool debug);

/* Ready-made sinks: syslog(3) after openlog(3), and stderr. `context` is unused. */
void log_sink_syslog(void *context, int severity, const char *line);
void log_sink_stderr(void *context, int severity, const char *line);

bool log_is_debug(void);

void log_line(int severity, const char *format, ...) PRINTF_LIKE(2, 3);

/* The same, but a debug line is written also without the debug setting: for what tools look for. */
void log_line_always(int severity, const char *format, ...) PRINTF_LIKE(2, 3);

#define log_err(...)     log_line(LOG_ERR, __VA_ARGS__)
#define log_warning(...) log_line(LOG_WARNING, __VA_ARGS__)
#define log_notice(...)  log_line(LOG_NOTICE, __VA_ARGS__)
#define log_info(...)    log_line(LOG_INFO, __VA_ARGS__)
#define log_debug(...)   log_line(LOG_DEBUG, __VA_ARGS__)

/* The system's fault: the line, a colon, and what errno means. */
void log_system(int severity, const char *format, ...) PRINTF_LIKE(2, 3);

/* Our own fault: one line, then abort. */
void bug(const char *format, ...) PRINTF_LIKE(1, 2) __attribute__((noreturn));

/*
 * Copies text from a peer with everything but printable ASCII replaced by '?', cut to
 * `size` including the terminator. Returns `out`.
 */
const char *log_printable(char *out, size_t size, const char *text);

#endif
