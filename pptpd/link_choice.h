/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The way back to TAP devices when it takes too long to make a link with rings. Runs as root.
 */
#ifndef PPTPD_LINK_CHOICE_H
#define PPTPD_LINK_CHOICE_H

#include "pptpd/base/mono.h"

struct link;
struct link_wish;

/* All zero at first. */
struct link_choice {
	struct mono rings_from;
};

/*
 * A link as wished. One that takes too long is not waited for, nor tried again for some
 * time: the manager waits for each. link_open()'s results.
 */
int link_choice_open(struct link_choice *choice, const struct link_wish *wish, struct mono now,
		     struct link *ret_link, const char **ret_failed);

#endif
