/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as a PPPoE session frame: the payload lies inside, and encoding gives the same header.
 */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "pptpctrl/proto/pppoe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t out[PPPOE_HEADER_LEN];
	struct pppoe_frame frame;

	if (!pppoe_decode(data, size, &frame))
		return 0;
	MUST(frame.payload == data + PPPOE_HEADER_LEN);
	MUST(PPPOE_HEADER_LEN + frame.payload_len <= size);
	MUST(pppoe_encode(&frame, out) && memcmp(out, data, sizeof(out)) == 0);
	return 0;
}
