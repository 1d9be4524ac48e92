/* SPDX-License-Identifier: GPL-2.0-or-later */
/* In which order and at which pace pppd is started. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pptpd/base/log.h"
#include "pptpd/child.h"
#include "pptpd/start_queue.h"
#include "tests/unit/pptpd_help.h"

#define PLACES 2
#define STARTS 64

struct mono __real_mono_now(void);
struct mono __wrap_mono_now(void);

/* A minute passes in no time. */
static int64_t later_ms;

struct mono __wrap_mono_now(void)
{
	return mono_add_ms(__real_mono_now(), later_ms);
}

/* What the queue did: "a1;" started, "b2!1;" refused for reason 1. */
static char done[1024];
static struct start_queue *queue;
static struct start_place places[STARTS];
static unsigned place_count;
static bool starts_fail;

static void note(const struct child *child, uint32_t request, const char *more)
{
	size_t used = strlen(done);

	(void)snprintf(done + used, sizeof(done) - used, "%s%u%s;", child->name, request, more);
}

static void on_start(struct child *child, const struct ipc_call_start *request)
{
	note(child, request->request, starts_fail ? "?" : "");
	if (!starts_fail)
		start_queue_started(queue, &places[place_count++]);
}

static void on_refuse(struct child *child, uint32_t request, enum ipc_refusal reason)
{
	char more[16];

	(void)snprintf(more, sizeof(more), "!%u", (unsigned)reason);
	note(child, request, more);
}

static const struct start_queue_ops ops = {.start = on_start, .refuse = on_refuse};

struct fixture {
	struct ev_loop *loop;
	struct child a, b;
};

static void name_child(struct child *child, const char *name)
{
	(void)snprintf(child->name, sizeof(child->name), "%s", name);
	list_init(&child->waiting);
	child->remote = address_from_in((struct in_addr){.s_addr = htonl(0xc0000207)}, 3000);
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	caught_begin();
	later_ms = 0;
	place_count = 0;
	starts_fail = false;
	done[0] = '\0';
	memset(places, 0, sizeof(places));
	f->loop = ev_loop_new(EVFLAG_AUTO);
	name_child(&f->a, "a");
	name_child(&f->b, "b");
	queue = start_queue_new(f->loop, PLACES, &ops);
	assert_non_null(queue);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	start_queue_free(queue);
	assert_int_equal(f->a.waiting_count, 0);
	assert_int_equal(f->b.waiting_count, 0);
	ev_loop_destroy(f->loop);
	free(f);
	return 0;
}

static void add(struct child *child, uint32_t request)
{
	const struct ipc_call_start start = {.type = IPC_CALL_START, .request = request};

	start_queue_add(queue, child, &start);
}

/* Since the last time. */
static void assert_done(const char *expected)
{
	assert_string_equal(done, expected);
	done[0] = '\0';
}

/* As if the loop had waited as long: its timer is set anew whenever somebody goes. */
static void pass_ms(struct fixture *f, int64_t ms)
{
	struct child nobody;

	name_child(&nobody, "nobody");
	later_ms += ms;
	start_queue_forget(queue, &nobody);
	run_ready(f->loop);
}

static void as_many_as_there_are_places_start_at_once(void **state)
{
	struct fixture *f = *state;

	for (uint32_t i = 1; i <= 5; i++)
		add(&f->a, i);
	assert_done("a1;a2;");
	assert_int_equal(start_queue_waiting(queue), 3);
	assert_int_equal(f->a.waiting_count, 3);
}

static void clients_with_a_request_each_are_served_as_they_came(void **state)
{
	struct fixture *f = *state;

	for (uint32_t i = 1; i <= 3; i++) {
		add(&f->a, i);
		add(&f->b, i);
	}
	assert_done("a1;b1;");
	start_queue_leave(queue, &places[1]);
	assert_done("a2;");
	start_queue_leave(queue, &places[0]);
	assert_done("b2;");
	start_queue_leave(queue, &places[2]);
	start_queue_leave(queue, &places[3]);
	assert_done("a3;b3;");
}

static void many_requests_of_one_child_do_not_keep_others_waiting(void **state)
{
	struct fixture *f = *state;

	for (uint32_t i = 1; i <= 40; i++)
		add(&f->a, i);
	add(&f->b, 1);
	add(&f->b, 2);
	add(&f->b, 3);
	assert_done("a1;a2;");
	for (unsigned i = 0; i < 7; i++)
		start_queue_leave(queue, &places[i]);
	assert_done("a3;b1;a4;b2;a5;b3;a6;");
}

static void child_that_was_served_comes_behind_the_others(void **state)
{
	struct fixture *f = *state;
	struct child c = {.kind = IPC_KIND_DIRECT};

	name_child(&c, "c");
	add(&f->a, 1);
	add(&f->a, 2);
	add(&f->a, 3);
	add(&f->b, 1);
	start_queue_leave(queue, &places[0]); /* a3: then nothing of it waits */
	add(&c, 1);
	add(&f->a, 4);
	for (unsigned i = 1; i < 4; i++)
		start_queue_leave(queue, &places[i]);
	assert_done("a1;a2;a3;b1;c1;a4;");
}

