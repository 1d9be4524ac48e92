/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The payloads of ENROL and ENROLLED, to and from structs in host order (docs/protocol.md). */
#ifndef RRP_ENROL_PAYLOAD_H
#define RRP_ENROL_PAYLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pptpd/base/bytes.h"
#include "rrp/enrol.h"
#include "rrp/tunnel.h"

/* The version of the exchange that we speak. */
#define ENROL_VERSION 1

/* Lengths without what later versions add, and ENROLLED's without the name. */
#define RRP_ENROL_MIN    (8 + ENROL_SECRET_LEN)
#define RRP_ENROLLED_MIN 3

struct rrp_enrol {
	uint16_t lowest; /* versions, both included */
	uint16_t highest;
	uint8_t secret[ENROL_SECRET_LEN];
};

struct rrp_enrolled {
	uint16_t version;
	char name[RRP_NAME_MAX + 1];
};

bool rrp_enrol_read(const uint8_t *payload, size_t len, struct rrp_enrol *ret_enrol);
void rrp_enrol_write(struct byte_writer *out, const struct rrp_enrol *enrol);

/* The reader refuses a name that is empty or has other characters than letters, digits and ._- */
bool rrp_enrolled_read(const uint8_t *payload, size_t len, struct rrp_enrolled *ret_enrolled);
void rrp_enrolled_write(struct byte_writer *out, const struct rrp_enrolled *enrolled);

#endif
