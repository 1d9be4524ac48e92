/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Going to the background; see the header. */
#include "lrp/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "pptpd/base/fdio.h"
#include "pptpd/base/log.h"

/* Parent: ends as the child says. A child that died closed its end without a byte. */
static void wait_for_child(int fd) __attribute__((noreturn));

static void wait_for_child(int fd)
{
	uint8_t byte;
	ssize_t got;

	do {
		got = read(fd, &byte, sizeof(byte));
	} while (got < 0 && errno == EINTR);
	_exit(got == (ssize_t)sizeof(byte) ? EXIT_SUCCESS : EXIT_FAILURE);
}

int daemon_detach(void)
{
	int ends[2];
	pid_t child;

	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	child = fork();
	if (child < 0) {
		int error = errno;

		fdio_close(&ends[0]);
		fdio_close(&ends[1]);
		return -error;
	}
	if (child) {
		fdio_close(&ends[1]);
		wait_for_child(ends[0]);
	}
	fdio_close(&ends[0]);
	(void)setsid(); /* fails only for a leader, which a new child is not */
	return ends[1];
}

void daemon_ready(int fd, bool keep_stderr)
{
	const uint8_t byte = 0;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (chdir("/"))
		log_system(LOG_WARNING, "chdir to /");
	if (null < 0) {
		log_system(LOG_WARNING, "/dev/null");
	} else {
		(void)dup2(null, STDIN_FILENO);
		(void)dup2(null, STDOUT_FILENO);
		if (!keep_stderr)
			(void)dup2(null, STDERR_FILENO);
		if (null > STDERR_FILENO)
			fdio_close(&null);
	}
	if (write(fd, &byte, sizeof(byte)) != (ssize_t)sizeof(byte))
		log_system(LOG_WARNING, "the starting process is gone");
	fdio_close(&fd);
}
