/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages with a passed descriptor: exactly one, close-on-exec, and none left behind. */
#include "tests/unit/unit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pptpd/base/fdio.h"

struct pair {
	int ends[2];
	int open_before; /* descriptors of the process */
};

static int count_open(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int count = 0;

	assert_non_null(dir);
	while (readdir(dir))
		count++;
	(void)closedir(dir);
	return count;
}

static int setup(void **state)
{
	struct pair *pair = malloc(sizeof(*pair));

	if (!pair)
		return -1;
	*state = pair;
	pair->open_before = count_open();
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair->ends);
}

/* Whatever a test did, no descriptor is left. */
static int teardown(void **state)
{
	struct pair *pair = *state;
	int left;

	fdio_close(&pair->ends[0]);
	fdio_close(&pair->ends[1]);
	left = count_open() - pair->open_before;
	free(pair);
	return left;
}

static void assert_received(int socket, const char *expected)
{
	char buffer[64];
	int fd = 4711;

	assert_int_equal(fdio_receive_message(socket, buffer, sizeof(buffer), &fd),
			 strlen(expected));
	assert_memory_equal(buffer, expected, strlen(expected));
	assert_int_equal(fd, -1);
}

static void flags_are_set(void **state)
{
	struct pair *pair = *state;
	int fd = dup(pair->ends[0]);

	assert_int_equal(fcntl(fd, F_GETFD), 0);
	assert_int_equal(fdio_set_flags(fd), 0);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
	fdio_close(&fd);
	assert_int_equal(fd, -1);
	assert_int_equal(fdio_set_flags(fd), -EBADF);
}

static void close_keeps_errno_and_accepts_none(void **state UNUSED)
{
	int none = -1, gone = 1000;

	errno = ENOENT;
	fdio_close(&none);
	fdio_close(&gone); /* fails inside */
	assert_int_equal(errno, ENOENT);
	assert_int_equal(gone, -1);
}

static void messages_keep_their_bounds(void **state)
{
	struct pair *pair = *state;

	assert_int_equal(fdio_send_message(pair->ends[0], "abc", 3, -1), 0);
	assert_int_equal(fdio_send_message(pair->ends[0], "de", 2, -1), 0);
	assert_received(pair->ends[1], "abc");
	assert_received(pair->ends[1], "de");
}

static void passed_descriptor_is_the_same_file(void **state)
{
	struct pair *pair = *state;
	int pipe_ends[2], fd = -1;
	char buffer[8];

	assert_int_equal(pipe2(pipe_ends, O_CLOEXEC), 0);
	assert_int_equal(fdio_send_message(pair->ends[0], "x", 1, pipe_ends[1]), 0);
	fdio_close(&pipe_ends[1]);
	assert_int_equal(fdio_receive_message(pair->ends[1], buffer, sizeof(buffer), &fd), 1);
	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	assert_int_equal(write(fd, "y", 1), 1);
	assert_int_equal(read(pipe_ends[0], buffer, 1), 1);
	assert_int_equal(buffer[0], 'y');
	fdio_close(&fd);
	fdio_close(&pipe_ends[0]);
}

/* Sends `count` descriptors with `len` bytes, in one or two control messages. */
static void send_several(int socket, size_t len, unsigned count)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(8 * sizeof(int))];
	} control = {0};
	char bytes[64] = {0};
	struct iovec iov = {.iov_base = bytes, .iov_len = len};
	struct msghdr message = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = CMSG_SPACE(count * sizeof(int)),
	};

	control.header.cmsg_level = SOL_SOCKET;
	control.header.cmsg_type = SCM_RIGHTS;
	control.header.cmsg_len = CMSG_LEN(count * sizeof(int));
	for (unsigned i = 0; i < count; i++)
		memcpy(CMSG_DATA(&control.header) + i * sizeof(int), &socket, sizeof(int));
	assert_int_equal(sendmsg(socket, &message, 0), len);
}

static void several_descriptors_are_refused_and_closed(void **state)
{
	struct pair *pair = *state;
	char buffer[64];
	int fd = 4711;

	for (unsigned count = 2; count <= 8; count++) {
		send_several(pair->ends[0], 3, count);
		assert_int_equal(fdio_receive_message(pair->ends[1], buffer, sizeof(buffer), &fd),
				 -EBADMSG);
		assert_int_equal(fd, 4711);
	}
	assert_int_equal(fdio_send_message(pair->ends[0], "abc", 3, -1), 0);
	assert_received(pair->ends[1], "abc");
}

static void message_that_does_not_fit_is_refused_and_its_descriptor_closed(void **state)
{
	struct pair *pair = *state;
	char buffer[3];
	int fd = 4711;

	assert_int_equal(fdio_send_message(pair->ends[0], "abcd", 4, pair->ends[0]), 0);
	assert_int_equal(fdio_receive_message(pair->ends[1], buffer, sizeof(buffer), &fd),
			 -EBADMSG);
	assert_int_equal(fd, 4711);
	assert_int_equal(fdio_send_message(pair->ends[0], "abc", 3, -1), 0);
	assert_received(pair->ends[1], "abc");
}

static void descriptor_of_an_empty_message_is_closed(void **state)
{
	struct pair *pair = *state;
	char buffer[8];
	int fd = 4711;

	send_several(pair->ends[0], 0, 1);
	assert_int_equal(fdio_receive_message(pair->ends[1], buffer, sizeof(buffer), &fd), 0);
	assert_int_equal(fd, -1);
}

static void end_of_the_other_side_is_zero(void **state)
{
	struct pair *pair = *state;
	char buffer[8];
	int fd = 4711;

	assert_int_equal(fdio_receive_message(pair->ends[1], buffer, sizeof(buffer), &fd), -EAGAIN);
	fdio_close(&pair->ends[0]);
	assert_int_equal(fdio_receive_message(pair->ends[1], buffer, sizeof(buffer), &fd), 0);
	assert_int_equal(fdio_send_message(pair->ends[1], "x", 1, -1), -EPIPE);
}

static void full_socket_says_so(void **state)
{
	struct pair *pair = *state;
	int error = 0;

	for (unsigned i = 0; i < 100000 && !error; i++)
		error = fdio_send_message(pair->ends[0], "abc", 3, -1);
	assert_int_equal(error, -EAGAIN);
	assert_received(pair->ends[1], "abc");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(flags_are_set),
		TEST(close_keeps_errno_and_accepts_none),
		TEST(messages_keep_their_bounds),
		TEST(passed_descriptor_is_the_same_file),
		TEST(several_descriptors_are_refused_and_closed),
		TEST(message_that_does_not_fit_is_refused_and_its_descriptor_closed),
		TEST(descriptor_of_an_empty_message_is_closed),
		TEST(end_of_the_other_side_is_zero),
		TEST(full_socket_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
