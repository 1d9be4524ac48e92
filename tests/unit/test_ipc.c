/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The messages between manager and pptpctrl: exact lengths, who may send what, descriptors. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pptpd/ipc.h"
#include "tests/unit/pptpd_help.h"

static const struct {
	uint32_t type;
	enum ipc_sender sender;
	size_t len;
	bool passes;
} messages[] = {
	{IPC_SETTINGS, IPC_FROM_MANAGER, sizeof(struct ipc_settings), false},
	{IPC_CONNECTION, IPC_FROM_MANAGER, sizeof(struct ipc_connection), true},
	{IPC_CALL_STARTED, IPC_FROM_MANAGER, sizeof(struct ipc_call_started), true},
	{IPC_CALL_REFUSED, IPC_FROM_MANAGER, sizeof(struct ipc_call_refused), false},
	{IPC_CALL_ENDED, IPC_FROM_MANAGER, sizeof(struct ipc_call_ended), false},
	{IPC_GRE_OPENED, IPC_FROM_MANAGER, sizeof(struct ipc_gre_opened), true},
	{IPC_RELEASED, IPC_FROM_MANAGER, sizeof(struct ipc_released), false},
	{IPC_STOP, IPC_FROM_MANAGER, sizeof(struct ipc_stop), false},
	{IPC_ADOPTED, IPC_FROM_MANAGER, sizeof(struct ipc_adopted), false},
	{IPC_ADOPTED_CALL, IPC_FROM_MANAGER, sizeof(struct ipc_adopted_call), true},
	{IPC_LINK, IPC_FROM_MANAGER, sizeof(struct ipc_link), true},
	{IPC_LOG, IPC_FROM_PPTPCTRL, sizeof(struct ipc_log), false},
	{IPC_CALL_START, IPC_FROM_PPTPCTRL, sizeof(struct ipc_call_start), false},
	{IPC_CALL_STOP, IPC_FROM_PPTPCTRL, sizeof(struct ipc_call_stop), false},
	{IPC_GRE_OPEN, IPC_FROM_PPTPCTRL, sizeof(struct ipc_gre_open), false},
	{IPC_IDLE, IPC_FROM_PPTPCTRL, sizeof(struct ipc_idle), false},
	{IPC_PEER_NAME, IPC_FROM_PPTPCTRL, sizeof(struct ipc_peer_name), false},
	{IPC_CHECKPOINT, IPC_FROM_PPTPCTRL, sizeof(struct ipc_checkpoint), false},
	{IPC_ADOPT, IPC_FROM_PPTPCTRL, sizeof(struct ipc_adopt), false},
	{IPC_CALL_PROVEN, IPC_FROM_PPTPCTRL, sizeof(struct ipc_call_proven), false},
	{IPC_CALL_READY, IPC_FROM_PPTPCTRL, sizeof(struct ipc_call_ready), false},
	{IPC_CALL_CANCEL, IPC_FROM_PPTPCTRL, sizeof(struct ipc_call_cancel), false},
	{IPC_REORDERED, IPC_FROM_PPTPCTRL, sizeof(struct ipc_reordered), false},
};

static int make_pair(void **state)
{
	int *pair = malloc(2 * sizeof(int));

	*state = pair;
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair);
}

static int close_pair(void **state)
{
	int *pair = *state;

	(void)close(pair[0]);
	(void)close(pair[1]);
	free(pair);
	return 0;
}

/* Sends raw bytes with copies of `count` descriptors. */
static void send_raw(int socket, const void *data, size_t len, const int *fds, size_t count)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(8 * sizeof(int))];
	} control = {0};
	struct iovec iov = {.iov_base = (void *)(uintptr_t)data, .iov_len = len};
	struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1};

	if (count) {
		message.msg_control = &control;
		message.msg_controllen = CMSG_SPACE(count * sizeof(int));
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(count * sizeof(int));
		memcpy(CMSG_DATA(&control.header), fds, count * sizeof(int));
	}
	assert_int_equal(sendmsg(socket, &message, 0), len);
}

static int receive(const int *pair, enum ipc_sender sender, union ipc_message *ret, int *ret_fd)
{
	*ret_fd = -7;
	return ipc_receive(pair[1], sender, ret, ret_fd);
}

