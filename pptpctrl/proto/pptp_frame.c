/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Framing of the control connection, RFC 2637 2; see the header. */
#include "pptpctrl/proto/pptp_frame.h"

#include "pptpctrl/proto/pptp_msg.h"
#include "pptpd/base/bytes.h"

enum pptp_frame_result pptp_frame_next(const uint8_t *data, size_t len, size_t *ret_len)
{
	struct byte_reader in = rd_init(data, len);
	const struct pptp_msg_info *info;
	uint16_t frame_len, message_type, control_type;
	uint32_t magic;

	/* Each test needs a few bytes more than the last: MORE until they are there. */
	frame_len = rd_u16(&in);
	if (rd_failed(&in))
		return PPTP_FRAME_MORE;
	if (frame_len < PPTP_HEADER_LEN || frame_len > PPTP_MSG_MAX)
		return PPTP_FRAME_BAD_LENGTH;

	message_type = rd_u16(&in);
	magic = rd_u32(&in);
	if (rd_failed(&in))
		return PPTP_FRAME_MORE;
	if (magic != PPTP_MAGIC)
		return PPTP_FRAME_BAD_MAGIC;

	control_type = rd_u16(&in);
	if (rd_failed(&in))
		return PPTP_FRAME_MORE;
	info = message_type == PPTP_MESSAGE_CONTROL ? pptp_msg_info(control_type) : NULL;
	if (info && frame_len != info->len)
		return PPTP_FRAME_BAD_LENGTH;

	if (len < frame_len)
		return PPTP_FRAME_MORE;
	*ret_len = frame_len;
	return info ? PPTP_FRAME_MSG : PPTP_FRAME_UNKNOWN;
}
