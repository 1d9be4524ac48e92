/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads the lines of a configuration file; see the header. */
#include "pptpd/base/conf_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int append_entry(struct conf_file *file, unsigned line, const char *word, size_t word_len,
			const char *value)
{
	struct conf_entry *bigger =
		reallocarray(file->entries, file->count + 1, sizeof(*file->entries));
	struct conf_entry *entry;

	if (!bigger)
		return -ENOMEM;
	file->entries = bigger;
	entry = &bigger[file->count];
	*entry = (struct conf_entry){
		.line = line,
		.word = strndup(word, word_len),
		.value = strdup(value),
	};
	file->count++; /* conf_file_done() frees whichever of the two there is */
	return entry->word && entry->value ? 0 : -ENOMEM;
}

static void trim_end(char *text, size_t len)
{
	while (len && strchr(" \t", text[len - 1]))
		len--;
	text[len] = '\0';
}

/* `text` is one line without its newline. */
static int read_line(struct conf_file *file, unsigned line, char *text, size_t len,
		     conf_noted *noted, void *context)
{
	size_t word_len;

	if (len > CONF_LINE_MAX) {
		noted(context, line, CONF_NOTE_TOO_LONG, text);
		return 0;
	}
	len = strlen(text); /* a NUL ends the line, as where a file is read with fgets() */
	if (len && text[len - 1] == '\r') {
		text[--len] = '\0';
		noted(context, line, CONF_NOTE_CARRIAGE_RETURN, text);
	}
	trim_end(text, len);
	if (text[0] == '\0' || text[0] == '#')
		return 0;
	if (strchr(" \t", text[0])) {
		noted(context, line, CONF_NOTE_LEADING_BLANK, text);
		return 0;
	}
	word_len = strcspn(text, " \t");
	return append_entry(file, line, text, word_len,
			    text + word_len + strspn(text + word_len, " \t"));
}

int conf_file_read(const char *path, conf_noted *noted, void *context, struct conf_file *ret_file)
{
	struct conf_file file = {0};
	FILE *stream = fopen(path, "re");
	char *text = NULL;
	size_t size = 0;
	unsigned line = 0;
	int error = 0;
	ssize_t len;

	if (!stream)
		return -errno;
	errno = 0;
	while (!error && (len = getline(&text, &size, stream)) >= 0) {
		if (len && text[len - 1] == '\n')
			text[--len] = '\0';
		error = read_line(&file, ++line, text, (size_t)len, noted, context);
		errno = 0;
	}
	if (!error && !feof(stream)) /* a read error, or a line for which memory is out */
		error = errno ? -errno : -EIO;
	free(text);
	(void)fclose(stream); /* only read */
	if (error)
		conf_file_done(&file);
	else
		*ret_file = file;
	return error;
}

void conf_file_done(struct conf_file *file)
{
	for (size_t i = 0; i < file->count; i++) {
		free(file->entries[i].word);
		free(file->entries[i].value);
	}
	free(file->entries);
	*file = (struct conf_file){0};
}