static void each_message_arrives_whole_from_its_sender(void **state)
{
	const int *pair = *state;

	for (size_t i = 0; i < ARRAY_SIZE(messages); i++) {
		union ipc_message sent, got;
		int fd;

		memset(&sent, (int)i + 1, sizeof(sent));
		sent.type = messages[i].type;
		assert_int_equal(ipc_len(sent.type), messages[i].len);
		assert_int_equal(ipc_send(pair[0], &sent, -1), 0);
		assert_int_equal(receive(pair, messages[i].sender, &got, &fd), 1);
		assert_memory_equal(&got, &sent, messages[i].len);
		assert_int_equal(fd, -1);
	}
}

static void one_byte_more_or_less_is_refused(void **state)
{
	const int *pair = *state;

	for (size_t i = 0; i < ARRAY_SIZE(messages); i++) {
		uint8_t sent[sizeof(union ipc_message) + 1] = {0};
		union ipc_message got;
		int fd;

		memcpy(sent, &messages[i].type, sizeof(messages[i].type));
		send_raw(pair[0], sent, messages[i].len + 1, NULL, 0);
		assert_int_equal(receive(pair, messages[i].sender, &got, &fd), -EPROTO);
		send_raw(pair[0], sent, messages[i].len - 1, NULL, 0);
		assert_int_equal(receive(pair, messages[i].sender, &got, &fd), -EPROTO);
		assert_int_equal(fd, -7); /* untouched on failure */
	}
}

static void message_of_the_wrong_side_is_refused(void **state)
{
	const int *pair = *state;

	for (size_t i = 0; i < ARRAY_SIZE(messages); i++) {
		union ipc_message sent = {.type = messages[i].type}, got;
		int fd;

		assert_int_equal(ipc_send(pair[0], &sent, -1), 0);
		assert_int_equal(receive(pair,
					 messages[i].sender == IPC_FROM_MANAGER ? IPC_FROM_PPTPCTRL
										: IPC_FROM_MANAGER,
					 &got, &fd),
				 -EPROTO);
	}
}

static void unknown_type_is_refused(void **state)
{
	static const uint32_t unknown[] = {0, 15, 31, 46, 1000, UINT32_MAX};
	const int *pair = *state;

	for (size_t i = 0; i < ARRAY_SIZE(unknown); i++) {
		union ipc_message sent = {.type = unknown[i]}, got;
		int fd;

		assert_int_equal(ipc_len(unknown[i]), 0);
		assert_string_equal(ipc_type_name(unknown[i]), "?");
		send_raw(pair[0], &sent, sizeof(struct ipc_idle), NULL, 0);
		assert_int_equal(receive(pair, IPC_FROM_PPTPCTRL, &got, &fd), -EPROTO);
		send_raw(pair[0], &sent, sizeof(struct ipc_idle), NULL, 0);
		assert_int_equal(receive(pair, IPC_FROM_MANAGER, &got, &fd), -EPROTO);
	}
}

static void message_shorter_than_a_type_is_refused(void **state)
{
	const int *pair = *state;
	union ipc_message got = {.type = IPC_IDLE};
	int fd;

	for (size_t len = 1; len < sizeof(uint32_t); len++) {
		const uint32_t type = IPC_GRE_OPEN;

		send_raw(pair[0], &type, len, NULL, 0);
		assert_int_equal(receive(pair, IPC_FROM_PPTPCTRL, &got, &fd), -EPROTO);
	}
}

static void types_have_their_names(void **state UNUSED)
{
	assert_string_equal(ipc_type_name(IPC_SETTINGS), "IPC_SETTINGS");
	assert_string_equal(ipc_type_name(IPC_ADOPT), "IPC_ADOPT");
}

static void descriptor_travels_with_the_messages_that_may_carry_one(void **state)
{
	const int *pair = *state;
	unsigned before = open_descriptors();

	for (size_t i = 0; i < ARRAY_SIZE(messages); i++) {
		union ipc_message sent = {.type = messages[i].type}, got;
		int fd = -1, result;

		assert_int_equal(ipc_send(pair[0], &sent, STDIN_FILENO), 0);
		result = receive(pair, messages[i].sender, &got, &fd);
		assert_int_equal(result, messages[i].passes ? 1 : -EPROTO);
		if (result == 1) {
			assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
			(void)close(fd);
		}
		assert_int_equal(open_descriptors(), before); /* the refused one is closed */
	}
}

