/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A pptpctrl from its start to its end: takes its settings, gives up every privilege, confines
 * itself, and only then serves a peer, by way of a front side.
 */
#ifndef PPTPCTRL_PROCESS_H
#define PPTPCTRL_PROCESS_H

#include "pptpctrl/front.h"

/*
 * The front side of each kind that the manager can ask this program for; NULL for one that it does
 * not serve. Programs differ in what they link: tunnels need TLS, clients do not.
 */
struct process_fronts {
	const struct front *direct;
	const struct front *tunnel;
};

/* Returns the exit status of the program that was started with these arguments. */
int process_run(int argc, char **argv, const struct process_fronts *fronts);

#endif
