/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fewest escapes, as pppd sends them once LCP has agreed on an ACCM of 0, for what plays pppd.
 * The product itself escapes all control characters towards pppd.
 */
#ifndef TESTS_HDLC_LEAST_H
#define TESTS_HDLC_LEAST_H

#include "pptpctrl/hdlc_bytes.h"

static inline const struct hdlc_escapes *hdlc_escapes_least(void)
{
	static struct hdlc_escapes least;

	if (least.code[0])
		return &least;
	for (uint32_t byte = hdlc_escapes_all.below; byte < 256; byte++)
		least.code[byte] = hdlc_escapes_all.code[byte];
	for (uint32_t byte = 0; byte < hdlc_escapes_all.below; byte++)
		least.code[byte] = UINT32_C(1) << 16 | byte; /* HDLC_CODE_LEN */
	return &least;
}

#endif
