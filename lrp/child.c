/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Starting the parent's processes; see the header. */
#include "lrp/child.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pptpd/base/fdio.h"
#include "pptpd/base/util.h"

static void settle(void)
{
	const int ignored[] = {SIGTERM, SIGINT, SIGHUP, SIGPIPE};
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (size_t i = 0; i < ARRAY_SIZE(ignored); i++)
		(void)signal(ignored[i], SIG_IGN);
	(void)signal(SIGCHLD, SIG_DFL);
	if (null < 0)
		return;
	(void)dup2(null, STDIN_FILENO);
	(void)dup2(null, STDOUT_FILENO);
	if (!SANITIZED) /* whose reports nobody else would bring */
		(void)dup2(null, STDERR_FILENO);
	if (null > STDERR_FILENO)
		fdio_close(&null);
}

pid_t child_fork(const struct child_origin *origin)
{
	sigset_t all, old;
	pid_t pid;

	(void)sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, &old);
	pid = fork();
	if (pid == 0) {
		settle();
		if (origin)
			origin->forget(origin->context);
	}
	(void)sigprocmask(SIG_SETMASK, &old, NULL);
	return pid;
}

void child_keep_only(int fd)
{
	if (fd > STDERR_FILENO + 1)
		(void)close_range(STDERR_FILENO + 1, (unsigned)fd - 1, 0);
	(void)close_range((unsigned)fd + 1, ~0U, 0);
}

const char *child_end_text(int wait_status, char out[CHILD_END_TEXT_MAX])
{
	if (WIFSIGNALED(wait_status))
		(void)snprintf(out, CHILD_END_TEXT_MAX, "signal %d (%s)", WTERMSIG(wait_status),
			       strsignal(WTERMSIG(wait_status)));
	else
		(void)snprintf(out, CHILD_END_TEXT_MAX, "exit status %d", WEXITSTATUS(wait_status));
	return out;
}
