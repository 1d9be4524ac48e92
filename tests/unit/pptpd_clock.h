/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A clock that stands still in managers, for rates that a slow machine cannot use up. Programs that
 * link it are linked with --wrap=mono_now. Timers of the event loop go on.
 */
#ifndef TESTS_UNIT_PPTPD_CLOCK_H
#define TESTS_UNIT_PPTPD_CLOCK_H

/* Managers that a test's `set_up` starts see no time pass: what was used up never comes back. */
int clock_stand(int (*set_up)(void **state), void **state);

#endif
