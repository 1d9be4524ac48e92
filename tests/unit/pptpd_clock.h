/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A clock that stands still in managers, for rates that a slow machine cannot use up. Programs that
 * link it are linked with --wrap=mono_now. Timers of the event loop go on.
 */
#ifndef TESTS_UNIT_PPTPD_CLOCK_H
#define TESTS_UNIT_PPTPD_CLOCK_H

/* In managers that are started from now on, no time passes at all. */
void clock_stop(void);

/* In those started from now on it does again. */
void clock_go(void);

#endif
