/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The front side of an LRP behind TLS, whose handshakes the test ends as it likes: who is let in,
 * who is told to go, and what the log tells the operator.
 */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "pptpd/base/fdio.h"
#include "pptpd/base/log.h"
#include "rrp/enrol.h"
#include "tests/unit/pptpctrl_tls.h"
#include "tests/unit/pptpctrl_world.h"
#include "tests/unit/pptpd_help.h"
#include "tests/unit/rrp_side.h"

static struct world world;

/* The LRP's end. */
static struct {
	int fd; /* until a stream has it */
	struct tunnel *tunnel;
	struct side side;
	struct enrol_client *enrolment;
	bool answered;
	enum enrol_client_result result;
} lrp;

static int set_up(void **state UNUSED)
{
	memset(&lrp, 0, sizeof(lrp));
	memset(&fake_tls, 0, sizeof(fake_tls));
	world_begin_tls(&world, &front_tunnel);
	lrp.fd = world_connect(&world);
	return 0;
}

static int tear_down(void **state UNUSED)
{
	fdio_close(&lrp.fd);
	tunnel_free(lrp.tunnel);
	enrol_client_free(lrp.enrolment);
	world_end(&world);
	assert_null(fake_tls.handshake);
	assert_null(fake_tls.refusing);
	return 0;
}

static struct rrp_stream *take_stream(void)
{
	struct rrp_stream *stream = rrp_stream_plain(lrp.fd);

	assert_non_null(stream);
	lrp.fd = -1;
	return stream;
}

static void answer(enum ipc_verdict verdict, const char *name, uint32_t max_calls)
{
	manager_send_peer_verdict(&world.manager, verdict, name, max_calls);
	world_settle(&world);
}

static void answer_enrolment(enum ipc_verdict verdict, const char *name)
{
	manager_send_enrol_verdict(&world.manager, verdict, name);
	for (int i = 0; i < 4; i++)
		world_settle(&world);
}

static void say_hello(const char *name)
{
	const struct tunnel_settings settings = {
		.role = TUNNEL_CLIENT,
		.hello_timeout_s = 60,
		.ping_interval_s = 60,
		.ping_misses = 3,
		.max_calls = 10,
		.name = name,
	};

	lrp.tunnel = tunnel_new(world.context.loop, take_stream(), &settings, &side_ops, &lrp.side);
	assert_non_null(lrp.tunnel);
	world_settle(&world);
}

/* Of a line about who has proven to be the node of these tests. */
static bool caught_of_node(int severity, const char *before, const char *after)
{
	char text[NODE_ID_TEXT_LEN + 1], line[LOG_LINE_MAX];
	const struct node_id id = fake_tls_node();

	(void)snprintf(line, sizeof(line), "%s%s%s", before, node_id_text(&id, text), after);
	return caught(severity, line);
}

static void who_is_welcome_gets_a_tunnel_under_its_name_on_the_list(void **state UNUSED)
{
	world_assert_asked(&world, "");
	fake_tls_done(TLS_TUNNEL);
	world_assert_asked(&world, "peer 5a;");
	answer(IPC_VERDICT_GOOD, "branch", 2);
	say_hello("another");
	world_assert_asked(&world, "");
	assert_string_equal(lrp.side.log, "UP pptpd, version 1;up pptpd;");
	assert_string_equal(world.title, "pptpd [LRP branch 192.0.2.7]");
	assert_true(caught(LOG_INFO, "RRP: LRP branch (192.0.2.7): tunnel up"));
	assert_int_equal(caught_with("another"),
			 caught_with("calls itself another") + caught_with("another, version"));
}

static void nothing_that_it_sent_is_looked_at_before_the_verdict(void **state UNUSED)
{
	fake_tls_done(TLS_TUNNEL);
	say_hello("branch");
	assert_string_equal(lrp.side.log, "");
	assert_int_equal(caught_with("tunnel up"), 0);
	answer(IPC_VERDICT_GOOD, "branch", 2);
	assert_int_equal(caught_with("tunnel up"), 1);
}

static void the_verdict_says_how_many_calls_it_may_have(void **state UNUSED)
{
	const struct tunnel_call_request request = {.client = {.s_addr = htonl(0x0a000009)}};

	fake_tls_done(TLS_TUNNEL);
	answer(IPC_VERDICT_GOOD, "branch", 1);
	say_hello("branch");
	assert_non_null(tunnel_call_open(lrp.tunnel, &request, NULL));
	/* It was told the number, and does not even ask. */
	assert_null(tunnel_call_open(lrp.tunnel, &request, NULL));
	world_assert_asked(&world, "peer 5a;start 0 10.0.0.9/0;");
}

