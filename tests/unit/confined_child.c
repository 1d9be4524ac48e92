/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A test's processes; see the header. */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/confined_child.h"

#define LINE_MAX_LEN 256

static int result_of(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int child_run(int (*work)(void *context), void *context)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(work(context));
	return result_of(pid);
}

void child_run_status(int (*work)(void *context), void *context, char ret_status[STATUS_MAX])
{
	int done[2], leave[2];
	char byte = 0;
	pid_t pid;

	assert_int_equal(pipe(done), 0);
	assert_int_equal(pipe(leave), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		int result = work(context);

		(void)close(leave[1]);
		(void)!write(done[1], &byte, 1);
		(void)!read(leave[0], &byte, 1);
		_exit(result);
	}
	(void)close(done[1]);
	(void)close(leave[0]);
	assert_int_equal(read(done[0], &byte, 1), 1);
	assert_true(status_read(pid, ret_status));
	(void)close(done[0]);
	(void)close(leave[1]);
	assert_int_equal(result_of(pid), 0);
}

bool status_read(pid_t pid, char ret_status[STATUS_MAX])
{
	char path[64];
	ssize_t len;
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%ld/status", (long)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	len = read(fd, ret_status, STATUS_MAX - 1);
	(void)close(fd);
	if (len < 0)
		return false;
	ret_status[len] = '\0';
	return true;
}

/* Tabs and runs of blanks become one blank, none at the ends. */
static void squeeze(const char *text, size_t len, char out[LINE_MAX_LEN])
{
	size_t used = 0;

	for (size_t i = 0; i < len && used < LINE_MAX_LEN - 1; i++) {
		bool blank = text[i] == ' ' || text[i] == '\t';

		if (!blank)
			out[used++] = text[i];
		else if (used && out[used - 1] != ' ')
			out[used++] = ' ';
	}
	if (used && out[used - 1] == ' ')
		used--;
	out[used] = '\0';
}

bool status_has(const char *status, const char *name, const char *value)
{
	char wanted[LINE_MAX_LEN], line[LINE_MAX_LEN];

	(void)snprintf(wanted, sizeof(wanted), "%s: %s", name, value);
	squeeze(wanted, strlen(wanted), line);
	memcpy(wanted, line, sizeof(wanted));
	for (const char *at = status; *at; at += strcspn(at, "\n"), at += *at == '\n') {
		squeeze(at, strcspn(at, "\n"), line);
		if (strcmp(line, wanted) == 0)
			return true;
	}
	return false;
}
