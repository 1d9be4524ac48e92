// SPDX-License-Identifier: GPL-2.0-or-later
/* Payload codecs of the enrolment; see the header. */
#include "rrp/enrol_payload.h"

#include <string.h>

#include "rrp/frame.h"

bool enrol_name_valid(const char *name)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789._-";
	size_t len = strnlen(name, RRP_NAME_MAX + 1);

	return len > 0 && len <= RRP_NAME_MAX && strspn(name, allowed) == len;
}

bool rrp_enrol_read(const uint8_t *payload, size_t len, struct rrp_enrol *ret_enrol)
{
	struct byte_reader in = rd_init(payload, len);
	struct rrp_enrol enrol = {0};
	uint32_t magic = rd_u32(&in);

	enrol.lowest = rd_u16(&in);
	enrol.highest = rd_u16(&in);
	rd_copy(&in, enrol.secret, sizeof(enrol.secret));
	if (rd_failed(&in) || magic != RRP_MAGIC || enrol.lowest > enrol.highest)
		return false;
	*ret_enrol = enrol; /* what follows is for later versions */
	explicit_bzero(&enrol, sizeof(enrol));
	return true;
}

void rrp_enrol_write(struct byte_writer *out, const struct rrp_enrol *enrol)
{
	wr_u32(out, RRP_MAGIC);
	wr_u16(out, enrol->lowest);
	wr_u16(out, enrol->highest);
	wr_copy(out, enrol->secret, sizeof(enrol->secret));
}

bool rrp_enrolled_read(const uint8_t *payload, size_t len, struct rrp_enrolled *ret_enrolled)
{
	struct byte_reader in = rd_init(payload, len);
	struct rrp_enrolled enrolled = {.version = rd_u16(&in)};
	size_t name_len = rd_u8(&in);
	const uint8_t *name = rd_bytes(&in, name_len);

	if (rd_failed(&in) || name_len > RRP_NAME_MAX || memchr(name, '\0', name_len))
		return false;
	memcpy(enrolled.name, name, name_len);
	if (!enrol_name_valid(enrolled.name))
		return false;
	*ret_enrolled = enrolled; /* what follows is for later versions */
	return true;
}

void rrp_enrolled_write(struct byte_writer *out, const struct rrp_enrolled *enrolled)
{
	wr_u16(out, enrolled->version);
	wr_u8(out, strlen(enrolled->name));
	wr_copy(out, enrolled->name, strlen(enrolled->name));
}
