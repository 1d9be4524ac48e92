/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One session that is given any bytes, with an owner that answers, for both RRP fuzzers. */
#ifndef TESTS_FUZZ_RRP_RUN_H
#define TESTS_FUZZ_RRP_RUN_H

#include <stddef.h>
#include <stdint.h>

#include "rrp/tunnel.h"

/*
 * The first byte chooses the size of the pieces and whether the hello exchange is done already, the
 * rest is what the peer writes. Checks that pieces of any size come to the same, and that
 * whatever the session writes is legal for its peer.
 */
void rrp_run(enum tunnel_role role, const uint8_t *data, size_t size);

#endif
