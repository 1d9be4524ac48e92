/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Times as people write and read them. */
#ifndef PPTPD_CTL_TIMES_H
#define PPTPD_CTL_TIMES_H

#include <stdbool.h>
#include <stdint.h>

/* A line that is not used within a month is forgotten, not waited for. */
#define TIMES_DURATION_MAX_S (31 * 86400)

/* Room for times_text(). */
#define TIMES_TEXT_MAX 32

/* "30m", "12h", "7d": one minute to TIMES_DURATION_MAX_S. False for anything else. */
bool times_parse_duration(const char *text, uint32_t *ret_seconds);

/* Seconds since 1970 as "2026-11-21 07:10" in the machine's time zone; returns `out`. */
const char *times_text(int64_t time, char out[TIMES_TEXT_MAX]);

#endif
