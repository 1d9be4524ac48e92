/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a pptpctrl in the wrong hands tries. Each attempt gives one line, "compromised: NAME:
 * stopped (REASON)" or "compromised: NAME: SUCCEEDED"; of requests only that they were sent, since
 * the manager says no in its log. Never installed.
 */
#ifndef TESTS_COMPROMISED_COMPROMISED_H
#define TESTS_COMPROMISED_COMPROMISED_H

#include "pptpctrl/front.h"

/* Whatever the system might let it do. `raw` is the GRE socket, -1 in a tunnel. */
void compromised_try_system(int connection, int raw);

/* Whatever a link of PPPoE sessions might be good for; nothing without one. `session` is its own.
 */
void compromised_try_link(uint16_t session);

/* Whatever the manager might do for it. The last of them ends the process. */
void compromised_try_manager(const struct front_context *context);

#endif
