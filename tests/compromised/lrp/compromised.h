/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an LRP's worker in the wrong hands tries. Each attempt gives one line, "compromised: NAME:
 * stopped (REASON)" or "compromised: NAME: SUCCEEDED"; of messages only that they were sent, since
 * the parent says no in its log. Never installed.
 */
#ifndef TESTS_COMPROMISED_LRP_COMPROMISED_H
#define TESTS_COMPROMISED_LRP_COMPROMISED_H

#include "lrp/worker.h"
#include "tests/compromised/attempt.h"

/* Sockets of its own, and what its own should not do; frames written to the LAN. */
void compromised_try_network(const struct worker_settings *settings, int packet);

/* Whatever the parent might do for it. */
void compromised_try_parent(int link);

/* So much that log lines that come with it are lost. */
void compromised_flood_parent(int link);

#endif
