/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages of the load tool and its pppd; see the header. */
#include "tests/bench/load/probe.h"

#include <string.h>

#include "pptpd/base/bytes.h"
#include "pptpd/base/util.h"

#define IP_HEADER_LEN 20

/* An IP protocol for experiments, RFC 3692. */
#define IP_PROTOCOL 253

#define IP_VERSION_AND_LENGTH 0x45
#define PPP_ADDRESS_CONTROL   0xff03
#define PPP_IP                0x0021

#define MAGIC 0x6c6f6164

/* No report for so long: what is outstanding is lost. */
#define GIVE_UP_US 200000

/* Packets that may be on their way at first, and after whatever losses: two reports' worth. */
#define WINDOW_MIN (2 * PROBE_REPORT_EVERY)

/* All of a filling that never changes: xorshift, once. */
static const uint8_t *filling(void)
{
	static uint8_t bytes[PROBE_MAX];
	uint32_t x = MAGIC;

	if (!bytes[0]) {
		for (size_t i = 0; i < sizeof(bytes); i++) {
			x ^= x << 13;
			x ^= x >> 17;
			x ^= x << 5;
			bytes[i] = (uint8_t)x;
		}
		bytes[0] = 1;
	}
	return bytes;
}

void probe_encode(const struct probe *probe, size_t size, uint8_t *out)
{
	struct byte_writer to = wr_init(out, PROBE_PPP_LEN + size);

	wr_u16(&to, PPP_ADDRESS_CONTROL);
	wr_u16(&to, PPP_IP);
	wr_u8(&to, IP_VERSION_AND_LENGTH);
	wr_u8(&to, 0);
	wr_u16(&to, size);
	wr_zero(&to, 4);
	wr_u8(&to, 64);
	wr_u8(&to, IP_PROTOCOL);
	wr_zero(&to, 10);
	wr_u32(&to, MAGIC);
	wr_u8(&to, probe->kind);
	wr_u8(&to, MIN(probe->window / 16, 255u));
	wr_u16(&to, probe->size);
	wr_u32(&to, probe->sequence);
	wr_u64(&to, probe->value);
	wr_copy(&to, filling(), size - PROBE_MIN);
}

bool probe_decode(const uint8_t *packet, size_t len, struct probe *ret_probe)
{
	struct byte_reader in = rd_init(packet, len);
	struct probe probe;
	uint8_t protocol;
	uint32_t magic;

	rd_skip(&in, 9);
	protocol = rd_u8(&in);
	rd_skip(&in, IP_HEADER_LEN - 10);
	magic = rd_u32(&in);
	probe.kind = rd_u8(&in);
	probe.window = 16u * rd_u8(&in);
	probe.size = rd_u16(&in);
	probe.sequence = rd_u32(&in);
	probe.value = rd_u64(&in);
	if (rd_failed(&in) || protocol != IP_PROTOCOL || magic != MAGIC)
		return false;
	*ret_probe = probe;
	return true;
}

void probe_sender_start(struct probe_sender *sender, uint32_t window, uint32_t rate,
			struct mono now)
{
	*sender = (struct probe_sender){.window_max = window,
					.window = MIN(window, WINDOW_MIN),
					.rate = rate,
					.begun = now,
					.moved = now};
}

uint32_t probe_sender_allowed(struct probe_sender *sender, struct mono now)
{
	uint32_t outstanding;

	if (mono_diff_us(now, sender->moved) > GIVE_UP_US) {
		sender->base = sender->next;
		sender->moved = now;
	}
	outstanding = sender->next - sender->base;
	if (outstanding >= sender->window)
		return 0;
	if (sender->rate && mono_before(now, sender->begun))
		return 0;
	if (sender->rate) {
		uint64_t due = (uint64_t)mono_diff_us(now, sender->begun) * sender->rate / 1000000;

		if (due <= sender->next)
			return 0;
		return (uint32_t)MIN(due - sender->next, sender->window - outstanding);
	}
	return sender->window - outstanding;
}

/* By one for each window of packets that came. */
static void grow(struct probe_sender *sender, uint32_t came)
{
	sender->grown += came;
	if (sender->grown < sender->window)
		return;
	sender->grown = 0;
	sender->window = MIN(sender->window + 1, sender->window_max);
}

void probe_sender_reported(struct probe_sender *sender, uint32_t base, uint32_t lost,
			   struct mono now)
{
	bool news = lost != sender->lost;

	if (base - sender->base > sender->next - sender->base)
		return;
	if (!news) {
		grow(sender, base - sender->base);
	} else if ((int32_t)(base - sender->recovered) > 0) {
		sender->recovered = sender->next;
		sender->window = MAX(sender->window / 2, MIN(WINDOW_MIN, sender->window_max));
	}
	sender->lost = lost;
	sender->base = base;
	sender->moved = now;
}

bool probe_receiver_take(struct probe_receiver *receiver, const struct probe *probe, size_t len)
{
	receiver->count++;
	receiver->bytes += len;
	if (probe->sequence >= receiver->behind)
		receiver->behind = probe->sequence + 1;
	else
		receiver->late++;
	return receiver->count % PROBE_REPORT_EVERY == 0;
}

struct probe probe_receiver_report(const struct probe_receiver *receiver)
{
	return (struct probe){
		.kind = PROBE_REPORT, .sequence = receiver->behind, .value = receiver->count};
}
