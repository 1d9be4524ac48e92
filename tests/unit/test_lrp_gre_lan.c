/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When trouble with the LAN's GRE packets is told; a capture of the test's own stands below. */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lrp/gre_lan.h"
#include "pptpd/base/fdio.h"
#include "pptpd/base/log.h"
#include "tests/unit/pptpd_help.h"

/* Time runs so much faster. */
#define HASTE 1000

struct mono __real_mono_now(void);
struct mono __wrap_mono_now(void);
void __real_ev_timer_start(struct ev_loop *loop, ev_timer *timer);
void __wrap_ev_timer_start(struct ev_loop *loop, ev_timer *timer);

static struct mono begun;

struct mono __wrap_mono_now(void)
{
	struct mono now = __real_mono_now();

	return mono_add_ms(begun, mono_diff_us(now, begun) * HASTE / 1000);
}

void __wrap_ev_timer_start(struct ev_loop *loop, ev_timer *timer)
{
	ev_timer_set(timer, ev_timer_remaining(loop, timer) / HASTE, 0.);
	__real_ev_timer_start(loop, timer);
}

static struct {
	int pair[2]; /* what is written to the second one makes the capture readable */
	struct capture_counters counters;
} fake;

void capture_close(struct capture *capture UNUSED)
{
	fdio_close(&fake.pair[0]);
}

int capture_fd(const struct capture *capture UNUSED)
{
	return fake.pair[0];
}

bool capture_read(struct capture *capture UNUSED, unsigned limit UNUSED,
		  capture_packet *packet UNUSED, void *context UNUSED,
		  char ret_error[CAPTURE_ERROR_MAX] UNUSED)
{
	char byte;

	return read(fake.pair[0], &byte, 1) == 1;
}

struct capture_counters capture_counters(const struct capture *capture UNUSED)
{
	return fake.counters;
}

static void on_broken(void *context UNUSED, const char *why UNUSED)
{
	fail();
}

static void pass_s(struct ev_loop *loop, int64_t seconds)
{
	struct mono end = mono_add_ms(__wrap_mono_now(), seconds * 1000);

	while (mono_before(__wrap_mono_now(), end)) {
		ev_run(loop, EVRUN_NOWAIT);
		(void)usleep(200);
	}
}

static void packets_come_too_fast(void)
{
	fake.counters.dropped += 5;
	assert_int_equal(write(fake.pair[1], "", 1), 1);
}

static void trouble_within_the_limit_of_lines_is_told_when_that_is_over(void **state UNUSED)
{
	struct ev_loop *loop = ev_loop_new(EVFLAG_AUTO);
	struct gre_lan_settings settings = {.interface = "lan0", .broken = on_broken};
	struct gre_lan *gre;

	caught_begin();
	begun = __real_mono_now();
	assert_int_equal(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fake.pair), 0);
	settings.raw_gre = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	gre = gre_lan_new(loop, &settings);
	assert_non_null(gre);
	packets_come_too_fast();
	pass_s(loop, 10);
	assert_int_equal(caught_with("5 came too fast"), 1);
	packets_come_too_fast();
	pass_s(loop, 10);
	packets_come_too_fast(); /* the last one for long */
	pass_s(loop, 10);
	assert_int_equal(caught_with("came too fast"), 1);
	pass_s(loop, 120);
	assert_int_equal(caught_with("10 came too fast"), 1);
	pass_s(loop, 200);
	assert_int_equal(caught_with("came too fast"), 2);
	gre_lan_free(gre);
	fdio_close(&fake.pair[1]);
	ev_loop_destroy(loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(trouble_within_the_limit_of_lines_is_told_when_that_is_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
