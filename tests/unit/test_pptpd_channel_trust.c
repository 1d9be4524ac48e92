/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is known of pppd and our plugin: how it is found out, and what makes it doubtful. */
#include "tests/unit/unit.h"

#include <ev.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pptpd/base/log.h"
#include "pptpd/channel_trust.h"
#include "pptpd/errand.h"
#include "tests/unit/pptpd_help.h"

#define TAKES       "#!/bin/sh\necho 'pppd version 2.4.9'\n"
#define TAKES_LATER "#!/bin/sh\nsleep 0.2\necho 'pppd version 2.4.8'\n"
#define REFUSES                                                                              \
	"#!/bin/sh\n[ $1 = plugin ] && { echo first; echo 'no such plugin' >&2; exit 2; }\n" \
	"echo 'pppd version 2.4.9'\n"
#define HANGS "#!/bin/sh\nexec sleep 1000\n"

struct fixture {
	struct ev_loop *loop;
	struct errands *errands;
	struct channel_trust trust;
};

/* In place of the one before, as an upgrade does it. */
static const char *pppd(const char *script)
{
	static char path[256];

	(void)snprintf(path, sizeof(path), "%s", scratch_path("pppd"));
	(void)chmod(scratch_file("pppd.new", script), 0755);
	assert_int_equal(rename(scratch_path("pppd.new"), path), 0);
	return path;
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	caught_begin();
	f->loop = ev_default_loop(EVFLAG_AUTO);
	f->errands = errands_new(f->loop);
	channel_trust_open(&f->trust, pppd(TAKES));
	channel_trust_start(&f->trust, f->errands);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	channel_trust_start(&f->trust, NULL);
	errands_free(f->errands);
	free(f);
	return 0;
}

static void wait_looked(struct fixture *f)
{
	for (int i = 0; i < 1000 && f->trust.looking; i++) {
		run_ready(f->loop);
		(void)usleep(10000);
	}
	assert_false(f->trust.looking);
}

static void pppd_is_asked_for_its_version_and_for_the_plugin(void **state UNUSED)
{
	struct channel_findings found;

	channel_probe(pppd(TAKES), 10000, &found);
	assert_true(found.answered);
	assert_true(found.has_plugin);
	assert_string_equal(found.version, "2.4.9");
	channel_probe(pppd(REFUSES), 10000, &found);
	assert_true(found.answered);
	assert_false(found.has_plugin);
	assert_string_equal(found.version, "");
	assert_string_equal(found.problem, "no such plugin");
}

static void pppd_that_does_not_answer_is_waited_for_no_longer_than_that(void **state UNUSED)
{
	struct channel_findings found;

	channel_probe(pppd(HANGS), 100, &found);
	assert_false(found.answered);
	assert_false(found.has_plugin);
	assert_string_equal(found.problem, "no answer");
}

static void nothing_is_looked_for_where_only_terminals_are_asked_for(void **state UNUSED)
{
	struct channel_trust trust;

	channel_trust_open(&trust, NULL);
	assert_false(channel_trust_may_use(&trust));
	channel_trust_look(&trust);
	assert_false(trust.looking);
}

static void plugin_is_to_blame_if_pppd_runs_without_it(void **state)
{
	struct fixture *f = *state;

	assert_true(channel_trust_may_use(&f->trust));
	caught_begin();
	channel_trust_plugin_failed(&f->trust, 7, 2 << 8);
	channel_trust_plugin_failed(&f->trust, 8, 3 << 8);
	assert_false(channel_trust_may_use(&f->trust));
	assert_int_equal(caught_with("MGR: "), 0);
	channel_trust_pty_told(&f->trust, true);
	channel_trust_pty_told(&f->trust, true);
	assert_int_equal(caught_with("MGR: pppd[7] ended with status 2 before PPP ran, which it "
				     "does without our plugin: PPP channel pty is used for 60 s"),
			 1);
	assert_int_equal(caught_with("MGR: "), 1);
	assert_true(f->trust.looking);
	wait_looked(f);
	assert_false(channel_trust_may_use(&f->trust)); /* nothing new was found */
	assert_int_equal(caught_with("MGR: "), 1);
}

