/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The process title; see the header. */
#include "pptpctrl/title.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* There is one title for each process, and it lies where the kernel put it. */
static char *title;
static size_t title_size;

void title_init(char **argv)
{
	title = argv[0];
	title_size = strlen(argv[0]) + 1;
}

void title_set(const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(title, title_size, format, args);
	va_end(args);
	if (len >= 0 && (size_t)len < title_size)
		memset(title + len, '\0', title_size - (size_t)len);
}