static void place_is_left_once(void **state)
{
	struct fixture *f = *state;

	for (uint32_t i = 1; i <= 5; i++)
		add(&f->a, i);
	start_queue_leave(queue, &places[0]);
	start_queue_leave(queue, &places[0]);
	assert_done("a1;a2;a3;");
}

static void start_that_fails_takes_no_place(void **state)
{
	struct fixture *f = *state;

	add(&f->a, 1);
	add(&f->a, 2);
	add(&f->a, 3);
	add(&f->a, 4);
	starts_fail = true;
	start_queue_leave(queue, &places[0]);
	assert_done("a1;a2;a3?;a4?;");
	starts_fail = false;
	add(&f->a, 5);
	assert_done("a5;");
}

static void cancelled_request_is_refused_and_never_started(void **state)
{
	struct fixture *f = *state;

	for (uint32_t i = 1; i <= 4; i++)
		add(&f->a, i);
	start_queue_cancel(queue, &f->a, 3);
	assert_done("a1;a2;a3!4;");
	start_queue_cancel(queue, &f->a, 3);
	start_queue_cancel(queue, &f->a, 1); /* has started */
	start_queue_cancel(queue, &f->b, 4); /* another's */
	assert_done("");
	start_queue_leave(queue, &places[0]);
	assert_done("a4;");
}

static void requests_of_a_child_that_is_gone_are_forgotten(void **state)
{
	struct fixture *f = *state;

	for (uint32_t i = 1; i <= 3; i++) {
		add(&f->a, i);
		add(&f->b, i);
	}
	start_queue_forget(queue, &f->a);
	assert_int_equal(f->a.waiting_count, 0);
	start_queue_leave(queue, &places[0]);
	assert_done("a1;b1;b2;");
}

static void everything_that_waits_is_refused_when_the_manager_stops(void **state)
{
	struct fixture *f = *state;

	for (uint32_t i = 1; i <= 4; i++)
		add(&f->a, i);
	start_queue_stop(queue);
	assert_done("a1;a2;a3!3;a4!3;");
	assert_int_equal(start_queue_waiting(queue), 0);
}

static void pppd_that_says_nothing_holds_its_place_for_seconds(void **state)
{
	struct fixture *f = *state;

	for (uint32_t i = 1; i <= 3; i++)
		add(&f->a, i);
	pass_ms(f, 2500);
	assert_done("a1;a2;");
	pass_ms(f, 500);
	assert_done("a3;");
	start_queue_leave(queue, &places[0]); /* had none any more */
	add(&f->a, 4);
	add(&f->a, 5);
	assert_done("a4;");
}

static void request_that_waits_too_long_is_refused_as_busy(void **state)
{
	struct fixture *f = *state;

	for (uint32_t i = 1; i <= 42; i++)
		add(&f->a, i);
	add(&f->b, 1);
	for (int i = 0; i < 19; i++)
		pass_ms(f, 3000);
	assert_int_equal(place_count, 40);
	done[0] = '\0';
	pass_ms(f, 2000);
	add(&f->b, 2);
	assert_done("");
	assert_int_equal(caught_with("refused"), 0);
	pass_ms(f, 1000); /* a minute */
	assert_done("a40!1;a41!1;a42!1;b2;");
	assert_int_equal(caught_with("refused"), 1);
	assert_true(caught(LOG_WARNING, "MGR: a call from 192.0.2.7 refused, its turn has not come "
					"in a minute; 3 still wait, 0 more were refused since the "
					"last such line"));
}

static void long_queue_is_told_once(void **state)
{
	struct fixture *f = *state;

	for (uint32_t i = 1; i <= 50; i++)
		add(&f->a, i);
	assert_int_equal(caught_with("calls wait for their pppd to start"), 1);
	assert_true(caught(LOG_INFO, "MGR: 32 calls wait for their pppd to start, 2 are starting"));
}

static void there_are_two_places_for_each_processor(void **state UNUSED)
{
	assert_true(start_queue_usual_places() >= 2);
	assert_int_equal(start_queue_usual_places() % 2, 0);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(as_many_as_there_are_places_start_at_once),
		TEST(clients_with_a_request_each_are_served_as_they_came),
		TEST(many_requests_of_one_child_do_not_keep_others_waiting),
		TEST(child_that_was_served_comes_behind_the_others),
		TEST(place_is_left_once),
		TEST(start_that_fails_takes_no_place),
		TEST(cancelled_request_is_refused_and_never_started),
		TEST(requests_of_a_child_that_is_gone_are_forgotten),
		TEST(everything_that_waits_is_refused_when_the_manager_stops),
		TEST(pppd_that_says_nothing_holds_its_place_for_seconds),
		TEST(request_that_waits_too_long_is_refused_as_busy),
		TEST(long_queue_is_told_once),
		TEST(there_are_two_places_for_each_processor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