static void plugin_is_not_to_blame_if_pppd_fails_without_it_too(void **state)
{
	struct fixture *f = *state;

	caught_begin();
	channel_trust_plugin_failed(&f->trust, 7, 2 << 8);
	channel_trust_pty_told(&f->trust, false);
	assert_true(channel_trust_may_use(&f->trust));
	channel_trust_pty_told(&f->trust, true); /* nobody asked */
	assert_true(channel_trust_may_use(&f->trust));
	assert_int_equal(caught_with("MGR: "), 0);
}

static void blame_again_lasts_longer_until_a_call_has_its_channel(void **state)
{
	static const char *const lasts[] = {"for 60 s", "for 120 s", "for 60 s"};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(lasts); i++) {
		if (i == 2)
			channel_trust_plugin_runs(&f->trust);
		caught_begin();
		channel_trust_plugin_failed(&f->trust, 7, SIGSEGV);
		channel_trust_pty_told(&f->trust, true);
		assert_int_equal(caught_with("was killed by signal 11 before"), 1);
		assert_int_equal(caught_with(lasts[i]), 1);
		f->trust.distrusted_until = mono_now(); /* as if the time were over */
	}
}

static void pppd_that_was_replaced_is_looked_at_before_it_is_used(void **state)
{
	struct fixture *f = *state;

	(void)pppd(TAKES_LATER);
	assert_false(channel_trust_may_use(&f->trust));
	assert_true(f->trust.looking);
	wait_looked(f);
	assert_true(channel_trust_may_use(&f->trust));
	assert_string_equal(f->trust.found.version, "2.4.8");
}

static void blame_ends_with_the_pppd_that_it_was_for(void **state)
{
	struct fixture *f = *state;

	channel_trust_plugin_failed(&f->trust, 7, 2 << 8);
	channel_trust_pty_told(&f->trust, true);
	wait_looked(f);
	(void)pppd(TAKES_LATER);
	assert_false(channel_trust_may_use(&f->trust));
	wait_looked(f);
	assert_true(channel_trust_may_use(&f->trust));
}

static void look_leaves_all_as_it_was_until_its_answer(void **state)
{
	struct fixture *f = *state;

	(void)pppd(REFUSES);
	caught_begin();
	channel_trust_look(&f->trust);
	channel_trust_look(&f->trust);
	assert_true(f->trust.found.has_plugin);
	assert_int_equal(caught_with("MGR: "), 0);
	wait_looked(f);
	assert_false(f->trust.found.has_plugin);
	assert_int_equal(caught_with("(no such plugin): all calls use pseudo-terminals"), 2);
}

static void pppd_that_did_not_answer_is_looked_at_again(void **state)
{
	struct fixture *f = *state;

	(void)pppd(TAKES);
	f->trust.found.answered = f->trust.found.has_plugin = false; /* as if it had not */
	f->trust.next_look = mono_add_ms(mono_now(), 100000);
	channel_files_look(f->trust.ppp, &f->trust.found.files);
	assert_false(channel_trust_may_use(&f->trust));
	assert_false(f->trust.looking);
	f->trust.next_look = mono_now();
	assert_false(channel_trust_may_use(&f->trust));
	wait_looked(f);
	assert_true(channel_trust_may_use(&f->trust));
	f->trust.found.answered = f->trust.found.has_plugin = false;
	channel_trust_start(&f->trust, f->errands);
	wait_looked(f);
	assert_true(channel_trust_may_use(&f->trust));
}

static void look_that_is_under_way_at_the_end_is_ended(void **state)
{
	struct fixture *f = *state;

	(void)pppd(HANGS);
	channel_trust_look(&f->trust);
	channel_trust_look(&f->trust);
	assert_true(f->trust.looking);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pppd_is_asked_for_its_version_and_for_the_plugin),
		cmocka_unit_test(pppd_that_does_not_answer_is_waited_for_no_longer_than_that),
		cmocka_unit_test(nothing_is_looked_for_where_only_terminals_are_asked_for),
		TEST(plugin_is_to_blame_if_pppd_runs_without_it),
		TEST(plugin_is_not_to_blame_if_pppd_fails_without_it_too),
		TEST(blame_again_lasts_longer_until_a_call_has_its_channel),
		TEST(pppd_that_was_replaced_is_looked_at_before_it_is_used),
		TEST(blame_ends_with_the_pppd_that_it_was_for),
		TEST(look_leaves_all_as_it_was_until_its_answer),
		TEST(pppd_that_did_not_answer_is_looked_at_again),
		TEST(look_that_is_under_way_at_the_end_is_ended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
