/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fragments in any order, twice, overlapping, too many, too late: whole datagrams or nothing. */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "lrp/reassembly.h"

#define WHOLE_LEN 3000

static uint8_t whole[65536];
static const struct mono start = {.us = 1000000};

static int setup(void **state)
{
	for (size_t i = 0; i < sizeof(whole); i++)
		whole[i] = (uint8_t)(i * 31 + i / 256);
	*state = reassembly_new();
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	reassembly_free(*state);
	return 0;
}

/* The bytes from `from` to `to` of `whole` as a fragment; the last one if `last`. */
static struct ipv4_header fragment(uint16_t identification, size_t from, size_t to, bool last)
{
	return (struct ipv4_header){
		.source.s_addr = htonl(0x0a000001),
		.destination.s_addr = htonl(0x0a0000fe),
		.protocol = 47,
		.identification = identification,
		.more_fragments = !last,
		.fragment_offset = from,
		.payload = whole + from,
		.payload_len = to - from,
	};
}

/* Adds a packet whose payload is in memory of its own, which is gone afterwards. */
static bool add_at(struct reassembly *r, struct ipv4_header packet, struct mono now,
		   struct ipv4_header *ret_datagram)
{
	uint8_t *exact = malloc(packet.payload_len ? packet.payload_len : 1);
	bool done;

	assert_non_null(exact);
	memcpy(exact, packet.payload, packet.payload_len);
	packet.payload = exact;
	done = reassembly_add(r, &packet, now, ret_datagram);
	free(exact);
	return done;
}

static void assert_waits(struct reassembly *r, struct ipv4_header packet)
{
	struct ipv4_header datagram = {.identification = 4711};

	assert_false(add_at(r, packet, start, &datagram));
	assert_int_equal(datagram.identification, 4711);
}

static void assert_completes(struct reassembly *r, struct ipv4_header packet, size_t len)
{
	struct ipv4_header datagram;

	assert_true(add_at(r, packet, start, &datagram));
	assert_int_equal(datagram.source.s_addr, packet.source.s_addr);
	assert_int_equal(datagram.destination.s_addr, packet.destination.s_addr);
	assert_int_equal(datagram.protocol, packet.protocol);
	assert_int_equal(datagram.identification, packet.identification);
	assert_false(datagram.more_fragments);
	assert_int_equal(datagram.fragment_offset, 0);
	assert_int_equal(datagram.payload_len, len);
	assert_memory_equal(datagram.payload, whole, len);
}

/* `whole` in three pieces: 0, 1, 2. */
static struct ipv4_header piece(uint16_t identification, unsigned index)
{
	return fragment(identification, 1000 * index, 1000 * (index + 1), index == 2);
}

static void whole_packet_passes_through(void **state)
{
	struct ipv4_header packet = fragment(1, 0, 5, true), datagram;

	assert_true(reassembly_add(*state, &packet, start, &datagram));
	assert_ptr_equal(datagram.payload, packet.payload);
	assert_int_equal(datagram.payload_len, 5);
	assert_int_equal(reassembly_counters(*state)->fragments, 0);
}

