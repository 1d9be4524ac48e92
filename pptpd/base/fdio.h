/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Descriptors: flags, and whole messages with one passed descriptor over a packet socket. */
#ifndef PPTPD_BASE_FDIO_H
#define PPTPD_BASE_FDIO_H

#include <stddef.h>
#include <sys/types.h>

/* Makes `fd` non-blocking and close-on-exec. Returns 0 or a negative errno. */
int fdio_set_flags(int fd);

/* Closes *fd unless it is negative, and sets it to -1. Keeps errno. */
void fdio_close(int *fd);

/*
 * The same for a descriptor that another process passed without being asked to: it may be a socket
 * that close(2) would wait for (SO_LINGER).
 */
void fdio_close_passed(int *fd);

/*
 * Sends one message on an AF_UNIX SOCK_SEQPACKET socket, with a copy of `passed_fd` unless that
 * is negative. Returns 0 or a negative errno (-EAGAIN: the socket is full).
 */
int fdio_send_message(int socket, const void *data, size_t len, int passed_fd);

/*
 * Receives one message of at most `capacity` bytes. *ret_fd is the descriptor that came with it
 * (close-on-exec, the caller's from now on) or -1; more than one descriptor are all closed and
 * -EBADMSG is returned, as for a message that did not fit. Returns the length, 0 when the other
 * end is gone or sent an empty message (its descriptor is closed), or a negative errno.
 */
ssize_t fdio_receive_message(int socket, void *buffer, size_t capacity, int *ret_fd);

#endif
