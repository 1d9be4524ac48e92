/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Becoming a daemon; see the header. */
#include "pptpd/detach.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pptpd/base/fdio.h"
#include "pptpd/base/log.h"

/* One byte when all went well, the end of the pipe when the new process ends. */
static enum detach_side wait_for_daemon(int link, pid_t pid)
{
	char byte;
	ssize_t got;

	do {
		got = read(link, &byte, 1);
	} while (got < 0 && errno == EINTR);
	if (got == 1)
		return DETACH_GOOD;
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) /* nothing of it is left behind */
		continue;
	return DETACH_BAD;
}

enum detach_side detach_begin(int *ret_link)
{
	enum detach_side side;
	int pair[2];
	pid_t pid;

	if (pipe2(pair, O_CLOEXEC) != 0) {
		log_system(LOG_ERR, "MGR: daemon");
		return DETACH_BAD;
	}
	pid = fork();
	if (pid == 0) {
		fdio_close(&pair[0]);
		(void)setsid(); /* cannot fail in a new process */
		*ret_link = pair[1];
		return DETACH_DAEMON;
	}
	fdio_close(&pair[1]);
	if (pid < 0)
		log_system(LOG_ERR, "MGR: daemon");
	side = pid < 0 ? DETACH_BAD : wait_for_daemon(pair[0], pid);
	fdio_close(&pair[0]);
	return side;
}

void detach_end(int link)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (chdir("/") != 0)
		log_system(LOG_WARNING, "MGR: /");
	for (int fd = STDIN_FILENO; null >= 0 && fd <= STDERR_FILENO; fd++)
		(void)dup2(null, fd); /* cannot fail with valid numbers */
	fdio_close(&null);
	(void)!write(link, "", 1); /* who does not wait any more needs no answer */
	fdio_close(&link);
}
