/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as a control stream: what is cut out can be decoded, and encoding keeps its meaning. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "pptpctrl/proto/pptp_frame.h"
#include "pptpctrl/proto/pptp_msg.h"

static void check_message(const uint8_t *data, size_t len)
{
	uint8_t first[PPTP_MSG_MAX], second[PPTP_MSG_MAX];
	struct byte_writer out = wr_init(first, sizeof(first));
	struct pptp_msg msg;

	MUST(pptp_msg_decode(data, len, &msg));
	pptp_msg_encode(&msg, &out);
	MUST(!wr_failed(&out) && wr_len(&out) == len);
	MUST(pptp_msg_decode(first, len, &msg));
	out = wr_init(second, sizeof(second));
	pptp_msg_encode(&msg, &out);
	MUST(!wr_failed(&out) && memcmp(first, second, len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum pptp_frame_result result;
	struct pptp_msg msg;
	size_t len = 0;

	(void)pptp_msg_decode(data, size, &msg); /* whatever the framing would say */
	while ((result = pptp_frame_next(data, size, &len)) == PPTP_FRAME_MSG ||
	       result == PPTP_FRAME_UNKNOWN) {
		MUST(len >= PPTP_HEADER_LEN && len <= PPTP_MSG_MAX && len <= size);
		if (result == PPTP_FRAME_MSG)
			check_message(data, len);
		data += len;
		size -= len;
	}
	MUST(result != PPTP_FRAME_MORE || size < PPTP_MSG_MAX);
	return 0;
}
