/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Dials at its pace and watches over what was dialled; see the header. */
#include "tests/bench/load/crowd.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#include "pptpd/base/util.h"
#include "tests/bench/load/gre_socket.h"

/* Between looks at whom to dial. */
#define DIAL_EVERY_S 0.002

/* Between looks at what is due in each client. */
#define TICK_S 0.1

static void check_settled(struct crowd *crowd)
{
	if (crowd->settled.us || crowd->up + crowd->failed + crowd->lost < crowd->settings.calls)
		return;
	crowd->settled = mono_now();
	crowd->all_settled(crowd->context);
}

static void on_changed(void *context, struct client *client)
{
	struct crowd *crowd = context;

	if (client->state == CLIENT_UP) {
		crowd->up++;
	} else if (client->state == CLIENT_LOST) {
		crowd->up--;
		crowd->lost++;
	} else {
		crowd->failed++;
	}
	check_settled(crowd);
}

static void on_probe(void *context, struct client *client, const struct probe *probe, size_t len,
		     struct mono now)
{
	struct crowd *crowd = context;

	crowd->probe(crowd->context, client, probe, len, now);
}

static void on_packet(void *context, struct in_addr own, const struct gre_header *header,
		      struct mono now)
{
	struct crowd *crowd = context;
	size_t index = header->call_id - 1u;

	if (index < crowd->settings.calls && crowd->clients[index].source.s_addr == own.s_addr)
		client_receive(&crowd->clients[index], header, now);
}

static void on_dialling(struct ev_loop *loop, ev_timer *timer, int events UNUSED)
{
	struct crowd *crowd = container_of(timer, struct crowd, dialling);
	const struct crowd_settings *settings = &crowd->settings;
	struct mono now = mono_now();
	double passed_s = (double)mono_diff_us(now, crowd->begun) / 1e6;
	size_t due = settings->calls;

	if (passed_s < settings->within_s)
		due = (size_t)((double)settings->calls * passed_s / settings->within_s);
	while (crowd->dialled < due)
		client_dial(&crowd->clients[crowd->dialled++], mono_now());
	if (crowd->dialled == settings->calls)
		ev_timer_stop(loop, timer);
}

static void on_tick(struct ev_loop *loop UNUSED, ev_timer *timer, int events UNUSED)
{
	struct crowd *crowd = container_of(timer, struct crowd, tick);
	struct mono now = mono_now();
	bool over = mono_diff_us(now, crowd->begun) > (int64_t)(crowd->settings.wait_s * 1e6);

	for (size_t i = 0; i < crowd->dialled; i++) {
		struct client *client = &crowd->clients[i];

		client_tick(client, now);
		if (over && client->state < CLIENT_UP)
			client_fail(client, "time over in state %d", (int)client->state);
	}
}

static void place_clients(struct crowd *crowd, size_t sources)
{
	const struct crowd_settings *settings = &crowd->settings;
	uint32_t first = ntohl(settings->first_source.s_addr);

	for (size_t i = 0; i < settings->calls; i++) {
		struct client *client = &crowd->clients[i];

		client->world = &crowd->world;
		client->call_id = (uint16_t)(i + 1);
		client->source.s_addr = htonl(first + (uint32_t)(i % sources));
	}
}

static bool count_sources(const struct crowd_settings *settings, size_t *ret_sources)
{
	size_t there = (size_t)ntohl(settings->last_source.s_addr) -
		       ntohl(settings->first_source.s_addr) + 1;
	size_t each = settings->calls_per_source;
	size_t wanted = each ? (settings->calls + each - 1) / each : MIN(there, settings->calls);

	if (wanted > there)
		return false;
	*ret_sources = wanted;
	return true;
}

bool crowd_start(struct crowd *crowd, struct ev_loop *loop, const struct crowd_settings *settings)
{
	size_t sources;

	if (!count_sources(settings, &sources)) {
		fprintf(stderr, "load: too few sources for so many calls\n");
		return false;
	}
	crowd->settings = *settings;
	crowd->world = (struct client_world){
		.loop = loop,
		.gre = gre_socket_new(loop, settings->server, on_packet, crowd),
		.server = settings->server,
		.ppp = settings->ppp,
		.changed = on_changed,
		.probe = on_probe,
		.context = crowd,
	};
	crowd->clients = calloc(settings->calls, sizeof(*crowd->clients));
	if (!crowd->world.gre || !crowd->clients) {
		perror("load: raw GRE socket");
		return false;
	}
	place_clients(crowd, sources);
	crowd->begun = mono_now();
	ev_timer_init(&crowd->dialling, on_dialling, 0., DIAL_EVERY_S);
	ev_timer_start(loop, &crowd->dialling);
	ev_timer_init(&crowd->tick, on_tick, TICK_S, TICK_S);
	ev_timer_start(loop, &crowd->tick);
	return true;
}

void crowd_done(struct crowd *crowd)
{
	ev_timer_stop(crowd->world.loop, &crowd->dialling);
	ev_timer_stop(crowd->world.loop, &crowd->tick);
	for (size_t i = 0; i < crowd->settings.calls; i++)
		client_close(&crowd->clients[i]);
	gre_socket_free(crowd->world.gre);
	free(crowd->clients);
}
