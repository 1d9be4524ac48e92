/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The worker's end of the link to its parent: log lines, name lookups, and the parent's orders. */
#ifndef LRP_PARENT_LINK_H
#define LRP_PARENT_LINK_H

#include <ev.h>

#include "lrp/messages.h"

struct parent_link;

struct parent_link_ops {
	/* SIGTERM or SIGINT of the parent; may come again. */
	void (*stop)(void *context, int signal_number);
	void (*hangup)(void *context); /* SIGHUP */

	/* The answer to parent_link_look_up(); `error` is NULL when there are addresses. */
	void (*looked_up)(void *context, const struct resolve_answer *answer, const char *error);

	/* The parent is gone, or speaks another language. */
	void (*lost)(void *context);
};

/* `fd`, which is taken over, is the worker's end. NULL when memory is out; it is then the caller's.
 */
struct parent_link *parent_link_new(int fd);

/* Accepts NULL. Log lines must go elsewhere by then. */
void parent_link_free(struct parent_link *link);

/* From now on orders are taken, from `loop`. */
void parent_link_start(struct parent_link *link, struct ev_loop *loop,
		       const struct parent_link_ops *ops, void *context);

/* log_sink, with the link as its context; a line is lost when the parent does not keep up. */
void parent_link_log(void *context, int severity, const char *line);

/* Says that the worker serves. Returns 0 or a negative errno. */
int parent_link_ready(struct parent_link *link);

/* Asks for the addresses of the `server`th server. Returns 0 or a negative errno. */
int parent_link_look_up(struct parent_link *link, unsigned server);

#endif
