/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The channel on a pseudo-terminal, against a pppd's side that this test plays. */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include "pptpctrl/hdlc.h"
#include "pptpctrl/ppp_channel.h"

/* Milliseconds after which a test that would hang fails. */
#define PATIENCE_MS 10000

static const uint8_t request[] = {0xff, 0x03, 0xc0, 0x21, 0x01, 0x01, 0x00, 0x04};

struct side {
	struct ev_loop *loop;
	struct ppp_channel *channel;
	int pppd; /* descriptor of the terminal */
	unsigned frames;
	bool stopped;
};

static void on_frame(void *context, const uint8_t *frame, size_t len)
{
	struct side *side = context;

	assert_int_equal(len, sizeof(request));
	assert_memory_equal(frame, request, len);
	side->frames++;
}

static void on_stopped(void *context)
{
	struct side *side = context;

	side->stopped = true;
}

static const struct ppp_channel_ops ops = {.frame = on_frame, .stopped = on_stopped};

static int setup(void **state)
{
	struct side *side = calloc(1, sizeof(*side));
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	struct termios mode;

	assert_non_null(side);
	assert_true(master >= 0);
	assert_int_equal(grantpt(master), 0);
	assert_int_equal(unlockpt(master), 0);
	side->pppd = open(ptsname(master), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	assert_true(side->pppd >= 0);
	assert_int_equal(tcgetattr(side->pppd, &mode), 0);
	cfmakeraw(&mode);
	assert_int_equal(tcsetattr(side->pppd, TCSANOW, &mode), 0);
	side->loop = ev_loop_new(EVFLAG_AUTO);
	side->channel = ppp_channel_pty(side->loop, master, &ops, side);
	assert_non_null(side->channel);
	*state = side;
	return 0;
}

static int teardown(void **state)
{
	struct side *side = *state;

	ppp_channel_free(side->channel);
	ev_loop_destroy(side->loop);
	if (side->pppd >= 0)
		close(side->pppd);
	free(side);
	return 0;
}

static bool pppd_gets_input(const struct side *side, int patience_ms)
{
	struct pollfd fd = {.fd = side->pppd, .events = POLLIN};

	return poll(&fd, 1, patience_ms) == 1;
}

static bool pppd_has_input(const struct side *side)
{
	return pppd_gets_input(side, 0);
}

/* What pppd finds at its terminal must be the frames that were sent. */
static void expect_at_pppd(const struct side *side, unsigned count)
{
	struct hdlc_decoder decoder;
	struct hdlc_frame room;
	uint8_t bytes[4096];
	struct byte_reader in;
	const uint8_t *frame;
	size_t frame_len;
	ssize_t len;

	/* The kernel carries bytes from one side to the other in its own time. */
	assert_true(pppd_gets_input(side, PATIENCE_MS));
	len = read(side->pppd, bytes, sizeof(bytes));
	assert_true(len > 0);
	in = rd_init(bytes, (size_t)len);
	hdlc_decoder_init(&decoder);
	while (hdlc_decoder_next(&decoder, &in, &room, &frame, &frame_len)) {
		assert_int_equal(frame_len, sizeof(request));
		assert_memory_equal(frame, request, frame_len);
		count--;
	}
	assert_int_equal(count, 0);
	hdlc_decoder_done(&decoder);
}

static void frames_of_one_wake_up_are_written_when_the_loop_would_sleep(void **state)
{
	struct side *side = *state;

	ppp_channel_send(side->channel, request, sizeof(request));
	ppp_channel_send(side->channel, request, sizeof(request));
	assert_false(pppd_has_input(side));
	ev_run(side->loop, EVRUN_NOWAIT);
	expect_at_pppd(side, 2);
}

static void many_bytes_do_not_wait_for_the_end_of_the_wake_up(void **state)
{
	struct side *side = *state;

	for (unsigned i = 0; i < 4096 && !pppd_has_input(side); i++)
		ppp_channel_send(side->channel, request, sizeof(request));
	assert_true(pppd_gets_input(side, PATIENCE_MS));
}

/*
 * Such as the Terminate-Request of a client that hangs up right after it. A terminal may forget
 * what was written when its master is closed, so here a socket stands for it.
 */
static void frames_are_written_before_the_channel_closes(void **state UNUSED)
{
	struct side side = {.loop = ev_loop_new(EVFLAG_AUTO)};
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	side.pppd = pair[1];
	side.channel = ppp_channel_pty(side.loop, pair[0], &ops, &side);
	assert_non_null(side.channel);
	ppp_channel_send(side.channel, request, sizeof(request));
	ppp_channel_free(side.channel);
	expect_at_pppd(&side, 1);
	close(side.pppd);
	ev_loop_destroy(side.loop);
}

static void the_end_of_pppd_is_told_once(void **state)
{
	struct side *side = *state;

	ppp_channel_send(side->channel, request, sizeof(request));
	close(side->pppd);
	side->pppd = -1;
	while (!side->stopped)
		ev_run(side->loop, EVRUN_ONCE);
	side->stopped = false;
	ppp_channel_send(side->channel, request, sizeof(request));
	ev_run(side->loop, EVRUN_NOWAIT);
	assert_false(side->stopped);
}

static void frames_of_pppd_are_given(void **state)
{
	struct side *side = *state;
	uint8_t encoded[HDLC_ENCODED_MAX(sizeof(request))];
	size_t len;

	len = hdlc_encode(&hdlc_escapes_all, request, sizeof(request), encoded, sizeof(encoded));
	assert_int_equal(write(side->pppd, encoded, len), len);
	while (!side->frames)
		ev_run(side->loop, EVRUN_ONCE);
	assert_int_equal(side->frames, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(frames_of_pppd_are_given, setup, teardown),
		cmocka_unit_test_setup_teardown(
			frames_of_one_wake_up_are_written_when_the_loop_would_sleep, setup,
			teardown),
		cmocka_unit_test_setup_teardown(many_bytes_do_not_wait_for_the_end_of_the_wake_up,
						setup, teardown),
		cmocka_unit_test(frames_are_written_before_the_channel_closes),
		cmocka_unit_test_setup_teardown(the_end_of_pppd_is_told_once, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
