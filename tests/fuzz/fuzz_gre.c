/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as a GRE packet: the payload lies inside, and encoding gives the same header. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "pptpctrl/proto/gre.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t out[GRE_HEADER_MAX];
	struct gre_header header;
	size_t len;

	if (!gre_decode(data, size, &header))
		return 0;
	len = gre_encode(&header, out);
	MUST(len && len + header.payload_len <= size && memcmp(out, data, len) == 0);
	MUST(header.has_sequence ? header.payload == data + len : !header.payload);
	return 0;
}
