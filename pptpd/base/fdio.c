/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Descriptor flags and passing; see the header. */
#include "pptpd/base/fdio.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The kernel's own limit (SCM_MAX_FD): room to receive, and close, whatever came. */
#define FDIO_PASSED_MAX 253

int fdio_set_flags(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ||
	    fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
		return -errno;
	return 0;
}

void fdio_close(int *fd)
{
	int saved_errno = errno;

	if (*fd >= 0)
		(void)close(*fd); /* nothing to be done about an error here */
	*fd = -1;
	errno = saved_errno;
}

void fdio_close_passed(int *fd)
{
	const struct linger at_once = {.l_onoff = 0};
	int saved_errno = errno;

	if (*fd >= 0) /* fails on what is no socket, and has nothing to wait for */
		(void)setsockopt(*fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	errno = saved_errno;
	fdio_close(fd);
}

/* Without a descriptor there is no need for sendmsg(2), which a confined process may lack. */
static int send_plain(int socket, const void *data, size_t len)
{
	while (send(socket, data, len, MSG_NOSIGNAL) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	return 0;
}

static int send_with_fd(int socket, const void *data, size_t len, int passed_fd)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct iovec iov = {.iov_base = (void *)(uintptr_t)data, .iov_len = len};
	struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1};
	struct cmsghdr *header = &control.header;

	message.msg_control = &control;
	message.msg_controllen = sizeof(control);
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &passed_fd, sizeof(int));
	while (sendmsg(socket, &message, MSG_NOSIGNAL) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	return 0;
}

int fdio_send_message(int socket, const void *data, size_t len, int passed_fd)
{
	return passed_fd < 0 ? send_plain(socket, data, len)
			     : send_with_fd(socket, data, len, passed_fd);
}

/* Closes all descriptors of the message but returns the only one, or -1 if there was not one. */
static int take_passed(struct msghdr *message, unsigned *ret_count)
{
	int only = -1;
	unsigned count = 0;

	for (struct cmsghdr *h = CMSG_FIRSTHDR(message); h; h = CMSG_NXTHDR(message, h)) {
		size_t fds = (h->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (h->cmsg_level != SOL_SOCKET || h->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < fds; i++) {
			fdio_close_passed(&only);
			memcpy(&only, CMSG_DATA(h) + i * sizeof(int), sizeof(int));
			count++;
		}
	}
	if (count > 1)
		fdio_close_passed(&only);
	*ret_count = count;
	return only;
}

ssize_t fdio_receive_message(int socket, void *buffer, size_t capacity, int *ret_fd)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(FDIO_PASSED_MAX * sizeof(int))];
	} control;
	struct iovec iov = {.iov_base = buffer, .iov_len = capacity};
	struct msghdr message = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	unsigned count;
	ssize_t len;
	int fd;

	do {
		len = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
	} while (len < 0 && errno == EINTR);
	if (len < 0)
		return -errno;
	fd = take_passed(&message, &count);
	if (count > 1 || message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) {
		fdio_close_passed(&fd);
		return -EBADMSG;
	}
	if (!len) /* who is told that the other end is gone does not ask for a descriptor */
		fdio_close_passed(&fd);
	*ret_fd = fd;
	return len;
}
