// SPDX-License-Identifier: GPL-2.0-or-later
/* Payload codecs; see the header and the layouts in docs/protocol.md. */
#include "rrp/payload.h"

#include <string.h>

#include "pptpd/base/util.h"
#include "rrp/frame.h"

/* Results of an Outgoing-Call-Reply but Connected (RFC 2637 2.8), of a notify (2.13). */
#define REFUSED_RESULT_MIN 2
#define REFUSED_RESULT_MAX 7
#define CLOSE_RESULT_MIN   1
#define CLOSE_RESULT_MAX   4
#define RESULT_GENERAL     2

static bool is_printable(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] < ' ' || text[i] > '~')
			return false;
	}
	return true;
}

/* Text whose length was read before: `out` has room for max + 1. */
static bool read_text(struct byte_reader *in, char *out, size_t len, size_t max)
{
	if (len > max)
		return false;
	rd_text(in, out, len);
	return !rd_failed(in) && is_printable(out, len);
}

static bool read_name(struct byte_reader *in, char name[RRP_NAME_MAX + 1])
{
	return read_text(in, name, rd_u8(in), RRP_NAME_MAX);
}

static void write_name(struct byte_writer *out, const char *name)
{
	wr_u8(out, strlen(name));
	wr_copy(out, name, strlen(name));
}

/* All was there and nothing is left. */
static bool is_complete(const struct byte_reader *in)
{
	return !rd_failed(in) && rd_left(in) == 0;
}

bool rrp_hello_read(const uint8_t *payload, size_t len, struct rrp_hello *ret_hello)
{
	struct byte_reader in = rd_init(payload, len);
	struct rrp_hello hello = {0};
	uint32_t magic = rd_u32(&in);

	hello.lowest = rd_u16(&in);
	hello.highest = rd_u16(&in);
	hello.features = rd_u32(&in);
	rd_copy(&in, hello.nonce, sizeof(hello.nonce));
	if (!read_name(&in, hello.name) || magic != RRP_MAGIC || hello.lowest > hello.highest)
		return false;
	*ret_hello = hello; /* what follows is for later versions */
	return true;
}

void rrp_hello_write(struct byte_writer *out, const struct rrp_hello *hello)
{
	wr_u32(out, RRP_MAGIC);
	wr_u16(out, hello->lowest);
	wr_u16(out, hello->highest);
	wr_u32(out, hello->features);
	wr_copy(out, hello->nonce, sizeof(hello->nonce));
	write_name(out, hello->name);
}

bool rrp_welcome_read(const uint8_t *payload, size_t len, struct rrp_welcome *ret_welcome)
{
	struct byte_reader in = rd_init(payload, len);
	struct rrp_welcome welcome = {0};
	uint32_t magic = rd_u32(&in);

	welcome.version = rd_u16(&in);
	welcome.hold_s = rd_u16(&in);
	welcome.features = rd_u32(&in);
	rd_copy(&in, welcome.nonce, sizeof(welcome.nonce));
	rd_copy(&in, welcome.session_id, sizeof(welcome.session_id));
	welcome.max_calls = rd_u32(&in);
	if (!read_name(&in, welcome.name) || magic != RRP_MAGIC)
		return false;
	*ret_welcome = welcome; /* what follows is for later versions */
	return true;
}

void rrp_welcome_write(struct byte_writer *out, const struct rrp_welcome *welcome)
{
	wr_u32(out, RRP_MAGIC);
	wr_u16(out, welcome->version);
	wr_u16(out, welcome->hold_s);
	wr_u32(out, welcome->features);
	wr_copy(out, welcome->nonce, sizeof(welcome->nonce));
	wr_copy(out, welcome->session_id, sizeof(welcome->session_id));
	wr_u32(out, welcome->max_calls);
	write_name(out, welcome->name);
}

bool rrp_goaway_read(const uint8_t *payload, size_t len, struct rrp_goaway *ret_goaway)
{
	struct byte_reader in = rd_init(payload, len);
	struct rrp_goaway goaway = {.reason = rd_u8(&in)};

	rd_skip(&in, RRP_GOAWAY_LEN - 1);
	if (rd_failed(&in))
		return false;
	*ret_goaway = goaway;
	return true;
}

void rrp_goaway_write(struct byte_writer *out, const struct rrp_goaway *goaway)
{
	wr_u8(out, goaway->reason);
	wr_zero(out, RRP_GOAWAY_LEN - 1);
}

bool rrp_error_read(const uint8_t *payload, size_t len, struct rrp_error *ret_error)
{
	struct byte_reader in = rd_init(payload, len);
	struct rrp_error error = {.code = rd_u16(&in)};

	if (rd_left(&in) > RRP_ERROR_TEXT_MAX)
		return false;
	rd_text(&in, error.text, rd_left(&in));
	if (rd_failed(&in))
		return false;
	*ret_error = error;
	return true;
}

void rrp_error_write(struct byte_writer *out, uint16_t code, const char *text)
{
	wr_u16(out, code);
	wr_copy(out, text, strnlen(text, RRP_ERROR_TEXT_MAX));
}

