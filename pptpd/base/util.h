/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The few macros that C lacks. */
#ifndef PPTPD_BASE_UTIL_H
#define PPTPD_BASE_UTIL_H

#include <stddef.h>

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* The struct of type `type` whose member `member` is at `pointer`. */
#define container_of(pointer, type, member) \
	((type *)(void *)((char *)(pointer)-offsetof(type, member)))

#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))

#define UNUSED __attribute__((unused))

/* Lets the compiler check the arguments of a function that formats as printf does. */
#define PRINTF_LIKE(text, first) __attribute__((format(printf, text, first)))

#endif
