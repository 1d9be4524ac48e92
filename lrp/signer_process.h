/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The process that has this node's key (rrp/signer.h), as the parent sees it. The parent never has
 * the key itself.
 */
#ifndef LRP_SIGNER_PROCESS_H
#define LRP_SIGNER_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

#include "lrp/child.h"
#include "pptpd/base/privileges.h"
#include "pptpd/base/signer_link.h"

struct signer_process {
	pid_t pid;   /* 0: none runs */
	int control; /* its owner's end */
	/*
	 * The signer's end of the worker's channel. It is kept here too, so that a new signer takes
	 * the channel over when one dies: the worker keeps its end and notices nothing.
	 */
	int channel;
	const struct child_origin *origin; /* of the process; may be NULL */
};

/* No process, no descriptor. `origin`, which may be NULL, must outlive it. */
void signer_process_init(struct signer_process *signer, const struct child_origin *origin);

/*
 * Starts it with the key in `key_path`, which is made if it is not there, and waits until it has
 * it; it then is `account`. A channel that exists is given to it. False with the reason in
 * ret_error; then none runs.
 */
bool signer_process_start(struct signer_process *signer, const char *key_path,
			  const struct account *account, struct node_id *ret_id,
			  char ret_error[SIGNER_ERROR_MAX]);

/*
 * A new channel, in place of the one before: *ret_channel is for the worker. Returns 0 or a
 * negative errno.
 */
int signer_process_channel(struct signer_process *signer, int *ret_channel);

/* It ended and was reaped: its control channel is closed, the worker's channel kept. */
void signer_process_ended(struct signer_process *signer);

/* Ends it and waits for it. Does nothing when none runs. */
void signer_process_stop(struct signer_process *signer);

/* In another child: closes its descriptors and touches nothing else. */
void signer_process_forget(struct signer_process *signer);

#endif
