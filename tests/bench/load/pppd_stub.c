/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Plays pppd for a server under load: PPP over asynchronous HDLC on its terminal, one user, no
 * interface. Once the link is up it sends back, counts or makes up data as tests/bench/load/load
 * asks for it. Small and quick to start, so that what is measured is the server.
 *
 * Of the command line that pptpd gives pppd it takes LOCAL:REMOTE and `file FILE`; of that file
 * require-pap, require-chap, user NAME and password WORD. All else it reads over.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "pptpctrl/hdlc.h"
#include "pptpd/base/bytes.h"
#include "pptpd/base/util.h"
#include "tests/bench/load/ppp_peer.h"
#include "tests/bench/load/probe.h"
#include "tests/hdlc_least.h"

/* pppd's exit statuses. */
#define EXIT_USER_REQUEST     5
#define EXIT_PEER_TERMINATED  15
#define EXIT_HANGUP           16
#define EXIT_AUTH_FAILED      19
#define EXIT_NEGOTIATION_FAIL 10

/* Bytes for the terminal that are written at once. */
#define OUT_SIZE (4 * HDLC_ENCODED_MAX(PROBE_MAX + PROBE_PPP_LEN))

/* Milliseconds between looks at whether more is to be sent, at a given rate. */
#define PACE_MS 1

#define TURNS 64

struct stub {
	struct ppp_peer_settings settings;
	struct ppp_peer peer;
	struct hdlc_decoder decoder;
	struct hdlc_frame room;
	struct probe_receiver received;
	struct probe_sender sender;
	struct mono source_end;
	uint16_t source_size;
	bool sourcing;
	size_t out_len;
	uint8_t out[OUT_SIZE];
};

static volatile sig_atomic_t stopped;

static void on_signal(int number UNUSED)
{
	stopped = 1;
}

static void flush(struct stub *stub)
{
	size_t done = 0;

	while (done < stub->out_len) {
		ssize_t len = write(STDOUT_FILENO, stub->out + done, stub->out_len - done);

		if (len < 0 && errno == EINTR && !stopped)
			continue;
		if (len < 0)
			exit(stopped ? EXIT_USER_REQUEST : EXIT_HANGUP);
		done += (size_t)len;
	}
	stub->out_len = 0;
}

static void send_frame(struct stub *stub, const struct hdlc_escapes *escapes, const uint8_t *frame,
		       size_t len)
{
	if (sizeof(stub->out) - stub->out_len < HDLC_ENCODED_MAX(len))
		flush(stub);
	stub->out_len += hdlc_encode(escapes, frame, len, stub->out + stub->out_len,
				     sizeof(stub->out) - stub->out_len);
}

static void send_control(void *context, const uint8_t *frame, size_t len)
{
	struct stub *stub = context;

	send_frame(stub, &hdlc_escapes_all, frame, len);
}

static void send_probe(struct stub *stub, const struct probe *probe, size_t size)
{
	uint8_t frame[PROBE_PPP_LEN + PROBE_MAX];

	probe_encode(probe, size, frame);
	send_frame(stub, hdlc_escapes_least(), frame, PROBE_PPP_LEN + size);
}

static void send_report(struct stub *stub)
{
	const struct probe report = probe_receiver_report(&stub->received);

	send_probe(stub, &report, PROBE_MIN);
}

static void begin_source(struct stub *stub, const struct probe *probe, struct mono now)
{
	uint32_t rate = (uint32_t)(probe->value >> 32);

	stub->source_size = (uint16_t)MAX(PROBE_MIN, MIN(probe->size, PROBE_MAX));
	stub->source_end = mono_add_ms(now, (int64_t)(probe->value & 0xffffffff));
	stub->sourcing = true;
	/* Many that are told so at once take turns. */
	if (rate)
		now = mono_add_us(now, getpid() % TURNS * (1000000 / rate) / TURNS);
	probe_sender_start(&stub->sender, probe->window, rate, now);
}

static void take_data(struct stub *stub, const uint8_t *packet, size_t len, struct mono now)
{
	struct probe probe;

	if (!probe_decode(packet, len, &probe))
		return;
	switch (probe.kind) {
	case PROBE_ECHO:
		send_frame(stub, hdlc_escapes_least(), packet - PROBE_PPP_LEN, len + PROBE_PPP_LEN);
		break;
	case PROBE_DATA:
		if (probe_receiver_take(&stub->received, &probe, len))
			send_report(stub);
		break;
	case PROBE_REPORT:
		probe_sender_reported(&stub->sender, probe.sequence,
				      probe.sequence - (uint32_t)probe.value, now);
		break;
	case PROBE_BEGIN:
		stub->received = (struct probe_receiver){0};
		stub->sourcing = false;
		break;
	case PROBE_ASK:
		send_report(stub);
		break;
	case PROBE_SOURCE:
		begin_source(stub, &probe, now);
		break;
	}
}

