/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asks pppd for its version, and whether it takes our plugin. Runs as root. */
#ifndef PPTPD_CHANNEL_PROBE_H
#define PPTPD_CHANNEL_PROBE_H

#include <stdbool.h>

#include "pptpd/plugin/channel_words.h"

/*
 * Runs that pppd twice, for moments, and waits for it: before the loop. False, logged, if it does
 * not take the plugin; *ret_version is "" then.
 */
bool channel_probe_plugin(const char *ppp, char ret_version[CHANNEL_VERSION_MAX + 1]);

#endif
