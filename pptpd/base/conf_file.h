/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The syntax that pptpd.conf and lrp.conf share, without the meaning of any word: a word at the
 * start of the line, blanks, the rest of the line as its value. '#' in the first column makes a
 * comment; there are no comments behind a value, no quotes, no continued lines.
 */
#ifndef PPTPD_BASE_CONF_FILE_H
#define PPTPD_BASE_CONF_FILE_H

#include <stddef.h>

/* Longest line; a list of some thousand addresses fits. */
#define CONF_LINE_MAX 65536

struct conf_entry {
	unsigned line;
	char *word;
	char *value; /* never NULL; "" when the word stands alone */
};

struct conf_file {
	struct conf_entry *entries;
	size_t count;
};

enum conf_note {
	CONF_NOTE_LEADING_BLANK,   /* the line was skipped */
	CONF_NOTE_CARRIAGE_RETURN, /* a CR at the line's end was taken off */
	CONF_NOTE_TOO_LONG,        /* longer than CONF_LINE_MAX: skipped */
};

/* Told about each odd line while a file is read; `text` is the line, without its end. */
typedef void conf_noted(void *context, unsigned line, enum conf_note note, const char *text);

/*
 * Reads the whole file. Returns 0 and an object for conf_file_done(), or a negative errno of
 * opening or reading it.
 */
int conf_file_read(const char *path, conf_noted *noted, void *context, struct conf_file *ret_file);

void conf_file_done(struct conf_file *file);

#endif
