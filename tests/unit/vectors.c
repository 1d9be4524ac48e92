/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Golden bytes; see the header. */
#include "tests/unit/unit.h"

#include "tests/unit/vectors.h"

#include <stdio.h>
#include <string.h>

/* Appends the bytes of one line at `len`; returns the new length. */
static size_t read_line(const char *name, const char *line, uint8_t *out, size_t capacity,
			size_t len)
{
	for (;;) {
		unsigned byte;
		int used;

		line += strspn(line, " \t\n");
		if (*line == '\0' || *line == '#')
			return len;
		if (sscanf(line, "%2x%n", &byte, &used) != 1 || used != 2 || len == capacity)
			fail_msg("%s: bad or too much at \"%s\"", name, line);
		out[len++] = (uint8_t)byte;
		line += 2;
	}
}

size_t vector_read(const char *name, uint8_t *out, size_t capacity)
{
	char path[512], line[256];
	size_t len = 0;
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%s", VECTORS, name);
	file = fopen(path, "re");
	if (!file)
		fail_msg("cannot open %s", path);
	while (fgets(line, sizeof(line), file))
		len = read_line(name, line, out, capacity, len);
	(void)fclose(file); /* only read */
	return len;
}
