/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sends and counts; see the header. */
#include "tests/bench/load/flow.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pptpd/base/util.h"

/* Between looks at what may be sent. */
#define PACE_S 0.001

/* After the end, for what is still on its way, and for the far end's last report. */
#define SETTLE_S 0.5

/* A lost echo of FLOW_PING. */
#define PING_LOST_US 1000000

/* Round trips that are kept; of more only these are looked at. */
#define TRIPS_MAX 200000

struct flow {
	struct crowd *crowd;
	struct flow_settings settings;
	bool json;
	void (*finished)(void *context);
	void *context;

	struct client **clients;
	size_t count;
	struct mono begun, last;
	bool ending;
	ev_timer pace, end;

	uint64_t sent, received; /* packets */
	uint64_t pings;          /* of FLOW_PING, sent */
	bool ping_out;
	struct mono ping_sent;
	uint32_t *trips; /* microseconds */
	size_t trips_count;
};

static const char *const kind_names[] = {"up", "down", "both", "echo", "ping"};

bool flow_kind_parse(const char *word, enum flow_kind *ret_kind)
{
	for (size_t i = 0; i < ARRAY_SIZE(kind_names); i++) {
		if (strcmp(word, kind_names[i]) == 0) {
			*ret_kind = (enum flow_kind)i;
			return true;
		}
	}
	return false;
}

static bool sends(const struct flow *flow)
{
	return flow->settings.kind != FLOW_DOWN;
}

static bool asks_for_data(const struct flow *flow)
{
	return flow->settings.kind == FLOW_DOWN || flow->settings.kind == FLOW_BOTH;
}

static bool sends_echoes(const struct flow *flow)
{
	return flow->settings.kind == FLOW_ECHO || flow->settings.kind == FLOW_PING;
}

static void send_one(struct flow *flow, struct client *client, struct mono now)
{
	const struct probe probe = {
		.kind = sends_echoes(flow) ? PROBE_ECHO : PROBE_DATA,
		.sequence = client->sender.next++,
		.value = (uint64_t)now.us,
	};

	client_send(client, &probe, flow->settings.size);
	flow->sent++;
}

static void send_allowed(struct flow *flow, struct client *client, struct mono now)
{
	uint32_t allowed = probe_sender_allowed(&client->sender, now);

	if (flow->ending || client->state != CLIENT_UP)
		return;
	for (; allowed; allowed--)
		send_one(flow, client, now);
}

/* A round trip at a time, at most `rate` a second. */
static void send_ping(struct flow *flow, struct mono now)
{
	double due = (double)mono_diff_us(now, flow->begun) / 1e6 * flow->settings.rate;

	if (flow->ending || (flow->ping_out && mono_diff_us(now, flow->ping_sent) < PING_LOST_US))
		return;
	if (flow->settings.rate && (double)flow->pings >= due)
		return;
	flow->ping_out = true;
	flow->ping_sent = now;
	send_one(flow, flow->clients[flow->pings++ % flow->count], now);
}

static void on_pace(struct ev_loop *loop UNUSED, ev_timer *timer, int events UNUSED)
{
	struct flow *flow = container_of(timer, struct flow, pace);
	struct mono now = mono_now();

	if (flow->settings.kind == FLOW_PING) {
		send_ping(flow, now);
		return;
	}
	for (size_t i = 0; sends(flow) && i < flow->count; i++)
		send_allowed(flow, flow->clients[i], now);
}

static void send_request(struct client *client, const struct probe *probe)
{
	if (client->state == CLIENT_UP)
		client_send(client, probe, PROBE_MIN);
}

static int compare_trips(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

	return (left > right) - (left < right);
}

static void print_trips(struct flow *flow)
{
	size_t last = flow->trips_count - 1;

	if (!flow->trips_count)
		return;
	qsort(flow->trips, flow->trips_count, sizeof(*flow->trips), compare_trips);
	printf(flow->json ? ", \"us\": {\"min\": %u, \"median\": %u, \"p99\": %u, \"max\": %u}"
			  : "; round trip, us: min %u median %u p99 %u max %u",
	       flow->trips[0], flow->trips[last / 2], flow->trips[last * 99 / 100],
	       flow->trips[last]);
}

static void report(struct flow *flow)
{
	const struct flow_settings *settings = &flow->settings;
	uint64_t arrived = 0, missing = 0, late = 0;
	double took = (double)mono_diff_us(flow->last, flow->begun) / 1e6;

	for (size_t i = 0; i < flow->count; i++) {
		arrived += flow->clients[i]->there.count;
		missing += flow->clients[i]->missing;
		late += flow->clients[i]->late;
	}
	took = took > 0 ? took : settings->seconds;
	printf(flow->json ? "{\"event\": \"data\", \"kind\": \"%s\", \"calls\": %zu, \"size\": %u, "
			    "\"sent\": %llu, \"arrived\": %llu, \"received\": %llu, "
			    "\"seconds\": %.3f, \"missing\": %llu, \"late\": %llu"
			  : "%s, %zu calls, %u bytes: sent %llu, arrived there %llu, here %llu in "
			    "%.3f s; GRE missing %llu, late %llu",
	       kind_names[settings->kind], flow->count, settings->size,
	       (unsigned long long)flow->sent, (unsigned long long)arrived,
	       (unsigned long long)flow->received, took, (unsigned long long)missing,
	       (unsigned long long)late);
	print_trips(flow);
	printf(flow->json ? "}\n" : "\n");
}

