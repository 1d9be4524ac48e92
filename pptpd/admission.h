/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The waiting room for accepted connections: each stays until its first bytes are there, without
 * reading one, or is dropped. Bounded in total and for each source; the oldest makes place.
 */
#ifndef PPTPD_ADMISSION_H
#define PPTPD_ADMISSION_H

#include <ev.h>

#include "pptpd/base/address.h"
#include "pptpd/ipc.h"

/* Silent connections that wait at most: each costs a descriptor and some memory. */
#define ADMISSION_WAITING_MAX 1024

struct admission;

/* A connection sent its first bytes. The callee copies the descriptor if it wants to keep it. */
typedef void admission_ready(void *context, enum ipc_kind kind, int fd,
			     const struct address *remote, const struct address *local);

/*
 * NULL when memory is out. `timeout_s` is the time for the first bytes; at most `waiting_max`, and
 * ADMISSION_WAITING_MAX, wait at once.
 */
struct admission *admission_new(struct ev_loop *loop, unsigned timeout_s, unsigned waiting_max,
				admission_ready *ready, void *context);

/* Drops all that wait. Accepts NULL. */
void admission_free(struct admission *admission);

/* Takes over an accepted socket. */
void admission_add(struct admission *admission, enum ipc_kind kind, int fd,
		   const struct address *remote, const struct address *local);

/* Makes place by dropping the oldest, when descriptors are short. False if none waits. */
bool admission_drop_oldest(struct admission *admission);

#endif
