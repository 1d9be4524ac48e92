/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TLS as a test plays it; see the header. Bytes go as they are. */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/pptpctrl_tls.h"

struct fake_tls fake_tls;

struct tls_handshake {
	int fd;
	const struct tls_handshake_ops *ops;
	void *context;
};

struct tls_refusing {
	struct rrp_stream *stream;
	void (*done)(void *context);
	void *context;
};

struct node_id fake_tls_node(void)
{
	struct node_id id;

	memset(id.bytes, 0x5a, sizeof(id.bytes));
	return id;
}

struct tls_identity *tls_identity_new(int channel UNUSED, char ret_error[TLS_ERROR_MAX] UNUSED)
{
	fail_msg("a front side does not make its identity");
	return NULL;
}

void tls_identity_free(struct tls_identity *identity UNUSED)
{
}

struct tls_handshake *tls_handshake_new(struct ev_loop *loop UNUSED, int fd,
					const struct tls_handshake_settings *settings,
					const struct tls_handshake_ops *ops, void *context)
{
	struct tls_handshake *handshake;

	assert_null(settings->expect);
	assert_true(settings->timeout_s > 0);
	assert_null(fake_tls.handshake);
	if (fake_tls.out_of_memory)
		return NULL;
	handshake = malloc(sizeof(*handshake));
	assert_non_null(handshake);
	*handshake = (struct tls_handshake){.fd = fd, .ops = ops, .context = context};
	fake_tls.handshake = handshake;
	return handshake;
}

void tls_handshake_free(struct tls_handshake *handshake)
{
	if (!handshake)
		return;
	assert_ptr_equal(handshake, fake_tls.handshake);
	(void)close(handshake->fd);
	free(handshake);
	fake_tls.handshake = NULL;
}

/* It is gone when its owner is told. */
static struct tls_handshake take_handshake(void)
{
	struct tls_handshake handshake;

	assert_non_null(fake_tls.handshake);
	handshake = *fake_tls.handshake;
	free(fake_tls.handshake);
	fake_tls.handshake = NULL;
	return handshake;
}

void fake_tls_done(enum tls_purpose purpose)
{
	struct tls_handshake handshake = take_handshake();
	const struct tls_peer peer = {
		.id = fake_tls_node(),
		.purpose = purpose,
		.cipher = "none",
	};

	handshake.ops->done(handshake.context, rrp_stream_plain(handshake.fd), &peer);
}

void fake_tls_failed(const char *text)
{
	struct tls_handshake handshake = take_handshake();

	(void)close(handshake.fd);
	handshake.ops->failed(handshake.context, text);
}

struct tls_refusing *tls_refuse(struct ev_loop *loop UNUSED, struct rrp_stream *stream,
				enum tls_refusal why, void (*done)(void *context), void *context)
{
	struct tls_refusing *refusing;

	if (fake_tls.out_of_memory) {
		stream->ops->free(stream);
		return NULL;
	}
	refusing = malloc(sizeof(*refusing));
	assert_non_null(refusing);
	*refusing = (struct tls_refusing){.stream = stream, .done = done, .context = context};
	fake_tls.refusing = refusing;
	fake_tls.refusal = why;
	return refusing;
}

void tls_refusing_free(struct tls_refusing *refusing)
{
	if (!refusing)
		return;
	assert_ptr_equal(refusing, fake_tls.refusing);
	refusing->stream->ops->free(refusing->stream);
	free(refusing);
	fake_tls.refusing = NULL;
}

void fake_tls_refused(void)
{
	struct tls_refusing refusing;

	assert_non_null(fake_tls.refusing);
	refusing = *fake_tls.refusing;
	tls_refusing_free(fake_tls.refusing);
	refusing.done(refusing.context);
}