/* First the end of sending, then that of waiting. */
static void on_end(struct ev_loop *loop, ev_timer *timer, int events UNUSED)
{
	struct flow *flow = container_of(timer, struct flow, end);
	const struct probe ask = {.kind = PROBE_ASK};

	if (!flow->ending) {
		flow->ending = true;
		for (size_t i = 0; sends(flow) && i < flow->count; i++)
			send_request(flow->clients[i], &ask);
		ev_timer_set(timer, SETTLE_S, 0.);
		ev_timer_start(loop, timer);
		return;
	}
	report(flow);
	flow->finished(flow->context);
}

/* At a given rate the calls take turns, instead of all sending at the same moment. */
static void begin_client(struct flow *flow, struct client *client, size_t turn, struct mono now)
{
	const struct flow_settings *settings = &flow->settings;
	uint32_t rate = (uint32_t)((settings->rate + flow->count - 1) / flow->count);
	const struct probe begin = {.kind = PROBE_BEGIN};
	const struct probe source = {
		.kind = PROBE_SOURCE,
		.size = (uint16_t)settings->size,
		.window = settings->window,
		.value = (uint64_t)rate << 32 | (uint32_t)(settings->seconds * 1000),
	};

	client->receiver = client->there = (struct probe_receiver){0};
	client->missing = client->late = 0;
	if (rate)
		now = mono_add_us(now, (int64_t)(1000000 / rate * turn / flow->count));
	probe_sender_start(&client->sender, settings->window, rate, now);
	send_request(client, &begin);
	if (asks_for_data(flow))
		send_request(client, &source);
}

static bool pick_clients(struct flow *flow)
{
	struct crowd *crowd = flow->crowd;

	flow->clients = calloc(flow->settings.calls, sizeof(struct client *));
	flow->trips = calloc(TRIPS_MAX, sizeof(*flow->trips));
	if (!flow->clients || !flow->trips)
		return false;
	for (size_t i = 0; i < crowd->settings.calls && flow->count < flow->settings.calls; i++)
		if (crowd->clients[i].state == CLIENT_UP)
			flow->clients[flow->count++] = &crowd->clients[i];
	return flow->count > 0;
}

struct flow *flow_start(struct crowd *crowd, const struct flow_settings *settings, bool json,
			void (*finished)(void *context), void *context)
{
	struct flow *flow = calloc(1, sizeof(*flow));

	if (!flow)
		return NULL;
	*flow = (struct flow){
		.crowd = crowd,
		.settings = *settings,
		.json = json,
		.finished = finished,
		.context = context,
		.begun = mono_now(),
	};
	ev_timer_init(&flow->pace, on_pace, PACE_S, PACE_S);
	ev_timer_init(&flow->end, on_end, settings->seconds, 0.);
	if (!pick_clients(flow)) {
		flow_free(flow);
		return NULL;
	}
	for (size_t i = 0; i < flow->count; i++)
		begin_client(flow, flow->clients[i], i, flow->begun);
	ev_timer_start(crowd->world.loop, &flow->pace);
	ev_timer_start(crowd->world.loop, &flow->end);
	return flow;
}

static void take_echo(struct flow *flow, struct client *client, const struct probe *probe,
		      struct mono now)
{
	flow->received++;
	flow->last = now;
	if (flow->trips_count < TRIPS_MAX)
		flow->trips[flow->trips_count++] = (uint32_t)((uint64_t)now.us - probe->value);
	client->receiver.count++;
	probe_sender_reported(&client->sender, probe->sequence + 1,
			      probe->sequence + 1 - client->receiver.count, now);
	if (flow->settings.kind == FLOW_PING)
		flow->ping_out = false;
	else
		send_allowed(flow, client, now);
}

void flow_take(struct flow *flow, struct client *client, const struct probe *probe, size_t len,
	       struct mono now)
{
	struct probe answer;

	if (!flow)
		return;
	if (probe->kind == PROBE_ECHO && sends_echoes(flow)) {
		take_echo(flow, client, probe, now);
	} else if (probe->kind == PROBE_REPORT) {
		client->there.count = (uint32_t)probe->value;
		flow->last = now;
		probe_sender_reported(&client->sender, probe->sequence,
				      probe->sequence - (uint32_t)probe->value, now);
		send_allowed(flow, client, now);
	} else if (probe->kind == PROBE_DATA) {
		flow->received++;
		flow->last = now;
		if (probe_receiver_take(&client->receiver, probe, len)) {
			answer = probe_receiver_report(&client->receiver);
			send_request(client, &answer);
		}
	}
}

void flow_free(struct flow *flow)
{
	if (!flow)
		return;
	ev_timer_stop(flow->crowd->world.loop, &flow->pace);
	ev_timer_stop(flow->crowd->world.loop, &flow->end);
	free(flow->clients);
	free(flow->trips);
	free(flow);
}
