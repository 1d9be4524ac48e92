/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parent: the only process that keeps privilege. Opens what needs it, starts the processes that
 * do the work, starts them again when they die, and keeps the capture bound to its interface. Reads
 * no byte that came from a network.
 */
#ifndef LRP_PARENT_H
#define LRP_PARENT_H

#include <stdbool.h>

#include "lrp/conf.h"

struct parent_settings {
	const struct lrp_conf *conf;
	bool debug;
	int not_theirs; /* a descriptor of ours that no child shall have, or -1 */

	/* The worker serves, for the first time. False when that cannot be told whom it concerns.
	 */
	bool (*ready)(void *context);
	void *context;
};

/*
 * Runs until SIGTERM or SIGINT, which go to the worker: it ends all in order, and at once at the
 * second one. True if that went well; false, after a log line, if it could not start.
 */
bool parent_run(const struct parent_settings *settings);

#endif
