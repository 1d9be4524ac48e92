/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A server for tests of lrp: takes one tunnel after another through the project's own library,
 * accepts its calls and sends each PPP frame back. Prints what happens, one line each. Starts no
 * pppd.
 *
 * With a key file the tunnel is TLS: the file is made if it is missing, our node ID is printed, and
 * every client is let in, or with "refuse" none. A call whose phone number is "refuse R E" is
 * refused with these numbers, "silent" never answered. A frame that ends in "CLOSE" closes its
 * call. SIGUSR1 drops the connection without a word.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pptpd/base/address.h"
#include "pptpd/base/fdio.h"
#include "pptpd/base/util.h"
#include "rrp/signer.h"
#include "rrp/stream.h"
#include "rrp/tls.h"
#include "rrp/tunnel.h"

#define CLOSE_WORD "CLOSE"

struct server {
	struct ev_loop *loop;
	int listener;
	ev_io acceptable;
	ev_signal drop;
	ev_signal end;
	struct tls_identity *identity; /* NULL: bare TCP */
	bool refuse;
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

static void use_stream(struct server *server, struct rrp_stream *stream)
{
	tunnel_free(server->tunnel);
	server->tunnel = tunnel_new(server->loop, stream, &settings, &ops, server);
	printf("accepted\n");
}

static void on_refused(void *context UNUSED)
{
	printf("refused\n");
}

static void on_secured(void *context, struct rrp_stream *stream, const struct tls_peer *peer)
{
	struct server *server = context;
	char text[NODE_ID_TEXT_LEN + 1];

	printf("node %s\n", node_id_text(&peer->id, text));
	if (server->refuse)
		(void)tls_refuse(server->loop, stream, TLS_REFUSE_UNKNOWN, on_refused, server);
	else
		use_stream(server, stream);
}

static void on_handshake_failed(void *context UNUSED, const char *text)
{
	printf("handshake failed: %s\n", text);
}

static const struct tls_handshake_ops handshake_ops = {
	.done = on_secured,
	.failed = on_handshake_failed,
};

static void on_acceptable(struct ev_loop *loop, ev_io *watcher, int events UNUSED)
{
	struct server *server = container_of(watcher, struct server, acceptable);
	const struct tls_handshake_settings handshake = {
		.identity = server->identity,
		.timeout_s = 10,
	};
	int fd = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct rrp_stream *stream;

	if (fd < 0)
		return;
	if (server->identity) {
		(void)tls_handshake_new(loop, fd, &handshake, &handshake_ops, server);
		return;
	}
	stream = rrp_stream_plain(fd);
	if (stream)
		use_stream(server, stream);
}

/* Our key in a process of its own; ends the program when there is none. */
static struct tls_identity *get_identity(const char *key_path)
{
	struct signer_settings signer = {.create = 1, .uid = 65534, .gid = 65534};
	char error[TLS_ERROR_MAX] = "no channel";
	char text[NODE_ID_TEXT_LEN + 1];
	struct tls_identity *identity = NULL;
	struct node_id id;
	int pair[2], channel;

	(void)snprintf(signer.key_path, sizeof(signer.key_path), "%s", key_path);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair))
		return NULL;
	if (fork() == 0) {
		(void)close(pair[0]);
		_exit(signer_run(pair[1]));
	}
	(void)close(pair[1]);
	if (signer_link_start(pair[0], &signer) == 0 &&
	    signer_link_wait_ready(pair[0], 10000, &id, error) &&
	    signer_link_channel(pair[0], SIGNER_SERVER, 0, &channel) == 0)
		identity = tls_identity_new(channel, error);
	if (!identity) {
		fprintf(stderr, "%s: %s\n", key_path, error);
		exit(EXIT_FAILURE);
	}
	printf("our ID %s\n", node_id_text(&id, text));
	return identity;
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

	if (argc < 2 || argc > 4 || !server.loop) {
		fprintf(stderr, "usage: rrp_echo ADDRESS [KEY_FILE [refuse]]\n");
		return EXIT_FAILURE;
	}
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	(void)signal(SIGPIPE, SIG_IGN);
	if (argc > 2)
		server.identity = get_identity(argv[2]);
	server.refuse = argc > 3;
	server.listener = open_listener(argv[1], RRP_PORT);
	ev_io_init(&server.acceptable, on_acceptable, server.listener, EV_READ);
	ev_io_start(server.loop, &server.acceptable);
	ev_signal_init(&server.drop, on_drop, SIGUSR1);
	ev_signal_start(server.loop, &server.drop);
	ev_signal_init(&server.end, on_end, SIGTERM);
	ev_signal_start(server.loop, &server.end);
	ev_run(server.loop, 0);
	tunnel_free(server.tunnel);
	tls_identity_free(server.identity);
	fdio_close(&server.listener);
	ev_loop_destroy(server.loop);
	return EXIT_SUCCESS;
}
