/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What parent and worker say to each other over a SOCK_SEQPACKET link: one struct of exact length
 * each way, no descriptor ever. The parent believes nothing in a request but its type and number,
 * which it checks; a text it only prints.
 */
#ifndef LRP_MESSAGES_H
#define LRP_MESSAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lrp/resolve.h"
#include "pptpd/base/log.h"

enum request_type {
	REQUEST_READY = 1, /* the worker is confined and serves */
	REQUEST_LOG,       /* `number` is the severity, `text` the line */
	REQUEST_LOOK_UP,   /* `number` is the index of a server in the configuration */
};

/* From the worker. */
struct request {
	uint32_t type; /* enum request_type */
	uint32_t number;
	char text[LOG_LINE_MAX];
};

enum order_type {
	ORDER_STOP = 1,  /* `number` is the signal that the parent got */
	ORDER_HANGUP,    /* SIGHUP */
	ORDER_LOOKED_UP, /* `number` is an enum resolve_end; if it is an answer, `answer` is valid
			  */
};

/* From the parent. */
struct order {
	uint32_t type; /* enum order_type */
	uint32_t number;
	struct resolve_answer answer; /* from a process that reads name servers' bytes */
};

/* Sends it whole or not at all, without waiting. Returns 0 or a negative errno. */
int message_send(int link, const void *message, size_t len);

enum message_end {
	MESSAGE_GOOD,
	MESSAGE_NONE,         /* none waits */
	MESSAGE_WRONG_LENGTH, /* *ret_got is the length it had */
	MESSAGE_LINK_LOST,    /* the other end is gone */
};

/* Takes the next message, which should have `len` bytes. */
enum message_end message_receive(int link, void *ret_message, size_t len, size_t *ret_got);

#endif
