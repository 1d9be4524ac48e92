/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A server for tests of lrp: takes one tunnel after another through the project's own library,
 * accepts its calls and sends each PPP frame back. Prints what happens, one line each. Starts no
 * pppd.
 *
 * A call whose phone number is "refuse R E" is refused with these numbers, "silent" never answered.
 * A frame that ends in "CLOSE" closes its call. SIGUSR1 drops the connection without a word.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "pptpd/base/address.h"
#include "pptpd/base/fdio.h"
#include "pptpd/base/util.h"
#include "rrp/stream.h"
#include "rrp/tunnel.h"

#define CLOSE_WORD "CLOSE"

struct server {
	struct ev_loop *loop;
	int listener;
	ev_io acceptable;
	ev_signal drop;
	ev_signal end;
	struct tunnel *tunnel;
};

static void on_up(void *context UNUSED, const char *peer_name)
{
	printf("up %s\n", peer_name);
}

static void on_call_opened(void *context UNUSED, struct tunnel_call *call,
			   const struct tunnel_call_request *request)
{
	char address[INET_ADDRSTRLEN];
	unsigned result, error;

	(void)inet_ntop(AF_INET, &request->client, address, sizeof(address));
	printf("call %" PRIu32 " opened by %s %u number '%s'\n", tunnel_call_number(call), address,
	       request->client_call_id, request->phone_number);
	if (sscanf(request->phone_number, "refuse %u %u", &result, &error) == 2)
		tunnel_call_refuse(call, (uint8_t)result, (uint8_t)error);
	else if (strcmp(request->phone_number, "silent") != 0)
		tunnel_call_accept(call, 100000000);
}

static void on_call_closed(void *context UNUSED, struct tunnel_call *call, uint8_t result,
			   uint8_t error)
{
	printf("call %" PRIu32 " closed %u/%u\n", tunnel_call_number(call), result, error);
}

static void on_link_info(void *context UNUSED, struct tunnel_call *call, uint32_t send_accm,
			 uint32_t receive_accm)
{
	printf("call %" PRIu32 " link info %" PRIx32 " %" PRIx32 "\n", tunnel_call_number(call),
	       send_accm, receive_accm);
}

static void on_frame(void *context UNUSED, struct tunnel_call *call, const uint8_t *frame,
		     size_t len)
{
	const size_t word = strlen(CLOSE_WORD);

	if (len >= word && memcmp(frame + len - word, CLOSE_WORD, word) == 0)
		tunnel_call_close(call, 1, 0);
	else
		tunnel_call_send(call, frame, len);
}

static void on_notice(void *context UNUSED, enum tunnel_notice notice, const char *text)
{
	if (notice != TUNNEL_NOTICE_DEBUG)
		printf("notice %s\n", text);
}

static void on_down(void *context)
{
	struct server *server = context;

	printf("down\n");
	tunnel_free(server->tunnel);
	server->tunnel = NULL;
}

static const struct tunnel_ops ops = {
	.up = on_up,
	.call_opened = on_call_opened,
	.call_closed = on_call_closed,
	.link_info = on_link_info,
	.frame = on_frame,
	.notice = on_notice,
	.down = on_down,
};

static const struct tunnel_settings settings = {
	.role = TUNNEL_SERVER,
	.hello_timeout_s = 5,
	.ping_interval_s = 15,
	.ping_misses = 3,
	.max_calls = 100,
	.name = "echo",
};

static void on_acceptable(struct ev_loop *loop, ev_io *watcher, int events UNUSED)
{
	struct server *server = container_of(watcher, struct server, acceptable);
	int fd = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct rrp_stream *stream = fd < 0 ? NULL : rrp_stream_plain(fd);

	if (!stream)
		return;
	tunnel_free(server->tunnel);
	server->tunnel = tunnel_new(loop, stream, &settings, &ops, server);
	printf("accepted\n");
}

static void on_drop(struct ev_loop *loop UNUSED, ev_signal *watcher, int events UNUSED)
{
	struct server *server = container_of(watcher, struct server, drop);

	tunnel_free(server->tunnel);
	server->tunnel = NULL;
	printf("dropped\n");
}

static void on_end(struct ev_loop *loop, ev_signal *watcher UNUSED, int events UNUSED)
{
	ev_break(loop, EVBREAK_ALL);
}

static int open_listener(const char *host, uint16_t port)
{
	struct in_addr in;
	struct address address;
	int on = 1;
	int fd;

	if (inet_pton(AF_INET, host, &in) != 1)
		return -1;
	address = address_from_in(in, port);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	    bind(fd, &address.sa, address.len) || listen(fd, 8)) {
		perror(host);
		exit(EXIT_FAILURE);
	}
	return fd;
}

int main(int argc, char **argv)
{
	struct server server = {.loop = ev_loop_new(EVFLAG_AUTO)};

	if (argc != 2 || !server.loop) {
		fprintf(stderr, "usage: rrp_echo ADDRESS\n");
		return EXIT_FAILURE;
	}
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	(void)signal(SIGPIPE, SIG_IGN);
	server.listener = open_listener(argv[1], RRP_PORT);
	ev_io_init(&server.acceptable, on_acceptable, server.listener, EV_READ);
	ev_io_start(server.loop, &server.acceptable);
	ev_signal_init(&server.drop, on_drop, SIGUSR1);
	ev_signal_start(server.loop, &server.drop);
	ev_signal_init(&server.end, on_end, SIGTERM);
	ev_signal_start(server.loop, &server.end);
	ev_run(server.loop, 0);
	tunnel_free(server.tunnel);
	fdio_close(&server.listener);
	ev_loop_destroy(server.loop);
	return EXIT_SUCCESS;
}
