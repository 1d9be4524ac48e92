/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one line that an operator carries from the server to a new LRP (docs/protocol.md). Pure. */
#ifndef RRP_ENROL_LINE_H
#define RRP_ENROL_LINE_H

#include <stdbool.h>
#include <stdint.h>

#include "pptpd/base/address.h"
#include "pptpd/base/node_id.h"
#include "rrp/enrol.h"

/* What stands before it, so that the line is the whole command. */
#define ENROL_LINE_COMMAND "lrp enrol "

/* Room for the line with its command and a terminator. */
#define ENROL_LINE_MAX                                                                             \
	(sizeof(ENROL_LINE_COMMAND) + ADDRESS_HOST_MAX + sizeof("[]:65535//") + NODE_ID_TEXT_LEN + \
	 BASE32_LEN(ENROL_SECRET_LEN))

struct enrol_line {
	char host[ADDRESS_HOST_MAX];
	uint16_t port;
	struct node_id pin;
	uint8_t secret[ENROL_SECRET_LEN];
};

/* Whether a line can have that host: a name or an address, and nothing that a shell would read. */
bool enrol_line_host_valid(const char *host);

/* "lrp enrol HOST:PORT/PIN/SECRET"; returns `out`. */
const char *enrol_line_format(const struct enrol_line *line, char out[ENROL_LINE_MAX]);

/*
 * Parses it, with or without the words of the command, and with blanks around. False, *ret_line
 * untouched, with what is wrong in *ret_error: a static text that does not repeat the line, which
 * is a secret.
 */
bool enrol_line_parse(const char *text, struct enrol_line *ret_line, const char **ret_error);

#endif
