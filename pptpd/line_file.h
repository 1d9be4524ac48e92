/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A small text file as lines that can be changed, and written back as a whole or not at all. */
#ifndef PPTPD_LINE_FILE_H
#define PPTPD_LINE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* More than any list that people keep by hand; what is longer is some other file. */
#define LINE_FILE_BYTES_MAX (4 * 1024 * 1024)

struct line_file {
	char **lines; /* without line ends */
	size_t count;
	mode_t mode; /* of the file that was read, 0600 if there was none */
};

/* Without a file there are no lines. Returns 0 or a negative errno (-EFBIG, -EILSEQ: a NUL). */
int line_file_read(const char *path, struct line_file *ret_file);
void line_file_done(struct line_file *file);

/* Changes in memory; false when memory is out. */
bool line_file_append(struct line_file *file, const char *line);
bool line_file_replace(struct line_file *file, size_t index, const char *line);
void line_file_remove(struct line_file *file, size_t index);

/*
 * Writes a new file beside the old one, waits for the disk, renames. It has the old one's mode, but
 * its owner alone may write it. Returns 0 or a negative errno.
 */
int line_file_write(const struct line_file *file, const char *path);

#endif
