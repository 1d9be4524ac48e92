/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What pppd's exit status means, in words for the log. Pure. */
#ifndef PPTPCTRL_PPPD_STATUS_H
#define PPTPCTRL_PPPD_STATUS_H

#include <stdbool.h>
#include <stddef.h>

/* For a status of waitpid(2): "status 16 (the line was hung up)", "signal 9". Returns `out`. */
const char *pppd_status_text(int wait_status, char *out, size_t size);

/* Whether the peer could not authenticate itself. */
bool pppd_status_is_denial(int wait_status);

/* Whether something went wrong, rather than that the call was over. */
bool pppd_status_is_failure(int wait_status);

#endif