static void several_descriptors_are_all_closed_and_refused(void **state)
{
	const int *pair = *state;
	const int fds[] = {0, 0, 0};
	unsigned before = open_descriptors();
	union ipc_message sent = {.type = IPC_CONNECTION}, got;
	int fd;

	for (size_t count = 2; count <= 3; count++) {
		send_raw(pair[0], &sent, sizeof(sent.connection), fds, count);
		assert_int_equal(receive(pair, IPC_FROM_MANAGER, &got, &fd), -EPROTO);
		assert_int_equal(open_descriptors(), before);
	}
}

/* Else whoever passed it could have our close(2) wait for a peer that never answers. */
static void unwanted_socket_is_closed_without_waiting(void **state)
{
	const struct linger long_time = {.l_onoff = 1, .l_linger = 3600};
	const struct ipc_idle idle = {.type = IPC_IDLE};
	struct linger now = {.l_onoff = 1};
	socklen_t len = sizeof(now);
	const int *pair = *state;
	union ipc_message got;
	int tcp = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), fd;

	assert_int_equal(setsockopt(tcp, SOL_SOCKET, SO_LINGER, &long_time, sizeof(long_time)), 0);
	send_raw(pair[0], &idle, sizeof(idle), &tcp, 1);
	assert_int_equal(receive(pair, IPC_FROM_PPTPCTRL, &got, &fd), -EPROTO);
	assert_int_equal(getsockopt(tcp, SOL_SOCKET, SO_LINGER, &now, &len), 0);
	assert_int_equal(now.l_onoff, 0);
	(void)close(tcp);
}

static void descriptor_with_an_empty_message_is_closed(void **state)
{
	const int *pair = *state;
	const int fds[] = {0};
	unsigned before = open_descriptors();
	union ipc_message got;
	int fd;

	send_raw(pair[0], "", 0, fds, 1);
	assert_int_equal(receive(pair, IPC_FROM_PPTPCTRL, &got, &fd), 0); /* as the end */
	assert_int_equal(open_descriptors(), before);
}

static void nothing_there_is_eagain_and_a_gone_peer_is_zero(void **state)
{
	int *pair = *state;
	union ipc_message got;
	int fd;

	assert_int_equal(receive(pair, IPC_FROM_PPTPCTRL, &got, &fd), -EAGAIN);
	(void)close(pair[0]);
	assert_int_equal(receive(pair, IPC_FROM_PPTPCTRL, &got, &fd), 0);
	pair[0] = -1;
}

static void full_socket_is_eagain_and_a_gone_peer_is_epipe(void **state)
{
	int *pair = *state;
	const union ipc_message sent = {.type = IPC_CHECKPOINT};
	int error = 0;

	for (int i = 0; i < 10000 && !error; i++)
		error = ipc_send(pair[0], &sent, -1);
	assert_int_equal(error, -EAGAIN);
	(void)close(pair[1]);
	pair[1] = -1;
	error = ipc_send(pair[0], &sent, -1);
	assert_true(error == -ECONNRESET || error == -EPIPE);
	assert_int_equal(ipc_send(pair[0], &sent, -1), -EPIPE);
}

#define PAIR_TEST(test) cmocka_unit_test_setup_teardown(test, make_pair, close_pair)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PAIR_TEST(each_message_arrives_whole_from_its_sender),
		PAIR_TEST(one_byte_more_or_less_is_refused),
		PAIR_TEST(message_of_the_wrong_side_is_refused),
		PAIR_TEST(unknown_type_is_refused),
		PAIR_TEST(message_shorter_than_a_type_is_refused),
		cmocka_unit_test(types_have_their_names),
		PAIR_TEST(descriptor_travels_with_the_messages_that_may_carry_one),
		PAIR_TEST(several_descriptors_are_all_closed_and_refused),
		PAIR_TEST(unwanted_socket_is_closed_without_waiting),
		PAIR_TEST(descriptor_with_an_empty_message_is_closed),
		PAIR_TEST(nothing_there_is_eagain_and_a_gone_peer_is_zero),
		PAIR_TEST(full_socket_is_eagain_and_a_gone_peer_is_epipe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
