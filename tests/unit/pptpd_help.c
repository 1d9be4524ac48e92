/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the manager's tests; see the header. */
#include "tests/unit/pptpd_help.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pptpd/base/log.h"

#define CAUGHT_MAX 1024

struct caught_line {
	int severity;
	char text[LOG_LINE_MAX];
};

static struct caught_line lines[CAUGHT_MAX];
static unsigned line_count;

static void catch_line(void *context UNUSED, int severity, const char *line)
{
	if (line_count == CAUGHT_MAX)
		return;
	lines[line_count].severity = severity;
	(void)snprintf(lines[line_count++].text, LOG_LINE_MAX, "%s", line);
}

void caught_begin(void)
{
	line_count = 0;
	log_init(catch_line, NULL, true);
}

bool caught(int severity, const char *line)
{
	for (unsigned i = 0; i < line_count; i++) {
		if (lines[i].severity == severity && strcmp(lines[i].text, line) == 0)
			return true;
	}
	for (unsigned i = 0; i < line_count; i++)
		fprintf(stderr, "logged: <%d> %s\n", lines[i].severity, lines[i].text);
	return false;
}

unsigned caught_with(const char *part)
{
	unsigned count = 0;

	for (unsigned i = 0; i < line_count; i++)
		count += strstr(lines[i].text, part) != NULL;
	return count;
}

unsigned descriptors_in(const char *path)
{
	DIR *directory = opendir(path);
	unsigned count = 0;

	if (!directory)
		return 0;
	while (readdir(directory))
		count++;
	closedir(directory);
	return count;
}

unsigned open_descriptors(void)
{
	return descriptors_in("/proc/self/fd");
}

bool is_cloexec_and_nonblocking(int fd)
{
	return fcntl(fd, F_GETFD) & FD_CLOEXEC && fcntl(fd, F_GETFL) & O_NONBLOCK;
}

static char scratch[64];
static pid_t scratch_owner;

static int remove_one(const char *path, const struct stat *stat UNUSED, int type UNUSED,
		      struct FTW *ftw UNUSED)
{
	return remove(path);
}

static void remove_scratch(void)
{
	if (getpid() == scratch_owner)
		(void)nftw(scratch, remove_one, 8, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

const char *scratch_path(const char *name)
{
	static char path[256];

	if (!scratch[0]) {
		(void)snprintf(scratch, sizeof(scratch), "/tmp/pptpd-test-XXXXXX");
		if (!mkdtemp(scratch))
			abort();
		scratch_owner = getpid();
		atexit(remove_scratch);
	}
	(void)snprintf(path, sizeof(path), "%s/%s", scratch, name);
	return path;
}

const char *scratch_file(const char *name, const char *content)
{
	const char *path = scratch_path(name);
	FILE *file = fopen(path, "w");

	if (!file || fputs(content, file) < 0 || fclose(file) != 0)
		abort();
	return path;
}

const char *file_content(const char *path)
{
	static char content[8192];
	FILE *file = fopen(path, "r");
	size_t len = 0;

	if (file) {
		len = fread(content, 1, sizeof(content) - 1, file);
		fclose(file);
	}
	content[len] = '\0';
	return content;
}

static void on_deadline(struct ev_loop *loop UNUSED, struct ev_timer *timer UNUSED,
			int events UNUSED)
{
}

bool run_until(struct ev_loop *loop, const bool *done)
{
	struct ev_timer deadline;

	ev_timer_init(&deadline, on_deadline, 10., 0.);
	ev_timer_start(loop, &deadline);
	while (!*done && ev_is_active(&deadline))
		ev_run(loop, EVRUN_ONCE);
	ev_timer_stop(loop, &deadline);
	return *done;
}

void run_ready(struct ev_loop *loop)
{
	for (int i = 0; i < 20; i++)
		ev_run(loop, EVRUN_NOWAIT);
}
