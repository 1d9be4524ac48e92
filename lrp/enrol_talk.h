/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The child of `lrp enrol` that talks to the server: without privilege, confined as the worker is,
 * and the only one that still has the secret. It gets what else it needs over a SOCK_SEQPACKET
 * socket, and answers there once.
 */
#ifndef LRP_ENROL_TALK_H
#define LRP_ENROL_TALK_H

#include <stdint.h>
#include <sys/types.h>

#include "lrp/resolve.h"
#include "pptpd/base/privileges.h"
#include "rrp/enrol_line.h"
#include "rrp/tls.h"

/* Longest time for all of it: each address may be tried, and one of them may be slow. */
#define ENROL_TALK_TIMEOUT_S 120

/* From the parent, with a channel to the signer. */
struct enrol_job {
	struct resolve_answer where; /* as the resolver's child gave it, unread */
};

enum enrol_outcome_kind {
	ENROL_OUTCOME_DONE = 1, /* the text is our name */
	ENROL_OUTCOME_REFUSED,  /* the server's words */
	ENROL_OUTCOME_FAILED,   /* what happened */
};

/* To the parent, which must not believe more of it than it checks. */
struct enrol_outcome {
	uint32_t kind;
	char text[TLS_ERROR_MAX + ADDRESS_TEXT_MAX + 64]; /* terminated */
};

/* All that the child does, as root at first; `parent` is who started it. Returns an exit status. */
int enrol_talk_run(int control, const struct enrol_line *line, const struct account *account,
		   pid_t parent);

#endif
