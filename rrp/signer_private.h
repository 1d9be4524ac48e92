/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the signing helper share. */
#ifndef RRP_SIGNER_PRIVATE_H
#define RRP_SIGNER_PRIVATE_H

struct node_key;

/* Confines this process to what signing takes. Returns 0 or a negative errno. */
int signer_sandbox_enter(void);

/* Answers on the channels that come over `control`, until it closes. Returns an exit status. */
int signer_serve(int control, const struct node_key *key);

#endif
