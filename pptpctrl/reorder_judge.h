/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether the packets of a path overtake each other often enough to matter, judged by the sequence
 * numbers of a sample. Pure.
 */
#ifndef PPTPCTRL_REORDER_JUDGE_H
#define PPTPCTRL_REORDER_JUDGE_H

#include <stdbool.h>
#include <stdint.h>

/* Calls told apart in one sample; packets of any more are not looked at. */
#define REORDER_JUDGE_CALLS 64

/* How far behind the highest number a late packet is still told from one that comes twice. */
#define REORDER_JUDGE_WINDOW 256

struct reorder_judge_call {
	uint16_t call_id;
	uint32_t highest;
	uint64_t seen[REORDER_JUDGE_WINDOW / 64]; /* by number, of those up to the highest */
};

/*
 * Counts are those of all calls together: the calls of one client share its path, and of each there
 * may be only a few packets.
 */
struct reorder_judge {
	unsigned packets;
	unsigned late; /* of these, lower than one that came before, and not for the second time */
	unsigned call_count;
	struct reorder_judge_call calls[REORDER_JUDGE_CALLS];
};

/* Forgets all: before each sample, since between two of them numbers pass unseen. */
void reorder_judge_begin(struct reorder_judge *judge);

void reorder_judge_packet(struct reorder_judge *judge, uint16_t call_id, uint32_t sequence);

/* Whether a receiver that drops what is late would drop a noticeable share. */
bool reorder_judge_is_noticeable(const struct reorder_judge *judge);

#endif
