/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The addresses that have calls, and how many each: who asks for each packet gets the answer
 * without a search through the calls. Pure.
 */
#ifndef LRP_CALL_HOSTS_H
#define LRP_CALL_HOSTS_H

#include <netinet/in.h>
#include <stdbool.h>

struct call_hosts;

/* NULL when memory is out. */
struct call_hosts *call_hosts_new(void);

/* Accepts NULL. */
void call_hosts_free(struct call_hosts *hosts);

/* One more call of that address. False when memory is out. */
bool call_hosts_add(struct call_hosts *hosts, struct in_addr address);

/* One less; it had one. */
void call_hosts_remove(struct call_hosts *hosts, struct in_addr address);

bool call_hosts_has(const struct call_hosts *hosts, struct in_addr address);

#endif
