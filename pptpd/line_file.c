/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of a small text file; see the header. */
#include "pptpd/line_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pptpd/base/fdio.h"

/* Who may read a new file: it says who may come in. */
#define NEW_FILE_MODE 0600

/* Nor may a file that others could write stay so. */
#define OTHERS_WRITE 022U

static bool insert_copy(struct line_file *file, const char *text, size_t len)
{
	char **bigger = reallocarray(file->lines, file->count + 1, sizeof(*file->lines));
	char *copy;

	if (!bigger)
		return false;
	file->lines = bigger;
	copy = strndup(text, len);
	if (!copy)
		return false;
	file->lines[file->count++] = copy;
	return true;
}

bool line_file_append(struct line_file *file, const char *line)
{
	return insert_copy(file, line, strlen(line));
}

bool line_file_replace(struct line_file *file, size_t index, const char *line)
{
	char *copy = strdup(line);

	if (!copy)
		return false;
	free(file->lines[index]);
	file->lines[index] = copy;
	return true;
}

void line_file_remove(struct line_file *file, size_t index)
{
	free(file->lines[index]);
	file->count--;
	memmove(&file->lines[index], &file->lines[index + 1],
		(file->count - index) * sizeof(*file->lines));
}

void line_file_done(struct line_file *file)
{
	for (size_t i = 0; i < file->count; i++)
		free(file->lines[i]);
	free(file->lines);
	*file = (struct line_file){0};
}

/* All of it, with a NUL behind; *ret_text is the caller's. */
static int read_whole(int fd, char **ret_text, size_t *ret_len)
{
	size_t room = 4096, used = 0;
	char *text = malloc(room);
	ssize_t got = 1;

	while (text && got > 0) {
		if (used + 1 == room) {
			char *bigger = reallocarray(text, room, 2);

			if (!bigger)
				break;
			text = bigger;
			room *= 2;
		}
		got = read(fd, text + used, room - used - 1);
		if (got > 0)
			used += (size_t)got;
		if (used > LINE_FILE_BYTES_MAX) {
			free(text);
			return -EFBIG;
		}
	}
	if (!text || got != 0) {
		int error = text && got < 0 ? -errno : -ENOMEM;

		free(text);
		return error;
	}
	text[used] = '\0';
	*ret_text = text;
	*ret_len = used;
	return 0;
}

static int split(const char *text, size_t len, struct line_file *file)
{
	const char *end = text + len;

	if (memchr(text, '\0', len))
		return -EILSEQ;
	while (text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		const char *stop = newline ? newline : end;

		if (!insert_copy(file, text, (size_t)(stop - text)))
			return -ENOMEM;
		text = stop + 1;
	}
	return 0;
}

int line_file_read(const char *path, struct line_file *ret_file)
{
	struct line_file file = {.mode = NEW_FILE_MODE};
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), error;
	struct stat status;
	char *text = NULL;
	size_t len = 0;

	if (fd < 0 && errno == ENOENT) {
		*ret_file = file;
		return 0;
	}
	if (fd < 0)
		return -errno;
	error = fstat(fd, &status) == 0 ? read_whole(fd, &text, &len) : -errno;
	fdio_close(&fd);
	if (!error) {
		file.mode = status.st_mode & 07777;
		error = split(text, len, &file);
	}
	free(text);
	if (error)
		line_file_done(&file);
	else
		*ret_file = file;
	return error;
}

static int write_lines(const struct line_file *file, int fd)
{
	FILE *stream = fdopen(fd, "w");
	bool good;

	if (!stream) {
		int error = -errno;

		fdio_close(&fd);
		return error;
	}
	for (size_t i = 0; i < file->count; i++)
		fprintf(stream, "%s\n", file->lines[i]);
	errno = 0;
	good = fflush(stream) == 0 && !ferror(stream) &&
	       fchmod(fileno(stream), file->mode & ~OTHERS_WRITE) == 0 &&
	       fsync(fileno(stream)) == 0;
	if (fclose(stream) != 0 || !good)
		return errno ? -errno : -EIO;
	return 0;
}

/* Without it a crash may bring the old name back. */
static int sync_directory(const char *path)
{
	char directory[PATH_MAX];
	const char *slash = strrchr(path, '/');
	int fd, error;

	(void)snprintf(directory, sizeof(directory), "%.*s", slash ? (int)(slash - path) : 1,
		       slash ? path : ".");
	fd = open(directory[0] ? directory : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	error = fd >= 0 && fsync(fd) == 0 ? 0 : -errno;
	fdio_close(&fd);
	return error;
}

int line_file_write(const struct line_file *file, const char *path)
{
	char fresh[PATH_MAX];
	int fd, error;

	if (snprintf(fresh, sizeof(fresh), "%s.new", path) >= (int)sizeof(fresh))
		return -ENAMETOOLONG;
	if (unlink(fresh) != 0 && errno != ENOENT)
		return -errno;
	fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, NEW_FILE_MODE);
	if (fd < 0)
		return -errno;
	error = write_lines(file, fd);
	if (!error && rename(fresh, path) != 0)
		error = -errno;
	if (error) {
		(void)unlink(fresh); /* the error that counts is the first one */
		return error;
	}
	return sync_directory(path);
}
