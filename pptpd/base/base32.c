/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Base32; see the header. */
#include "pptpd/base/base32.h"

#include <string.h>

static const char digits[] = "abcdefghijklmnopqrstuvwxyz234567";

const char *base32_encode(const uint8_t *data, size_t len, char *out)
{
	char *next = out;
	unsigned bits = 0, waiting = 0;

	for (size_t i = 0; i < len; i++) {
		bits = (bits << 8 | data[i]) & 0xfff; /* 4 bits at most were left over */
		for (waiting += 8; waiting >= 5; waiting -= 5)
			*next++ = digits[bits >> (waiting - 5) & 31];
	}
	if (waiting)
		*next++ = digits[bits << (5 - waiting) & 31];
	*next = '\0';
	return out;
}

static bool digit_value(char c, unsigned *ret_value)
{
	const char *digit;

	if (c >= 'A' && c <= 'Z')
		c = (char)(c - 'A' + 'a');
	digit = c ? strchr(digits, c) : NULL;
	if (!digit)
		return false;
	*ret_value = (unsigned)(digit - digits);
	return true;
}

/* With `ret_data` NULL it only judges. */
static bool decode(const char *text, uint8_t *ret_data, size_t len)
{
	unsigned bits = 0, waiting = 0, value;

	for (size_t i = 0; i < BASE32_LEN(len); i++) {
		if (!digit_value(text[i], &value))
			return false;
		bits = (bits << 5 | value) & 0xfff; /* 7 bits at most were left over */
		waiting += 5;
		if (waiting < 8)
			continue;
		waiting -= 8;
		if (ret_data)
			*ret_data++ = (uint8_t)(bits >> waiting);
	}
	return (bits & ((1u << waiting) - 1)) == 0;
}

bool base32_decode(const char *text, uint8_t *ret_data, size_t len)
{
	if (strlen(text) != BASE32_LEN(len) || !decode(text, NULL, len))
		return false;
	return decode(text, ret_data, len);
}
