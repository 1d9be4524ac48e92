/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How many calls of each source (an address, or an IPv6 network) have not logged in. Pure. */
#ifndef PPTPD_UNPROVEN_H
#define PPTPD_UNPROVEN_H

#include <stddef.h>

#include "pptpd/base/address.h"

struct unproven;
struct unproven_source;

/* NULL when memory is out. */
struct unproven *unproven_new(void);
void unproven_free(struct unproven *unproven);

/* One more of that source; NULL when memory is out. For unproven_leave(), once. */
struct unproven_source *unproven_enter(struct unproven *unproven, const struct address *source);
void unproven_leave(struct unproven_source *source);

size_t unproven_count(const struct unproven *unproven, const struct address *source);

#endif
