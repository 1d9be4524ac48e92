/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Thousands of PPTP clients in one process, for benchmarks: dials them, says what became of them,
 * holds them, and sends data through them. The far end's pppd should be pppd-stub beside this; with
 * a real one calls come up and are held, but nobody counts data.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/bench/load/crowd.h"
#include "tests/bench/load/flow.h"
#include "tests/bench/load/udp_echo.h"

#define EXIT_LOST  1
#define EXIT_USAGE 2

#define COMMAND_MAX 256

/* Data commands of the command line. */
#define FLOWS_MAX 16

struct load {
	struct ev_loop *loop;
	struct crowd_settings settings;
	struct crowd crowd;
	struct flow *flow;
	bool json, commands;
	double hold_s;
	const char *flows[FLOWS_MAX];
	size_t flows_count, flows_done;
	ev_timer hold;
	ev_io input;
	ev_signal end;
	char line[COMMAND_MAX];
	size_t line_len;
};

static const char usage[] =
	"usage: load --server ADDRESS --sources FIRST-LAST|NETWORK/BITS [options]\n"
	"  --calls N             clients with one call each (1)\n"
	"  --within SECONDS      over which they are dialled, evenly (0: at once)\n"
	"  --calls-per-source N  (as few as the sources allow)\n"
	"  --wait SECONDS        for all to be up (60)\n"
	"  --hold SECONDS        once they are up, then end (0)\n"
	"  --auth pap|chap       (chap)\n"
	"  --user, --password    (load, secret)\n"
	"  --data 'KIND SIZE RATE SECONDS [CALLS [WINDOW]]'  once they are up; may be repeated\n"
	"  --commands            take commands from standard input: data ..., state, quit\n"
	"  --json                one line of JSON for each event\n"
	"KIND: up, down, both, echo, ping. SIZE: bytes of IP. RATE: packets/s, 0: as fast as "
	"goes.\n"
	"   or: load --udp-echo ADDRESS            sends back what comes, for ever\n"
	"   or: load --udp-ping ADDRESS SIZE RATE SECONDS\n"
	"Exit status 0 if all calls came up and none was lost, else 1.\n";

static void finish(struct load *load)
{
	crowd_report_state(&load->crowd, "end", load->json);
	ev_break(load->loop, EVBREAK_ALL);
}

static void next_flow(struct load *load);

static void on_flow_finished(void *context)
{
	struct load *load = context;

	flow_free(load->flow);
	load->flow = NULL;
	next_flow(load);
}

static bool begin_flow(struct load *load, const char *words)
{
	struct flow_settings settings = {.calls = 1, .window = 256};
	char kind[16];

	if (sscanf(words, "%15s %u %u %lf %zu %u", kind, &settings.size, &settings.rate,
		   &settings.seconds, &settings.calls, &settings.window) < 4 ||
	    !flow_kind_parse(kind, &settings.kind) || settings.size < PROBE_MIN ||
	    settings.size > PROBE_MAX || settings.seconds <= 0 || !settings.calls || load->flow)
		return false;
	load->flow = flow_start(&load->crowd, &settings, load->json, on_flow_finished, load);
	return load->flow != NULL;
}

static void on_hold(struct ev_loop *loop UNUSED, ev_timer *timer, int events UNUSED)
{
	finish(container_of(timer, struct load, hold));
}

/* The next of the command line; after the last one what is held is held. */
static void next_flow(struct load *load)
{
	if (load->flows_done < load->flows_count) {
		if (begin_flow(load, load->flows[load->flows_done++]))
			return;
		fprintf(stderr, "load: no such data mode, or no call is up\n");
		finish(load);
	} else if (!load->commands) {
		ev_timer_init(&load->hold, on_hold, load->hold_s, 0.);
		ev_timer_start(load->loop, &load->hold);
	}
}

static void on_settled(void *context)
{
	struct load *load = context;

	crowd_report(&load->crowd, load->json);
	next_flow(load);
}