static void fragments_complete_in_any_order(void **state)
{
	static const unsigned orders[][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
					     {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};

	for (uint16_t i = 0; i < ARRAY_SIZE(orders); i++) {
		assert_waits(*state, piece(i, orders[i][0]));
		assert_waits(*state, piece(i, orders[i][1]));
		assert_completes(*state, piece(i, orders[i][2]), WHOLE_LEN);
	}
	assert_int_equal(reassembly_counters(*state)->completed, ARRAY_SIZE(orders));
}

static unsigned allocations;

void *__real_malloc(size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_realloc(void *memory, size_t size);

void *__wrap_malloc(size_t size)
{
	allocations++;
	return __real_malloc(size);
}

void *__wrap_realloc(void *memory, size_t size)
{
	allocations++;
	return __real_realloc(memory, size);
}

/* Of two whose fragments are mixed, at that. */
static void datagrams_after_the_first_need_no_memory(void **state)
{
	struct ipv4_header parts[] = {fragment(1, 0, 800, false), fragment(2, 0, 400, false),
				      fragment(1, 800, 1500, true), fragment(2, 400, 410, true)};
	struct ipv4_header datagram;

	for (unsigned round = 0; round < 100; round++) {
		for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
			if (reassembly_add(*state, &parts[i], start, &datagram))
				assert_memory_equal(datagram.payload, whole, datagram.payload_len);
		}
		if (round == 0)
			allocations = 0;
	}
	assert_int_equal(reassembly_counters(*state)->completed, 200);
	assert_int_equal(allocations, 0);
}

static void every_part_of_the_key_tells_datagrams_apart(void **state)
{
	struct ipv4_header others[4];

	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		others[i] = fragment(7, 1000, 2000, true);
	others[0].source.s_addr ^= htonl(1);
	others[1].destination.s_addr ^= htonl(1);
	others[2].protocol = 17;
	others[3].identification = 8;
	assert_waits(*state, fragment(7, 0, 1000, false));
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		assert_waits(*state, others[i]);
	assert_completes(*state, fragment(7, 1000, 2000, true), 2000);
}

static void duplicates_are_ignored(void **state)
{
	assert_waits(*state, piece(1, 2));
	assert_waits(*state, piece(1, 2));
	assert_waits(*state, piece(1, 0));
	assert_waits(*state, piece(1, 0));
	assert_waits(*state, piece(1, 2));
	assert_completes(*state, piece(1, 1), WHOLE_LEN);
	assert_int_equal(reassembly_counters(*state)->duplicates, 3);
	assert_int_equal(reassembly_counters(*state)->overlaps, 0);
}

/* `first` and `second` contradict each other: nothing comes of the datagram any more. */
static void assert_contradiction(struct reassembly *r, struct ipv4_header first,
				 struct ipv4_header second)
{
	uint64_t before = reassembly_counters(r)->overlaps;

	assert_waits(r, first);
	assert_waits(r, second);
	assert_int_equal(reassembly_counters(r)->overlaps, before + 1);
	for (unsigned i = 0; i < 3; i++)
		assert_waits(r, piece(first.identification, i));
	assert_int_equal(reassembly_counters(r)->overlaps, before + 1);
}

static void overlap_drops_the_whole_datagram(void **state)
{
	struct ipv4_header other_bytes = piece(9, 1);

	assert_contradiction(*state, piece(1, 1), fragment(1, 0, 1008, false));
	assert_contradiction(*state, piece(2, 1), fragment(2, 1992, 3000, true));
	assert_contradiction(*state, piece(3, 1), fragment(3, 1008, 1016, false));
	assert_contradiction(*state, piece(4, 1), fragment(4, 0, 3000, false));
	assert_contradiction(*state, piece(5, 1), fragment(5, 1000, 2000, true));
	other_bytes.payload = whole;
	assert_contradiction(*state, piece(9, 1), other_bytes);
}

static void fragments_beyond_the_end_drop_the_whole_datagram(void **state)
{
	assert_contradiction(*state, piece(1, 2), fragment(1, 3000, 3008, false));
	assert_contradiction(*state, piece(2, 2), fragment(2, 3000, 3008, true));
	assert_contradiction(*state, piece(3, 2), fragment(3, 1000, 2000, true));
	assert_contradiction(*state, fragment(4, 3000, 3008, false), piece(4, 1 + 1));
}

static void empty_tiny_and_uneven_fragments_are_refused(void **state)
{
	struct reassembly *r = *state;

	assert_waits(r, fragment(1, 0, 0, false));
	assert_waits(r, fragment(1, 1000, 1000, true));
	assert_waits(r, fragment(1, 0, 8, false));
	assert_waits(r, fragment(1, 0, 1001, false));
	assert_waits(r, fragment(1, 1000, 1004, false));
	assert_int_equal(reassembly_counters(r)->refused, 5);
	assert_waits(r, fragment(1, 0, 16, false));
	assert_waits(r, fragment(1, 16, 24, false)); /* refragmentation makes such */
	assert_completes(r, fragment(1, 24, 25, true), 25);
}

static void payload_is_bounded_by_the_ip_length(void **state)
{
	struct reassembly *r = *state;
	size_t step = 65512 / 19 / 8 * 8, from;

	assert_waits(r, fragment(1, 65512, REASSEMBLY_PAYLOAD_MAX + 1, true));
	assert_int_equal(reassembly_counters(r)->refused, 1);
	for (from = 0; from + step < 65512; from += step)
		assert_waits(r, fragment(1, from, from + step, false));
	assert_completes(r, fragment(1, from, REASSEMBLY_PAYLOAD_MAX, true),
			 REASSEMBLY_PAYLOAD_MAX);
}

static void too_many_pieces_drop_the_datagram(void **state)
{
	size_t i;

	assert_waits(*state, fragment(1, 0, 16, false));
	for (i = 1; i + 1 < REASSEMBLY_PIECES_MAX; i++)
		assert_waits(*state, fragment(1, 8 + 8 * i, 16 + 8 * i, false));
	assert_completes(*state, fragment(1, 8 + 8 * i, 16 + 8 * i, true), 16 + 8 * i);

	assert_waits(*state, fragment(2, 0, 16, false));
	for (i = 1; i <= REASSEMBLY_PIECES_MAX; i++)
		assert_waits(*state, fragment(2, 8 + 8 * i, 16 + 8 * i, false));
	assert_int_equal(reassembly_counters(*state)->evicted, 1);
	assert_waits(*state, fragment(2, 8 + 8 * i, 16 + 8 * i, true));
}

static void datagram_is_given_up_when_its_time_is_over(void **state)
{
	struct mono end = mono_add_ms(start, REASSEMBLY_TIMEOUT_MS);
	struct ipv4_header datagram;

	assert_waits(*state, piece(1, 0));
	assert_waits(*state, piece(2, 0));
	assert_waits(*state, piece(2, 1));
	assert_true(add_at(*state, piece(2, 2), mono_add_us(end, -1), &datagram));
	assert_false(add_at(*state, piece(1, 1), end, &datagram));
	assert_false(add_at(*state, piece(1, 2), end, &datagram));
	assert_int_equal(reassembly_counters(*state)->expired, 1);
	assert_true(add_at(*state, piece(1, 0), end, &datagram));
}

static void dropped_datagram_is_forgotten_with_its_time(void **state)
{
	struct mono end = mono_add_ms(start, REASSEMBLY_TIMEOUT_MS);
	struct ipv4_header datagram;

	assert_contradiction(*state, piece(1, 1), fragment(1, 0, 1008, false));
	assert_false(add_at(*state, piece(1, 0), end, &datagram));
	assert_false(add_at(*state, piece(1, 1), end, &datagram));
	assert_true(add_at(*state, piece(1, 2), end, &datagram));
}

static void oldest_of_a_source_makes_room(void **state)
{
	uint16_t i;

	for (i = 0; i <= REASSEMBLY_PER_SOURCE_MAX; i++)
		assert_waits(*state, fragment(i, 0, 1000, false));
	assert_int_equal(reassembly_counters(*state)->evicted, 1);
	for (i = 1; i <= REASSEMBLY_PER_SOURCE_MAX; i++)
		assert_completes(*state, fragment(i, 1000, 1001, true), 1001);
	assert_waits(*state, fragment(0, 1000, 1001, true));
}

/* A fragment of the source with that number. */
static struct ipv4_header from_source(uint32_t number, uint16_t identification, bool last)
{
	struct ipv4_header packet = last ? fragment(identification, 1000, 1001, true)
					 : fragment(identification, 0, 1000, false);

	packet.source.s_addr = htonl(0x0b000000 + number);
	return packet;
}

static void full_source_does_not_push_out_others(void **state)
{
	assert_waits(*state, from_source(1, 0, false));
	for (uint16_t i = 0; i < 10 * REASSEMBLY_PER_SOURCE_MAX; i++)
		assert_waits(*state, from_source(2, i, false));
	assert_completes(*state, from_source(1, 0, true), 1001);
}

static void oldest_of_all_makes_room(void **state)
{
	uint32_t i;

	for (i = 0; i <= REASSEMBLY_DATAGRAMS_MAX; i++)
		assert_waits(*state, from_source(i, 0, false));
	assert_int_equal(reassembly_counters(*state)->evicted, 1);
	for (i = 1; i <= REASSEMBLY_DATAGRAMS_MAX; i++)
		assert_completes(*state, from_source(i, 0, true), 1001);
	assert_waits(*state, from_source(0, 0, true));
}

static void reused_identification_does_not_meet_stale_pieces(void **state)
{
	assert_waits(*state, fragment(0, 1000, 1001, true));
	for (uint16_t i = 1; i <= REASSEMBLY_DISTANCE_MAX; i++) {
		assert_waits(*state, fragment(i, 0, 1000, false));
		assert_completes(*state, fragment(i, 1000, 1001, true), 1001);
	}
	assert_int_equal(reassembly_counters(*state)->expired, 0);
	assert_waits(*state, fragment(1, 0, 1000, false));
	assert_completes(*state, fragment(1, 1000, 1001, true), 1001);
	assert_waits(*state, fragment(0, 0, 1000, false));
	assert_int_equal(reassembly_counters(*state)->expired, 1);
	assert_completes(*state, fragment(0, 1000, 1001, true), 1001);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(whole_packet_passes_through),
		TEST(fragments_complete_in_any_order),
		TEST(datagrams_after_the_first_need_no_memory),
		TEST(every_part_of_the_key_tells_datagrams_apart),
		TEST(duplicates_are_ignored),
		TEST(overlap_drops_the_whole_datagram),
		TEST(fragments_beyond_the_end_drop_the_whole_datagram),
		TEST(empty_tiny_and_uneven_fragments_are_refused),
		TEST(payload_is_bounded_by_the_ip_length),
		TEST(too_many_pieces_drop_the_datagram),
		TEST(datagram_is_given_up_when_its_time_is_over),
		TEST(dropped_datagram_is_forgotten_with_its_time),
		TEST(oldest_of_a_source_makes_room),
		TEST(full_source_does_not_push_out_others),
		TEST(oldest_of_all_makes_room),
		TEST(reused_identification_does_not_meet_stale_pieces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
