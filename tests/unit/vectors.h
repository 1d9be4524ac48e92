/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads golden bytes from tests/vectors: text of hexadecimal pairs and blanks, where '#' begins a
 * comment that ends with the line. Fails the test that asked if the file is not like that.
 */
#ifndef TESTS_UNIT_VECTORS_H
#define TESTS_UNIT_VECTORS_H

#include <stddef.h>
#include <stdint.h>

/* `name` is the path below tests/vectors. Returns the number of bytes. */
size_t vector_read(const char *name, uint8_t *out, size_t capacity);

#endif