static void on_probe(void *context, struct client *client, const struct probe *probe, size_t len,
		     struct mono now)
{
	struct load *load = context;

	flow_take(load->flow, client, probe, len, now);
}

static void obey(struct load *load, const char *line)
{
	if (strncmp(line, "data ", 5) == 0) {
		if (!begin_flow(load, line + 5))
			printf("{\"event\": \"error\"}\n");
	} else if (strcmp(line, "state") == 0) {
		crowd_report_state(&load->crowd, "state", load->json);
	} else if (strcmp(line, "quit") == 0) {
		finish(load);
	} else {
		printf("{\"event\": \"error\"}\n");
	}
}

static void on_input(struct ev_loop *loop, ev_io *io, int events UNUSED)
{
	struct load *load = container_of(io, struct load, input);
	size_t room = sizeof(load->line) - 1 - load->line_len;
	ssize_t len = read(STDIN_FILENO, load->line + load->line_len, room);
	char *newline;

	if (len <= 0) {
		ev_io_stop(loop, io);
		finish(load);
		return;
	}
	load->line_len += (size_t)len;
	load->line[load->line_len] = '\0';
	while ((newline = strchr(load->line, '\n'))) {
		*newline = '\0';
		obey(load, load->line);
		load->line_len -= (size_t)(newline + 1 - load->line);
		memmove(load->line, newline + 1, load->line_len + 1);
	}
}

static void on_end(struct ev_loop *loop UNUSED, ev_signal *watcher, int events UNUSED)
{
	finish(container_of(watcher, struct load, end));
}

static bool parse_sources(const char *text, struct crowd_settings *settings)
{
	char first[INET_ADDRSTRLEN], last[INET_ADDRSTRLEN];
	unsigned bits;
	uint32_t base;

	if (sscanf(text, "%15[0-9.]-%15[0-9.]", first, last) == 2)
		return inet_pton(AF_INET, first, &settings->first_source) == 1 &&
		       inet_pton(AF_INET, last, &settings->last_source) == 1 &&
		       ntohl(settings->first_source.s_addr) <= ntohl(settings->last_source.s_addr);
	if (sscanf(text, "%15[0-9.]/%u", first, &bits) == 2 && bits >= 8 && bits <= 30) {
		if (inet_pton(AF_INET, first, &settings->first_source) != 1)
			return false;
		/* Neither the network's own address nor that for all its hosts. */
		base = ntohl(settings->first_source.s_addr) & ~(0xffffffffu >> bits);
		settings->first_source.s_addr = htonl(base + 1);
		settings->last_source.s_addr = htonl(base + (0xffffffffu >> bits) - 1);
		return true;
	}
	settings->last_source = settings->first_source;
	if (inet_pton(AF_INET, text, &settings->first_source) != 1)
		return false;
	settings->last_source = settings->first_source;
	return true;
}

enum load_option {
	OPTION_SERVER = 1,
	OPTION_SOURCES,
	OPTION_CALLS,
	OPTION_WITHIN,
	OPTION_PER_SOURCE,
	OPTION_WAIT,
	OPTION_HOLD,
	OPTION_AUTH,
	OPTION_USER,
	OPTION_PASSWORD,
	OPTION_DATA,
	OPTION_COMMANDS,
	OPTION_JSON,
};

static const struct option options[] = {
	{"server", required_argument, NULL, OPTION_SERVER},
	{"sources", required_argument, NULL, OPTION_SOURCES},
	{"calls", required_argument, NULL, OPTION_CALLS},
	{"within", required_argument, NULL, OPTION_WITHIN},
	{"calls-per-source", required_argument, NULL, OPTION_PER_SOURCE},
	{"wait", required_argument, NULL, OPTION_WAIT},
	{"hold", required_argument, NULL, OPTION_HOLD},
	{"auth", required_argument, NULL, OPTION_AUTH},
	{"user", required_argument, NULL, OPTION_USER},
	{"password", required_argument, NULL, OPTION_PASSWORD},
	{"data", required_argument, NULL, OPTION_DATA},
	{"commands", no_argument, NULL, OPTION_COMMANDS},
	{"json", no_argument, NULL, OPTION_JSON},
	{0},
};

