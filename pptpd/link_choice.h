/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which links this machine's kernel has, and the way back to TAP devices when it takes too long for
 * one with rings. Runs as root.
 */
#ifndef PPTPD_LINK_CHOICE_H
#define PPTPD_LINK_CHOICE_H

#include <stdbool.h>

#include "pptpd/base/mono.h"
#include "pptpd/ipc.h"
#include "pptpd/link.h"

/* What a probe found out. */
struct link_choice {
	enum ipc_link_kind kind;
	bool with_filter; /* no link is without it then */
	struct mono rings_from;
};

/*
 * A link of that size for so many calls. One that takes too long is not waited for, nor tried again
 * for some time: the manager waits for each. link_open()'s results.
 */
int link_choice_open(struct link_choice *choice, enum link_size size, unsigned calls,
		     struct mono now, struct link *ret_link, const char **ret_failed);

#endif
