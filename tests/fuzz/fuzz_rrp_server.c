/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes to the server's end of a tunnel. */
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/rrp_run.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	rrp_run(TUNNEL_SERVER, data, size);
	return 0;
}