static bool copy_word(char *to, const char *word)
{
	if (strlen(word) > PPP_PEER_WORD_MAX)
		return false;
	memcpy(to, word, strlen(word) + 1);
	return true;
}

static bool take_option(struct load *load, int option, const char *value)
{
	struct crowd_settings *settings = &load->settings;

	switch (option) {
	case OPTION_SERVER:
		return inet_pton(AF_INET, value, &settings->server) == 1;
	case OPTION_SOURCES:
		return parse_sources(value, settings);
	case OPTION_CALLS:
		settings->calls = strtoul(value, NULL, 10);
		return settings->calls >= 1 && settings->calls <= CROWD_MAX;
	case OPTION_WITHIN:
		settings->within_s = strtod(value, NULL);
		return true;
	case OPTION_PER_SOURCE:
		settings->calls_per_source = strtoul(value, NULL, 10);
		return true;
	case OPTION_WAIT:
		settings->wait_s = strtod(value, NULL);
		return true;
	case OPTION_HOLD:
		load->hold_s = strtod(value, NULL);
		return true;
	case OPTION_AUTH:
		settings->ppp.auth = strcmp(value, "pap") == 0 ? PPP_PEER_PAP : PPP_PEER_CHAP;
		return strcmp(value, "pap") == 0 || strcmp(value, "chap") == 0;
	case OPTION_USER:
		return copy_word(settings->ppp.user, value);
	case OPTION_PASSWORD:
		return copy_word(settings->ppp.password, value);
	case OPTION_DATA:
		if (load->flows_count == FLOWS_MAX)
			return false;
		load->flows[load->flows_count++] = value;
		return true;
	case OPTION_COMMANDS:
		return load->commands = true;
	case OPTION_JSON:
		return load->json = true;
	default:
		return false;
	}
}

static bool parse(struct load *load, int argc, char **argv)
{
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		if (!take_option(load, option, optarg))
			return false;
	return optind == argc && load->settings.server.s_addr && load->settings.first_source.s_addr;
}

/* A descriptor for each client. */
static void raise_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static int run(struct load *load)
{
	struct crowd *crowd = &load->crowd;
	bool good;

	load->loop = ev_default_loop(EVFLAG_AUTO);
	crowd->all_settled = on_settled;
	crowd->probe = on_probe;
	crowd->context = load;
	if (!load->loop || !crowd_start(crowd, load->loop, &load->settings))
		return EXIT_USAGE;
	ev_signal_init(&load->end, on_end, SIGTERM);
	ev_signal_start(load->loop, &load->end);
	if (load->commands) {
		ev_io_init(&load->input, on_input, STDIN_FILENO, EV_READ);
		ev_io_start(load->loop, &load->input);
	}
	ev_run(load->loop, 0);
	good = crowd->up == load->settings.calls;
	flow_free(load->flow);
	crowd_done(crowd);
	ev_loop_destroy(load->loop);
	return good ? EXIT_SUCCESS : EXIT_LOST;
}

int main(int argc, char **argv)
{
	static struct load load = {
		.settings = {.calls = 1,
			     .wait_s = 60,
			     .ppp = {.auth = PPP_PEER_CHAP, .user = "load", .password = "secret"}},
	};

	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	(void)signal(SIGPIPE, SIG_IGN);
	raise_limit();
	if (argc == 3 && strcmp(argv[1], "--udp-echo") == 0)
		return udp_echo_serve(argv[2]);
	if (argc == 6 && strcmp(argv[1], "--udp-ping") == 0)
		return udp_echo_ask(argv[2], argv[3], argv[4], argv[5]);
	if (!parse(&load, argc, argv)) {
		fputs(usage, stderr);
		return EXIT_USAGE;
	}
	return run(&load);
}
