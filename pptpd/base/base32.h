/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Base32 in lower case without padding (RFC 4648 6): for keys' hashes and secrets that people
 * copy. Pure.
 */
#ifndef PPTPD_BASE_BASE32_H
#define PPTPD_BASE_BASE32_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Characters, without terminator, for so many bytes. */
#define BASE32_LEN(bytes) (((bytes)*8 + 4) / 5)

/* Writes BASE32_LEN(len) characters and a terminator; returns `out`. */
const char *base32_encode(const uint8_t *data, size_t len, char *out);

/*
 * Parses exactly BASE32_LEN(len) characters into `len` bytes. Takes upper case too, since people
 * type. False, `ret_data` untouched, for any other length or character, and for bits behind the
 * last byte that are not 0: one value has one text.
 */
bool base32_decode(const char *text, uint8_t *ret_data, size_t len);

#endif