struct refusal_case {
	enum ipc_verdict verdict;
	enum tls_refusal alert;
	const char *reason;
	const char *name; /* on the list */
};

static const struct refusal_case refusal_cases[] = {
	{IPC_VERDICT_UNKNOWN, TLS_REFUSE_UNKNOWN,
	 " is not on the list of LRPs; 'pptpd-ctl lrp add NAME' makes an invitation for it", ""},
	{IPC_VERDICT_DISABLED, TLS_REFUSE_DISABLED,
	 " (branch) is disabled; 'pptpd-ctl lrp enable NAME' lets it in again", "branch"},
	{IPC_VERDICT_ADDRESS, TLS_REFUSE_ADDRESS,
	 " (branch) must not come from this address; 'from' in its line of rrp-peers says from "
	 "where",
	 "branch"},
	{IPC_VERDICT_BUSY, TLS_REFUSE_BUSY,
	 " is let in, but there is no room now; it tries again by itself", ""},
	{IPC_VERDICT_SYSTEM, TLS_REFUSE_BUSY, " could not be looked up; see the lines before", ""},
	{IPC_VERDICT_USED, TLS_REFUSE_BUSY, " could not be looked up; see the lines before", ""},
};

static void who_is_not_welcome_is_told_and_the_operator_too(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_SIZE(refusal_cases); i++) {
		const struct refusal_case *one = &refusal_cases[i];
		unsigned before = caught_with(" refused: ");

		if (i)
			(void)set_up(NULL);
		fake_tls_done(TLS_TUNNEL);
		answer(one->verdict, one->name, 0);
		assert_int_equal(fake_tls.refusal, one->alert);
		assert_true(
			caught_of_node(LOG_WARNING, "RRP: 192.0.2.7: refused: node ", one->reason));
		assert_int_equal(caught_with(" refused: "), (i ? 0 : before) + 1);
		world_assert_asked(&world, "peer 5a;");
		fake_tls_refused();
		world_assert_asked(&world, "idle 1;");
		if (i + 1 < ARRAY_SIZE(refusal_cases))
			(void)tear_down(NULL);
	}
}

static void a_handshake_that_fails_gives_one_line_with_the_reason(void **state UNUSED)
{
	fake_tls_failed("expected TLS 1.3, got 1.2");
	assert_true(caught(LOG_WARNING,
			   "RRP: 192.0.2.7: TLS handshake failed: expected TLS 1.3, got 1.2"));
	world_assert_asked(&world, "idle 1;");
}

static void it_can_be_stopped_at_every_step(void **state UNUSED)
{
	world_stop(&world);
	assert_null(fake_tls.handshake);
	world_assert_asked(&world, "idle 1;");
	(void)tear_down(NULL);

	(void)set_up(NULL);
	fake_tls_done(TLS_TUNNEL);
	world_stop(&world);
	answer(IPC_VERDICT_GOOD, "late", 1);
	world_assert_asked(&world, "peer 5a;idle 1;");
	(void)tear_down(NULL);

	(void)set_up(NULL);
	fake_tls_done(TLS_TUNNEL);
	answer(IPC_VERDICT_UNKNOWN, "", 0);
	world_stop(&world);
	assert_null(fake_tls.refusing);
	world_assert_asked(&world, "peer 5a;idle 1;");
	(void)tear_down(NULL);

	(void)set_up(NULL);
	fake_tls_done(TLS_ENROL);
	world_stop(&world);
	world_assert_asked(&world, "idle 1;");
}

static void a_verdict_that_was_not_asked_for_is_ignored(void **state UNUSED)
{
	answer(IPC_VERDICT_GOOD, "branch", 1);
	answer_enrolment(IPC_VERDICT_GOOD, "branch");
	assert_non_null(fake_tls.handshake);
	fake_tls_done(TLS_ENROL);
	answer(IPC_VERDICT_GOOD, "branch", 1);
	answer_enrolment(IPC_VERDICT_GOOD, "branch");
	world_assert_asked(&world, "");
	assert_int_equal(caught_with("enrolled"), 0);
}

static void on_enrolment_done(void *context UNUSED, enum enrol_client_result result,
			      const char *text UNUSED)
{
	enrol_client_free(lrp.enrolment);
	lrp.enrolment = NULL;
	lrp.answered = true;
	lrp.result = result;
}

static const struct enrol_client_ops enrol_ops = {.done = on_enrolment_done};

