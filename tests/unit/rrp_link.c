// SPDX-License-Identifier: GPL-2.0-or-later
/* Sessions joined in memory; see the header. */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/rrp_link.h"

#define IN_SIZE (1024 * 1024)

static void on_wake(void *context)
{
	struct link_end *end = context;

	end->woken = true;
}

static void start(struct link_end *end, enum tunnel_role role, unsigned max_calls, struct mono now)
{
	const struct tunnel_settings settings = {
		.role = role,
		.hello_timeout_s = 5,
		.ping_interval_s = 15,
		.ping_misses = 3,
		.max_calls = max_calls,
		.name = role == TUNNEL_CLIENT ? "lrp" : "rrp",
	};
	const struct session_owner owner = {
		.ops = &side_ops,
		.context = &end->side,
		.wake = on_wake,
		.wake_context = end,
	};
	uint8_t random[SESSION_RANDOM_LEN];

	for (size_t i = 0; i < sizeof(random); i++)
		random[i] = (uint8_t)(0x35 + 7 * i + role);
	end->session = session_new(&settings, random, &owner, now);
	end->in = malloc(IN_SIZE);
	assert_non_null(end->session);
	assert_non_null(end->in);
}

struct link *link_new(unsigned client_max_calls, unsigned server_max_calls)
{
	struct link *link = calloc(1, sizeof(*link));

	assert_non_null(link);
	link->now = (struct mono){.us = 1000000};
	start(&link->client, TUNNEL_CLIENT, client_max_calls, link->now);
	start(&link->server, TUNNEL_SERVER, server_max_calls, link->now);
	return link;
}

static void done(struct link_end *end)
{
	session_free(end->session);
	free(end->in);
	free(end->sent);
}

void link_free(struct link *link)
{
	done(&link->client);
	done(&link->server);
	free(link);
}

struct link *link_up(unsigned client_max_calls, unsigned server_max_calls)
{
	struct link *link = link_new(client_max_calls, server_max_calls);

	link_pump(link, LINK_GLUED);
	assert_int_equal(session_state(link->client.session), SESSION_UP);
	assert_int_equal(session_state(link->server.session), SESSION_UP);
	side_clear_log(&link->client.side);
	side_clear_log(&link->server.side);
	return link;
}

void link_feed(struct link *link, struct link_end *to, const uint8_t *data, size_t len,
	       size_t chunk)
{
	while (len) {
		size_t piece = MIN(len, chunk);
		uint8_t *exact;
		size_t used;

		assert_true(to->in_len + piece <= IN_SIZE);
		memcpy(to->in + to->in_len, data, piece);
		to->in_len += piece;
		data += piece;
		len -= piece;
		/* A copy of exact size, so that a sanitizer sees a byte read too many. */
		exact = malloc(to->in_len);
		memcpy(exact, to->in, to->in_len);
		used = session_input(to->session, exact, to->in_len, link->now);
		free(exact);
		assert_true(used <= to->in_len);
		to->in_len -= used;
		memmove(to->in, to->in + used, to->in_len);
	}
}

/* Every other time in parts, which are written one by one. */
size_t link_output(struct link_end *from)
{
	static uint8_t bytes[SESSION_OUTPUT_MAX];
	struct session_output out = {.bytes = bytes, .in_one = from->outputs++ % 2};
	size_t len, before = from->sent_len;

	if (from->sent_size - from->sent_len < SESSION_OUTPUT_MAX) {
		from->sent_size = 2 * from->sent_size + SESSION_OUTPUT_MAX;
		from->sent = realloc(from->sent, from->sent_size);
		assert_non_null(from->sent);
	}
	from->woken = false;
	len = session_output(from->session, &out);
	assert_true(len <= SESSION_OUTPUT_MAX);
	assert_true(out.count <= (out.in_one ? 1 : SESSION_PARTS_MAX));
	while (out.left) {
		const struct iovec part = out.parts[out.first];

		memcpy(from->sent + from->sent_len, part.iov_base, part.iov_len);
		from->sent_len += part.iov_len;
		session_output_written(from->session, &out, part.iov_len);
	}
	assert_int_equal(from->sent_len - before, len);
	return len;
}

static bool carry(struct link *link, struct link_end *from, struct link_end *to, size_t chunk)
{
	size_t len = link_output(from);

	link_feed(link, to, from->sent + from->sent_len - len, len, chunk);
	return len > 0;
}

void link_pump(struct link *link, size_t chunk)
{
	bool moved = true;

	while (moved) {
		moved = carry(link, &link->client, &link->server, chunk);
		moved |= carry(link, &link->server, &link->client, chunk);
	}
	assert_false(session_has_output(link->client.session));
	assert_false(session_has_output(link->server.session));
}

bool link_sent_frame(const struct link_end *from, size_t *offset, enum rrp_reader reader,
		     struct rrp_frame *ret_frame)
{
	struct rrp_fault fault;
	size_t size;

	if (*offset == from->sent_len)
		return false;
	if (rrp_frame_next(from->sent + *offset, from->sent_len - *offset, reader, ret_frame, &size,
			   &fault) != RRP_FRAMING_FRAME)
		fail_msg("sent what is no frame: %s", fault.text);
	*offset += size;
	return true;
}

unsigned link_count_sent(const struct link_end *from, size_t offset, uint8_t type)
{
	unsigned count = 0;

	while (offset < from->sent_len) {
		struct byte_reader in = rd_init(from->sent + offset, from->sent_len - offset);
		struct rrp_header header = rrp_header_read(&in);

		count += header.type == type;
		offset += RRP_HEADER_LEN + (size_t)header.length;
	}
	assert_int_equal(offset, from->sent_len);
	return count;
}
