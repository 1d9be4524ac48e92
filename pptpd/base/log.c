/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Log lines; see the header. The settings below are the project's only globals. */
#include "pptpd/base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static log_sink *current_sink = log_sink_stderr;
static void *current_context;
static bool debug_wanted;

void log_init(log_sink *sink, void *context, bool debug)
{
	current_sink = sink;
	current_context = context;
	debug_wanted = debug;
}

void log_sink_syslog(void *context UNUSED, int severity, const char *line)
{
	syslog(severity, "%s", line);
}

void log_sink_stderr(void *context UNUSED, int severity UNUSED, const char *line)
{
	fprintf(stderr, "%s\n", line);
}

bool log_is_debug(void)
{
	return debug_wanted;
}

/* `error` is an errno value whose text ends the line, or 0 for none. */
static void PRINTF_LIKE(3, 0) write_line(int severity, int error, const char *format, va_list args)
{
	char line[LOG_LINE_MAX];
	int used;

	used = vsnprintf(line, sizeof(line), format, args);
	if (used < 0)
		return;
	if (error && (size_t)used < sizeof(line))
		(void)snprintf(line + used, sizeof(line) - (size_t)used, ": %s", strerror(error));
	current_sink(current_context, severity, line);
}

void log_line(int severity, const char *format, ...)
{
	int saved_errno = errno;
	va_list args;

	if (severity == LOG_DEBUG && !debug_wanted)
		return;
	va_start(args, format);
	write_line(severity, 0, format, args);
	va_end(args);
	errno = saved_errno;
}

void log_line_always(int severity, const char *format, ...)
{
	int saved_errno = errno;
	va_list args;

	va_start(args, format);
	write_line(severity, 0, format, args);
	va_end(args);
	errno = saved_errno;
}

void log_system(int severity, const char *format, ...)
{
	int saved_errno = errno;
	va_list args;

	va_start(args, format);
	write_line(severity, saved_errno, format, args);
	va_end(args);
	errno = saved_errno;
}

void bug(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_line(LOG_CRIT, 0, format, args);
	va_end(args);
	abort();
}

const char *log_printable(char *out, size_t size, const char *text)
{
	size_t i;

	for (i = 0; i + 1 < size && text[i]; i++)
		out[i] = text[i] >= ' ' && text[i] <= '~' ? text[i] : '?';
	out[i] = '\0';
	return out;
}
