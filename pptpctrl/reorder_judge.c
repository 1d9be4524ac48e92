/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Late packets of a sample; see the header. */
#include "pptpctrl/reorder_judge.h"

#include <string.h>

/* A few late ones prove nothing (a route that changes once), and so does less than one in a
 * hundred. */
#define LATE_MIN       4
#define LATE_SHARE_MIN 100

void reorder_judge_begin(struct reorder_judge *judge)
{
	judge->packets = 0;
	judge->late = 0;
	judge->call_count = 0;
}

static bool test_and_set(struct reorder_judge_call *call, uint32_t sequence)
{
	uint64_t *word = &call->seen[sequence % REORDER_JUDGE_WINDOW / 64];
	uint64_t bit = UINT64_C(1) << sequence % 64;
	bool was_set = *word & bit;

	*word |= bit;
	return was_set;
}

static void forget(struct reorder_judge_call *call, uint32_t sequence)
{
	call->seen[sequence % REORDER_JUDGE_WINDOW / 64] &= ~(UINT64_C(1) << sequence % 64);
}

static void advance(struct reorder_judge_call *call, uint32_t sequence)
{
	if (sequence - call->highest >= REORDER_JUDGE_WINDOW)
		memset(call->seen, 0, sizeof(call->seen));
	else
		for (uint32_t skipped = call->highest + 1; skipped != sequence; skipped++)
			forget(call, skipped);
	forget(call, sequence);
	call->highest = sequence;
}

static struct reorder_judge_call *find(struct reorder_judge *judge, uint16_t call_id,
				       uint32_t sequence)
{
	struct reorder_judge_call *call;

	for (unsigned i = 0; i < judge->call_count; i++)
		if (judge->calls[i].call_id == call_id)
			return &judge->calls[i];
	if (judge->call_count == REORDER_JUDGE_CALLS)
		return NULL;
	call = &judge->calls[judge->call_count++];
	*call = (struct reorder_judge_call){.call_id = call_id, .highest = sequence};
	return call;
}

void reorder_judge_packet(struct reorder_judge *judge, uint16_t call_id, uint32_t sequence)
{
	struct reorder_judge_call *call = find(judge, call_id, sequence);
	uint32_t behind;

	if (!call)
		return;
	judge->packets++;
	behind = call->highest - sequence; /* modulo 2^32, as the numbers */
	if (behind >= UINT32_C(1) << 31)
		advance(call, sequence);
	else if (behind >= REORDER_JUDGE_WINDOW)
		return; /* anything, but no packet that another has overtaken a moment ago */
	if (!test_and_set(call, sequence) && sequence != call->highest)
		judge->late++;
}

bool reorder_judge_is_noticeable(const struct reorder_judge *judge)
{
	return judge->late >= LATE_MIN && judge->late * LATE_SHARE_MIN >= judge->packets;
}