static void send_source(struct stub *stub, struct mono now)
{
	uint32_t allowed = probe_sender_allowed(&stub->sender, now);

	if (mono_before(stub->source_end, now)) {
		stub->sourcing = false;
		return;
	}
	/* What fills the room for the terminal, then a look at what came. */
	allowed = MIN(allowed, 4u);
	for (; allowed; allowed--) {
		const struct probe probe = {.kind = PROBE_DATA, .sequence = stub->sender.next++};

		send_probe(stub, &probe, stub->source_size);
	}
}

/* How long nothing can have to be done, in milliseconds; -1 for ever. */
static int patience(struct stub *stub, struct mono now)
{
	struct mono when;

	if (stub->sourcing)
		return probe_sender_allowed(&stub->sender, now) ? 0 : PACE_MS;
	if (!ppp_peer_deadline(&stub->peer, &when))
		return -1;
	return mono_before(when, now) ? 0 : (int)(mono_diff_us(when, now) / 1000 + 1);
}

static void take_input(struct stub *stub)
{
	uint8_t bytes[4096];
	ssize_t got = read(STDIN_FILENO, bytes, sizeof(bytes));
	struct byte_reader in;
	const uint8_t *frame, *packet;
	size_t len, packet_len;
	struct mono now;

	if (got < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (got <= 0)
		exit(EXIT_HANGUP);
	in = rd_init(bytes, (size_t)got);
	now = mono_now();
	while (hdlc_decoder_next(&stub->decoder, &in, &stub->room, &frame, &len)) {
		if (ppp_peer_receive(&stub->peer, frame, len, now, &packet, &packet_len) &&
		    packet - frame == PROBE_PPP_LEN)
			take_data(stub, packet, packet_len, now);
	}
}

static int end_status(const struct stub *stub)
{
	switch (stub->peer.phase) {
	case PPP_PEER_ENDED:
		return EXIT_PEER_TERMINATED;
	case PPP_PEER_NO_LOGIN:
		return EXIT_AUTH_FAILED;
	default:
		return EXIT_NEGOTIATION_FAIL;
	}
}

static int serve(struct stub *stub)
{
	struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};

	while (stub->peer.phase <= PPP_PEER_UP && !stopped) {
		struct mono now = mono_now();

		ppp_peer_expire(&stub->peer, now);
		if (stub->sourcing)
			send_source(stub, now);
		flush(stub);
		if (poll(&input, 1, patience(stub, now)) > 0)
			take_input(stub);
	}
	if (stopped)
		ppp_peer_terminate(&stub->peer);
	flush(stub);
	return stopped ? EXIT_USER_REQUEST : end_status(stub);
}

static void read_options(struct stub *stub, const char *path)
{
	FILE *file = fopen(path, "re");
	char line[256], word[PPP_PEER_WORD_MAX + 1];

	while (file && fgets(line, sizeof(line), file)) {
		if (strncmp(line, "require-pap", 11) == 0)
			stub->settings.auth = PPP_PEER_PAP;
		else if (strncmp(line, "require-chap", 12) == 0)
			stub->settings.auth = PPP_PEER_CHAP;
		else if (sscanf(line, "user %63s", word) == 1)
			memcpy(stub->settings.user, word, sizeof(word));
		else if (sscanf(line, "password %63s", word) == 1)
			memcpy(stub->settings.password, word, sizeof(word));
	}
	if (file)
		(void)fclose(file);
}

static void read_words(struct stub *stub, char **words)
{
	for (; *words; words++) {
		char *colon = strchr(*words, ':');
		char local[INET_ADDRSTRLEN] = "";

		if (strcmp(*words, "file") == 0 && words[1]) {
			read_options(stub, *++words);
		} else if (colon && (size_t)(colon - *words) < sizeof(local)) {
			memcpy(local, *words, (size_t)(colon - *words));
			(void)inet_pton(AF_INET, local, &stub->settings.local);
			(void)inet_pton(AF_INET, colon + 1, &stub->settings.remote);
		}
	}
}

static void prepare_terminal(void)
{
	struct termios mode;

	if (tcgetattr(STDIN_FILENO, &mode) != 0)
		return;
	cfmakeraw(&mode);
	(void)tcsetattr(STDIN_FILENO, TCSANOW, &mode);
}

int main(int argc UNUSED, char **argv)
{
	static struct stub stub = {
		.settings = {.server = true, .user = "load", .password = "secret"}};
	struct sigaction action = {.sa_handler = on_signal};
	struct mono now = mono_now();

	(void)sigaction(SIGTERM, &action, NULL);
	(void)sigaction(SIGINT, &action, NULL);
	(void)sigaction(SIGHUP, &action, NULL);
	read_words(&stub, argv + 1);
	prepare_terminal();
	hdlc_decoder_init(&stub.decoder);
	ppp_peer_start(&stub.peer, &stub.settings, send_control, &stub,
		       (uint64_t)now.us ^ (uint64_t)getpid() << 40, now);
	return serve(&stub);
}