/* Shows a secret, whose hash the manager is then asked about. */
static void enrol(void)
{
	const uint8_t secret[ENROL_SECRET_LEN] = {1, 2, 3};
	uint8_t hash[ENROL_HASH_LEN];
	char asked[64];

	fake_tls_done(TLS_ENROL);
	lrp.enrolment =
		enrol_client_new(world.context.loop, take_stream(), 60, secret, &enrol_ops, NULL);
	assert_non_null(lrp.enrolment);
	enrol_secret_hash(secret, hash);
	(void)snprintf(asked, sizeof(asked), "enrol 5a %02x;", hash[0]);
	world_settle(&world);
	world_assert_asked(&world, asked);
}

static void an_invited_node_enrols_and_is_told_its_name(void **state UNUSED)
{
	enrol();
	answer_enrolment(IPC_VERDICT_GOOD, "branch");
	assert_true(lrp.answered);
	assert_int_equal(lrp.result, ENROL_CLIENT_ENROLLED);
	assert_true(caught_of_node(LOG_INFO, "RRP: 192.0.2.7: node ", " enrolled as branch"));
	world_assert_asked(&world, "idle 1;");
}

static const struct {
	enum ipc_verdict verdict;
	const char *reason;
} enrol_cases[] = {
	{IPC_VERDICT_UNKNOWN,
	 ": no invitation here has its line; 'pptpd-ctl lrp add NAME' makes one"},
	{IPC_VERDICT_USED, ": its line was used before; 'pptpd-ctl lrp add NAME' makes a new one, "
			   "and if none of your "
			   "boxes used it, 'pptpd-ctl lrp list' shows what to remove"},
	{IPC_VERDICT_EXPIRED, ": its line has expired; 'pptpd-ctl lrp add NAME' makes a new one"},
	{IPC_VERDICT_SYSTEM, ": it could not be done; see the lines before"},
	{IPC_VERDICT_DISABLED, ": it could not be done; see the lines before"},
};

static void an_enrolment_that_is_refused_says_what_to_do(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_SIZE(enrol_cases); i++) {
		if (i)
			(void)set_up(NULL);
		enrol();
		answer_enrolment(enrol_cases[i].verdict, "");
		assert_true(lrp.answered);
		assert_int_equal(lrp.result, ENROL_CLIENT_REFUSED);
		assert_true(caught_of_node(LOG_WARNING, "RRP: 192.0.2.7: enrolment refused: node ",
					   enrol_cases[i].reason));
		world_assert_asked(&world, "idle 1;");
		if (i + 1 < ARRAY_SIZE(enrol_cases))
			(void)tear_down(NULL);
	}
}

static void a_node_that_breaks_the_enrolment_gets_one_line(void **state UNUSED)
{
	static const uint8_t nonsense[64] = "GET / HTTP/1.1";

	fake_tls_done(TLS_ENROL);
	assert_int_equal(write(lrp.fd, nonsense, sizeof(nonsense)), sizeof(nonsense));
	world_settle(&world);
	fdio_close(&lrp.fd);
	world_settle(&world);
	world_assert_asked(&world, "idle 1;");
	assert_int_equal(caught_with("RRP: 192.0.2.7: enrolment failed: "), 1);
}

static void a_refusal_without_memory_ends_it_too(void **state UNUSED)
{
	fake_tls_done(TLS_TUNNEL);
	fake_tls.out_of_memory = true;
	answer(IPC_VERDICT_UNKNOWN, "", 0);
	world_assert_asked(&world, "peer 5a;idle 1;");
	assert_true(world_is_hung_up(lrp.fd));
}

static void a_handshake_without_memory_ends_it(void **state UNUSED)
{
	int second;

	fake_tls_failed("over");
	world_assert_asked(&world, "idle 1;");
	fake_tls.out_of_memory = true;
	second = world_connect(&world);
	world_assert_asked(&world, "idle 2;");
	assert_true(world_is_hung_up(second));
	fdio_close(&second);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(who_is_welcome_gets_a_tunnel_under_its_name_on_the_list),
		TEST(nothing_that_it_sent_is_looked_at_before_the_verdict),
		TEST(the_verdict_says_how_many_calls_it_may_have),
		TEST(who_is_not_welcome_is_told_and_the_operator_too),
		TEST(a_handshake_that_fails_gives_one_line_with_the_reason),
		TEST(it_can_be_stopped_at_every_step),
		TEST(a_verdict_that_was_not_asked_for_is_ignored),
		TEST(an_invited_node_enrols_and_is_told_its_name),
		TEST(an_enrolment_that_is_refused_says_what_to_do),
		TEST(a_node_that_breaks_the_enrolment_gets_one_line),
		TEST(a_refusal_without_memory_ends_it_too),
		TEST(a_handshake_without_memory_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