bool rrp_call_open_read(const uint8_t *payload, size_t len, struct rrp_call_open *ret_open)
{
	struct byte_reader in = rd_init(payload, len);
	struct rrp_call_open open = {0};
	size_t phone_len, subaddress_len;

	open.family = rd_u8(&in);
	rd_skip(&in, 1);
	open.client_call_id = rd_u16(&in);
	rd_copy(&in, open.address, sizeof(open.address));
	open.serial = rd_u16(&in);
	phone_len = rd_u8(&in);
	subaddress_len = rd_u8(&in);
	open.min_bps = rd_u32(&in);
	open.max_bps = rd_u32(&in);
	open.bearer = rd_u32(&in);
	open.framing = rd_u32(&in);
	if (!read_text(&in, open.phone_number, phone_len, RRP_NUMBER_MAX) ||
	    !read_text(&in, open.subaddress, subaddress_len, RRP_NUMBER_MAX) || !is_complete(&in))
		return false;
	if (open.family != RRP_FAMILY_IPV4 && open.family != RRP_FAMILY_IPV6)
		return false;
	*ret_open = open;
	return true;
}

void rrp_call_open_write(struct byte_writer *out, const struct rrp_call_open *open)
{
	size_t phone_len = strlen(open->phone_number), subaddress_len = strlen(open->subaddress);

	wr_u8(out, open->family);
	wr_zero(out, 1);
	wr_u16(out, open->client_call_id);
	wr_copy(out, open->address, sizeof(open->address));
	wr_u16(out, open->serial);
	wr_u8(out, phone_len);
	wr_u8(out, subaddress_len);
	wr_u32(out, open->min_bps);
	wr_u32(out, open->max_bps);
	wr_u32(out, open->bearer);
	wr_u32(out, open->framing);
	wr_copy(out, open->phone_number, phone_len);
	wr_copy(out, open->subaddress, subaddress_len);
}

static bool read_u32(const uint8_t *payload, size_t len, uint32_t *ret_value)
{
	struct byte_reader in = rd_init(payload, len);
	uint32_t value = rd_u32(&in);

	if (!is_complete(&in))
		return false;
	*ret_value = value;
	return true;
}

bool rrp_call_opened_read(const uint8_t *payload, size_t len, uint32_t *ret_connect_speed)
{
	return read_u32(payload, len, ret_connect_speed);
}

void rrp_call_opened_write(struct byte_writer *out, uint32_t connect_speed)
{
	wr_u32(out, connect_speed);
}

static bool read_result(const uint8_t *payload, size_t len, uint8_t min, uint8_t max,
			struct rrp_result *ret_result)
{
	struct byte_reader in = rd_init(payload, len);
	struct rrp_result result;

	result.result = rd_u8(&in);
	result.error = rd_u8(&in);
	if (!is_complete(&in) || result.result < min || result.result > max)
		return false;
	*ret_result = result;
	return true;
}

static void write_result(struct byte_writer *out, const struct rrp_result *result, uint8_t min,
			 uint8_t max)
{
	bool known = result->result >= min && result->result <= max;

	wr_u8(out, known ? result->result : RESULT_GENERAL);
	wr_u8(out, result->error);
}

bool rrp_call_refused_read(const uint8_t *payload, size_t len, struct rrp_result *ret_result)
{
	return read_result(payload, len, REFUSED_RESULT_MIN, REFUSED_RESULT_MAX, ret_result);
}

bool rrp_call_close_read(const uint8_t *payload, size_t len, struct rrp_result *ret_result)
{
	return read_result(payload, len, CLOSE_RESULT_MIN, CLOSE_RESULT_MAX, ret_result);
}

void rrp_call_refused_write(struct byte_writer *out, const struct rrp_result *result)
{
	write_result(out, result, REFUSED_RESULT_MIN, REFUSED_RESULT_MAX);
}

void rrp_call_close_write(struct byte_writer *out, const struct rrp_result *result)
{
	write_result(out, result, CLOSE_RESULT_MIN, CLOSE_RESULT_MAX);
}

bool rrp_link_info_read(const uint8_t *payload, size_t len, struct rrp_link_info *ret_info)
{
	struct byte_reader in = rd_init(payload, len);
	struct rrp_link_info info;

	info.send_accm = rd_u32(&in);
	info.receive_accm = rd_u32(&in);
	if (!is_complete(&in))
		return false;
	*ret_info = info;
	return true;
}

void rrp_link_info_write(struct byte_writer *out, const struct rrp_link_info *info)
{
	wr_u32(out, info->send_accm);
	wr_u32(out, info->receive_accm);
}

bool rrp_ack_read(const uint8_t *payload, size_t len, uint32_t *ret_event)
{
	return read_u32(payload, len, ret_event);
}

void rrp_ack_write(struct byte_writer *out, uint32_t event)
{
	wr_u32(out, event);
}

bool rrp_ping_read(const uint8_t *payload, size_t len, struct rrp_ping *ret_ping)
{
	struct byte_reader in = rd_init(payload, len);
	struct rrp_ping ping;

	ping.cookie = rd_u64(&in);
	ping.clock_ms = rd_u32(&in);
	ping.delay_us = rd_u32(&in);
	if (!is_complete(&in))
		return false;
	*ret_ping = ping;
	return true;
}

void rrp_ping_write(struct byte_writer *out, const struct rrp_ping *ping)
{
	wr_u64(out, ping->cookie);
	wr_u32(out, ping->clock_ms);
	wr_u32(out, ping->delay_us);
}

bool rrp_ppp_is_control(const uint8_t *frame, size_t len)
{
	struct byte_reader in = rd_init(frame, len);
	uint8_t first = rd_u8(&in);

	if (first == 0xff) { /* RFC 1662 3.1: address and control */
		rd_skip(&in, 1);
		first = rd_u8(&in);
	}
	/* An odd first byte is a compressed protocol number, below 0x100 (RFC 1661 2). */
	return !rd_failed(&in) && first >= 0x80 && !(first & 1);
}
