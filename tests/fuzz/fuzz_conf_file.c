/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as a configuration file: words are words, values are trimmed, lines go up. */
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pptpd/base/conf_file.h"
#include "pptpd/base/util.h"

static void take_note(void *context, unsigned line, enum conf_note note, const char *text UNUSED)
{
	unsigned *lines = context;

	MUST(line >= *lines && note <= CONF_NOTE_TOO_LONG);
	*lines = line;
}

static void check_entry(const struct conf_entry *entry)
{
	size_t len = strlen(entry->value);

	MUST(entry->word[0] && entry->word[0] != '#' && !strpbrk(entry->word, " \t\n"));
	MUST(!strchr(entry->value, '\n') && !strchr(" \t", entry->value[0]) == !!len);
	MUST(!len || (entry->value[len - 1] != ' ' && entry->value[len - 1] != '\t'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("conf", MFD_CLOEXEC);
	struct conf_file file;
	unsigned lines = 0;
	char path[64];

	MUST(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	MUST(conf_file_read(path, take_note, &lines, &file) == 0);
	for (size_t i = 0; i < file.count; i++) {
		MUST(i == 0 || file.entries[i].line > file.entries[i - 1].line);
		check_entry(&file.entries[i]);
	}
	conf_file_done(&file);
	close(fd);
	return 0;
}
