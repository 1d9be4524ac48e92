/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Gives a fuzzer every file of its corpus, or the files named, without libFuzzer and with any
 * compiler: so `make check` keeps what fuzzing once found, and a finding can be looked at.
 */
#include "tests/fuzz/fuzz.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>

#include "pptpd/base/util.h"

/* Replays one file from memory of exactly its size; false if it cannot be read. */
static bool replay_file(const char *path)
{
	FILE *file = fopen(path, "re");
	uint8_t *data = NULL;
	struct stat info;
	bool done = false;

	if (file && fstat(fileno(file), &info) == 0) {
		size_t size = (size_t)info.st_size;

		data = malloc(MAX(size, 1u));
		done = data && fread(data, 1, size, file) == size;
		if (done)
			(void)LLVMFuzzerTestOneInput(data, size); /* always 0 */
	}
	if (!done)
		perror(path);
	if (file)
		(void)fclose(file); /* only read */
	free(data);
	return done;
}

/* Returns how many files were replayed, or -1 if one could not be. */
static int replay_folder(const char *folder)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	char path[4096];
	int count = 0;

	if (!dir) {
		perror(folder);
		return -1;
	}
	while (count >= 0 && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		count = replay_file(path) ? count + 1 : -1;
	}
	(void)closedir(dir);
	return count;
}

int main(int argc, char **argv)
{
	int count;

	for (int i = 1; i < argc; i++) {
		if (!replay_file(argv[i]))
			return EXIT_FAILURE;
	}
	if (argc > 1)
		return EXIT_SUCCESS;
	count = replay_folder(CORPUS);
	printf("%d files of %s\n", count, CORPUS);
	return count > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
