/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one function of each fuzzer, as libFuzzer calls it, and replay.c for its corpus. It ends the
 * process when something that must hold does not.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(condition)           \
	do {                      \
		if (!(condition)) \
			abort();  \
	} while (0)

#endif
