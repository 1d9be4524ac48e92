/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What became of the clients, as a line of JSON or as text for people. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/load/crowd.h"

/* Different reasons that are told one by one; the others are summed up. */
#define CAUSES_MAX 16

struct causes {
	size_t kinds, others;
	struct {
		const char *text;
		size_t count;
	} list[CAUSES_MAX];
};

static void add_cause(struct causes *causes, const char *text)
{
	size_t at = 0;

	while (at < causes->kinds && strcmp(causes->list[at].text, text) != 0)
		at++;
	if (at == CAUSES_MAX) {
		causes->others++;
		return;
	}
	if (at == causes->kinds)
		causes->list[causes->kinds++].text = text;
	causes->list[at].count++;
}

static struct causes collect_causes(const struct crowd *crowd)
{
	struct causes causes = {0};

	for (size_t i = 0; i < crowd->settings.calls; i++)
		if (crowd->clients[i].state >= CLIENT_FAILED)
			add_cause(&causes, crowd->clients[i].cause);
	return causes;
}

static void print_causes(const struct crowd *crowd, bool json)
{
	const struct causes causes = collect_causes(crowd);
	size_t early = 0;

	for (size_t i = 0; i < crowd->settings.calls; i++)
		early += crowd->clients[i].early;

	if (json)
		printf(", \"causes\": {");
	for (size_t i = 0; i < causes.kinds; i++)
		printf(json ? "%s\"%s\": %zu" : "%s\n  %s: %zu", json && i ? ", " : "",
		       causes.list[i].text, causes.list[i].count);
	if (causes.others)
		printf(json ? ", \"others\": %zu" : "\n  others: %zu", causes.others);
	if (json)
		printf("}");
	printf(json ? ", \"early\": %zu" : "\n  packets before the call's reply: %zu", early);
}

/* How long each client that is up took from its dial, in microseconds, and who was before whom. */
struct times {
	size_t count;
	int64_t *taken;
	const struct client **clients; /* in the order of their dialling */
};

static int compare_numbers(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return (left > right) - (left < right);
}

static int compare_up(const void *a, const void *b)
{
	const struct client *left = *(const struct client *const *)a;
	const struct client *right = *(const struct client *const *)b;

	return (left->up.us > right->up.us) - (left->up.us < right->up.us);
}

static int compare_replied(const void *a, const void *b)
{
	const struct client *left = *(const struct client *const *)a;
	const struct client *right = *(const struct client *const *)b;

	return (left->replied.us > right->replied.us) - (left->replied.us < right->replied.us);
}

/* Spearman's rank correlation of the dialling with what `compare` sorts by. */
static double rank_correlation(const struct times *times,
			       int (*compare)(const void *a, const void *b))
{
	size_t count = times->count;
	const struct client **sorted = calloc(count, sizeof(*sorted));
	size_t *dial_rank = calloc(CROWD_MAX + 1, sizeof(*dial_rank));
	double sum = 0;

	if (!sorted || !dial_rank || count < 2) {
		free(sorted);
		free(dial_rank);
		return 1;
	}
	memcpy(sorted, times->clients, count * sizeof(*sorted));
	qsort(sorted, count, sizeof(*sorted), compare);
	for (size_t i = 0; i < count; i++)
		dial_rank[times->clients[i]->call_id] = i;
	for (size_t i = 0; i < count; i++) {
		double apart = (double)i - (double)dial_rank[sorted[i]->call_id];

		sum += apart * apart;
	}
	free(sorted);
	free(dial_rank);
	return 1 - 6 * sum / ((double)count * ((double)count * (double)count - 1));
}

static void print_times(const struct crowd *crowd, const struct times *times, bool json)
{
	size_t last = times->count - 1;
	int64_t settled = crowd->settled.us - crowd->begun.us;

	printf(json ? ", \"ms\": {\"min\": %.2f, \"median\": %.2f, \"p99\": %.2f, \"max\": %.2f}"
		    : "\n  time to up, ms: min %.2f median %.2f p99 %.2f max %.2f",
	       (double)times->taken[0] / 1e3, (double)times->taken[last / 2] / 1e3,
	       (double)times->taken[last * 99 / 100] / 1e3, (double)times->taken[last] / 1e3);
	printf(json ? ", \"all_s\": %.3f, \"order_replied\": %.4f, \"order_up\": %.4f"
		    : "\n  all took %.3f s; order of replies by that of dialling %.4f, of up %.4f",
	       (double)settled / 1e6, rank_correlation(times, compare_replied),
	       rank_correlation(times, compare_up));
}

static void report_times(const struct crowd *crowd, bool json)
{
	struct times times = {
		.taken = calloc(crowd->settings.calls, sizeof(*times.taken)),
		.clients = calloc(crowd->settings.calls, sizeof(struct client *)),
	};

	for (size_t i = 0; times.taken && times.clients && i < crowd->settings.calls; i++) {
		const struct client *client = &crowd->clients[i];

		if (!client->up.us)
			continue;
		times.taken[times.count] = mono_diff_us(client->up, client->dialled);
		times.clients[times.count++] = client;
	}
	if (times.count) {
		qsort(times.taken, times.count, sizeof(*times.taken), compare_numbers);
		print_times(crowd, &times, json);
	}
	free(times.taken);
	free(times.clients);
}

static void begin_report(const struct crowd *crowd, const char *event, bool json)
{
	printf(json ? "{\"event\": \"%s\", \"calls\": %zu, \"up\": %zu, \"failed\": %zu, "
		      "\"lost\": %zu"
		    : "%s: of %zu calls %zu up, %zu failed, %zu lost",
	       event, crowd->settings.calls, crowd->up, crowd->failed, crowd->lost);
	print_causes(crowd, json);
}

void crowd_report_state(const struct crowd *crowd, const char *event, bool json)
{
	begin_report(crowd, event, json);
	printf(json ? "}\n" : "\n");
}

void crowd_report(const struct crowd *crowd, bool json)
{
	begin_report(crowd, "settled", json);
	report_times(crowd, json);
	printf(json ? "}\n" : "\n");
}
