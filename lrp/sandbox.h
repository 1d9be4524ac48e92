/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The system calls of a worker that serves; everything it opens by itself is TCP to a server. */
#ifndef LRP_SANDBOX_H
#define LRP_SANDBOX_H

#include "pptpd/base/sandbox.h"

/* Descriptors that may do more, or less, than others. */
struct lrp_descriptors {
	int packet;  /* may be read only: what is written there appears on the LAN as it is */
	int raw_gre; /* the only one that sendmmsg(2) may have */
	int signer;  /* the only one that recvmsg(2) may have; its other end cannot pass any; or -1
		      */
};

/* As sandbox_enter(), with the worker's list. */
int lrp_sandbox_enter(const struct lrp_descriptors *descriptors, enum sandbox_mode mode);

#endif
