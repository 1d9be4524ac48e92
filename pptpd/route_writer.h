/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests of rtnetlink(7), written attribute by attribute, and the kernel's answer to one, which
 * is read for the error only. Numbers in there are of the machine's order.
 */
#ifndef PPTPD_ROUTE_WRITER_H
#define PPTPD_ROUTE_WRITER_H

#include <stddef.h>
#include <stdint.h>

#include "pptpd/base/bytes.h"

/* The longest is of a pair of devices: two names, two addresses, and the headers around them. */
#define ROUTE_WRITER_MAX 512

struct route_writer {
	uint8_t bytes[ROUTE_WRITER_MAX];
	struct byte_writer out;
};

/* A request of that type that makes something new; `head` is what its type has before attributes.
 */
void route_writer_begin(struct route_writer *writer, uint16_t type, const void *head, size_t len);

/* Without attributes; for what is in others. */
void route_writer_put_head(struct route_writer *writer, const void *head, size_t len);

void route_writer_put(struct route_writer *writer, uint16_t type, const void *data, size_t len);
void route_writer_put_text(struct route_writer *writer, uint16_t type, const char *text);
void route_writer_put_u32(struct route_writer *writer, uint16_t type, uint32_t value);

/* An attribute of attributes: all up to its end, which is given what its begin returned. */
size_t route_writer_begin_nest(struct route_writer *writer, uint16_t type);
void route_writer_end_nest(struct route_writer *writer, size_t at);

/* Sends it to the kernel and takes the answer. 0, or a negative errno. */
int route_writer_ask(struct route_writer *writer, int socket);

/* A socket for that, in the network namespace of the caller: close-on-exec; or a negative errno. */
int route_writer_open_socket(void);

#endif
