/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The system log with a process ID of our choice; see the header. */
#include "pptpd/syslog.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "pptpd/base/fdio.h"
#include "pptpd/base/log.h"

#define SYSLOG_TAG "pptpd"

/*
 * Linux queues ten lines by default, less than a burst has, so a log that is busy is waited for
 * this long. One that took nothing in that time is not waited for again until it has taken a line.
 */
#define WAIT_MS 50

/*
 * A log that takes a line now and then would still stop this process for most of its time: of all
 * time a tenth may be waited, and so long at once.
 */
#define BUDGET_MAX_US 500000
#define BUDGET_PART   10

void syslog_init(struct syslog_writer *writer)
{
	writer->socket = -1;
	writer->stuck = false;
	writer->budget_us = BUDGET_MAX_US;
	writer->budget_at = mono_now();
}

void syslog_done(struct syslog_writer *writer)
{
	fdio_close(&writer->socket);
}

static bool connect_writer(struct syslog_writer *writer)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "/dev/log"};
	const struct timeval wait = {.tv_usec = WAIT_MS * 1000};

	if (writer->socket >= 0)
		return true;
	writer->socket = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (writer->socket >= 0 &&
	    setsockopt(writer->socket, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait)) == 0 &&
	    connect(writer->socket, (struct sockaddr *)&address, sizeof(address)) == 0)
		return true;
	fdio_close(&writer->socket);
	return false;
}

/*
 * The journal believes the credentials of the message before the ID in the text, so the message
 * carries the writer's; the kernel lets root say so of any process that still lives.
 */
static ssize_t send_as(int socket, pid_t pid, const char *line, size_t len, int flags)
{
	const struct ucred as = {.pid = pid, .uid = getuid(), .gid = getgid()};
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(as))];
	} control = {0};
	struct iovec iov = {.iov_base = (void *)(uintptr_t)line, .iov_len = len};
	struct msghdr message = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};

	control.header.cmsg_level = SOL_SOCKET;
	control.header.cmsg_type = SCM_CREDENTIALS;
	control.header.cmsg_len = CMSG_LEN(sizeof(as));
	memcpy(CMSG_DATA(&control.header), &as, sizeof(as));
	return sendmsg(socket, &message, flags);
}

static bool may_wait(struct syslog_writer *writer)
{
	struct mono now = mono_now();

	writer->budget_us += mono_diff_us(now, writer->budget_at) / BUDGET_PART;
	writer->budget_us = MIN(writer->budget_us, BUDGET_MAX_US);
	writer->budget_at = now;
	return !writer->stuck && writer->budget_us >= WAIT_MS * 1000;
}

/* False when the log is gone; a line that it has no room for is lost. */
static bool send_line(struct syslog_writer *writer, pid_t pid, const char *line, size_t len)
{
	int flags = MSG_NOSIGNAL | (may_wait(writer) ? 0 : MSG_DONTWAIT);
	ssize_t sent = -1;

	if (pid != getpid())
		sent = send_as(writer->socket, pid, line, len, flags);
	if (sent < 0 && (pid == getpid() || errno != EAGAIN))
		sent = send(writer->socket, line, len, flags);
	writer->stuck = sent < 0 && errno == EAGAIN;
	writer->budget_us -= mono_diff_us(mono_now(), writer->budget_at);
	return sent >= 0 || writer->stuck;
}

void syslog_write(struct syslog_writer *writer, pid_t pid, int severity, const char *text)
{
	char line[LOG_LINE_MAX + 64], when[32];
	time_t now = time(NULL);
	struct tm local;
	int len;

	if (!localtime_r(&now, &local) || !strftime(when, sizeof(when), "%b %e %H:%M:%S", &local))
		return;
	len = snprintf(line, sizeof(line), "<%d>%s %s[%ld]: %s", LOG_DAEMON | severity, when,
		       SYSLOG_TAG, (long)pid, text);
	if (len < 0)
		return;
	for (int attempt = 0; attempt < 2 && connect_writer(writer); attempt++) {
		if (send_line(writer, pid, line, MIN((size_t)len, sizeof(line) - 1)))
			return;
		fdio_close(&writer->socket); /* the log was restarted: once more */
	}
}
