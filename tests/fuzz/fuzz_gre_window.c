/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any sequence of numbers and pauses: what is delivered ascends unless the window says that it
 * followed new numbers, it holds no more than its ring and nothing for longer than the longest
 * wait, and nothing makes it deaf.
 */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "pptpctrl/pptp/gre_window.h"
#include "pptpd/base/bytes.h"
#include "pptpd/base/util.h"

/* A little more than the window ever waits for a gap. */
#define LONGEST_WAIT_US 300000

/* As many LCP echoes lost in a row end a link. */
#define PROBES 3

struct fuzz {
	struct gre_window *window;
	struct mono now;
	uint64_t received;
	bool delivered;
	uint32_t last;
	uint64_t resyncs; /* when `last` was delivered */
	uint32_t probe;   /* the first of PROBES packets at the end */
	unsigned probes_through;
};

static void on_payload(void *context, const uint8_t *payload, size_t len)
{
	struct fuzz *fuzz = context;
	uint64_t resyncs = gre_window_counters(fuzz->window)->resyncs;
	uint32_t number;

	MUST(len >= sizeof(number));
	memcpy(&number, payload, sizeof(number));
	MUST(!fuzz->delivered || resyncs != fuzz->resyncs || (int32_t)(number - fuzz->last) > 0);
	fuzz->delivered = true;
	if (number - fuzz->probe < PROBES)
		fuzz->probes_through++;
	fuzz->last = number;
	fuzz->resyncs = resyncs;
}

static void check(const struct fuzz *fuzz)
{
	const struct gre_window_counters *c = gre_window_counters(fuzz->window);
	uint64_t done = c->delivered + c->old + c->stray + c->no_memory;
	struct mono when;

	MUST(done <= fuzz->received && fuzz->received - done <= GRE_WINDOW_RING + 1);
	if (gre_window_deadline(fuzz->window, &when))
		MUST(mono_diff_us(when, fuzz->now) <= LONGEST_WAIT_US);
	else
		MUST(done == fuzz->received);
}

/* Time passes, with a timer that fires when the window asked for it. */
static void pass_time(struct fuzz *fuzz, int64_t us)
{
	struct mono end = mono_add_us(fuzz->now, us);
	struct mono when;

	while (gre_window_deadline(fuzz->window, &when) && !mono_before(end, when)) {
		if (mono_before(fuzz->now, when))
			fuzz->now = when;
		if (gre_window_ack_due(fuzz->window, fuzz->now))
			gre_window_ack_sent(fuzz->window);
		gre_window_expire(fuzz->window, fuzz->now);
		check(fuzz);
	}
	fuzz->now = end;
}

static void receive(struct fuzz *fuzz, uint32_t number, size_t len)
{
	static uint8_t payload[UINT16_MAX];

	memcpy(payload, &number, sizeof(number));
	fuzz->received++;
	gre_window_receive(fuzz->window, number, payload, MAX(len, sizeof(number)), fuzz->now);
	gre_window_acked(fuzz->window, number);
	check(fuzz);
}

/* Steps of four bytes: how far the number jumps, how long the packet is, how much time passes. */
static void run(struct fuzz *fuzz, struct byte_reader *in)
{
	uint32_t number = rd_u32(in);

	while (rd_left(in) >= 4) {
		uint8_t step = rd_u8(in);
		uint8_t value = rd_u8(in);
		size_t len = (size_t)rd_u8(in) * 256;
		uint8_t pause = rd_u8(in);

		if (step < 128)
			number += step - 64u;
		else if (step < 192)
			number += (uint32_t)value << (step % 32);
		else if (step < 255)
			number -= (uint32_t)value << (step % 32);
		receive(fuzz, number, len);
		pass_time(fuzz, (int64_t)pause * pause * 40);
	}
	/* Whatever came before, one of three slow packets in sequence comes through. */
	pass_time(fuzz, 1000000);
	fuzz->probe = number + 5;
	fuzz->probes_through = 0;
	for (uint32_t i = 0; i < PROBES; i++) {
		receive(fuzz, fuzz->probe + i, 0);
		pass_time(fuzz, 1000000);
	}
	MUST(fuzz->probes_through);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct byte_reader in = rd_init(data, size);
	struct fuzz fuzz = {.now.us = 1000000};

	fuzz.window = gre_window_new(on_payload, &fuzz);
	MUST(fuzz.window);
	run(&fuzz, &in);
	pass_time(&fuzz, LONGEST_WAIT_US);
	MUST(!gre_window_deadline(fuzz.window, &fuzz.now));
	gre_window_free(fuzz.window);
	return 0;
}
