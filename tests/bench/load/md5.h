/* SPDX-License-Identifier: GPL-2.0-or-later */
/* MD5 (RFC 1321) of a short text, for CHAP in a program that links no library of ciphers. */
#ifndef TESTS_BENCH_LOAD_MD5_H
#define TESTS_BENCH_LOAD_MD5_H

#include <stddef.h>
#include <stdint.h>

#define MD5_LEN 16

/* What fits two blocks with the padding: an identifier, a secret and a challenge. */
#define MD5_TEXT_MAX 119

/* Of at most MD5_TEXT_MAX bytes. */
void md5(const uint8_t *text, size_t len, uint8_t ret_digest[MD5_LEN]);

#endif
