/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests of rtnetlink(7); see the header. Runs as root. */
#include "pptpd/route_writer.h"

#include <errno.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>

static void put_padding(struct byte_writer *out)
{
	wr_zero(out, NLMSG_ALIGN(wr_len(out)) - wr_len(out));
}

void route_writer_put_head(struct route_writer *writer, const void *head, size_t len)
{
	wr_copy(&writer->out, head, len);
	put_padding(&writer->out);
}

void route_writer_begin(struct route_writer *writer, uint16_t type, const void *head, size_t len)
{
	const struct nlmsghdr header = {
		.nlmsg_type = type,
		.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL,
	};

	writer->out = wr_init(writer->bytes, sizeof(writer->bytes));
	wr_copy(&writer->out, &header, sizeof(header));
	route_writer_put_head(writer, head, len);
}

void route_writer_put(struct route_writer *writer, uint16_t type, const void *data, size_t len)
{
	const struct nlattr header = {.nla_type = type, .nla_len = (uint16_t)(NLA_HDRLEN + len)};

	wr_copy(&writer->out, &header, sizeof(header));
	wr_copy(&writer->out, data, len);
	put_padding(&writer->out);
}

void route_writer_put_text(struct route_writer *writer, uint16_t type, const char *text)
{
	route_writer_put(writer, type, text, strlen(text) + 1);
}

void route_writer_put_u32(struct route_writer *writer, uint16_t type, uint32_t value)
{
	route_writer_put(writer, type, &value, sizeof(value));
}

size_t route_writer_begin_nest(struct route_writer *writer, uint16_t type)
{
	size_t at = wr_len(&writer->out);

	route_writer_put(writer, type, NULL, 0);
	return at;
}

void route_writer_end_nest(struct route_writer *writer, size_t at)
{
	struct nlattr header;

	if (wr_failed(&writer->out))
		return;
	memcpy(&header, writer->bytes + at, sizeof(header));
	header.nla_len = (uint16_t)(wr_len(&writer->out) - at);
	memcpy(writer->bytes + at, &header, sizeof(header));
}

/* The acknowledgement: a header, and an error that is 0 if all is well. */
static int read_answer(int socket)
{
	struct {
		struct nlmsghdr header;
		struct nlmsgerr error;
		uint8_t rest[ROUTE_WRITER_MAX]; /* the request once more, and words */
	} answer;
	ssize_t len = recv(socket, &answer, sizeof(answer), 0);

	if (len < 0)
		return -errno;
	if ((size_t)len < sizeof(answer.header) + sizeof(answer.error) ||
	    answer.header.nlmsg_type != NLMSG_ERROR)
		return -EPROTO;
	return answer.error.error;
}

int route_writer_ask(struct route_writer *writer, int socket)
{
	struct nlmsghdr header;

	if (wr_failed(&writer->out))
		return -EMSGSIZE;
	memcpy(&header, writer->bytes, sizeof(header));
	header.nlmsg_len = (uint32_t)wr_len(&writer->out);
	memcpy(writer->bytes, &header, sizeof(header));
	if (send(socket, writer->bytes, header.nlmsg_len, 0) < 0)
		return -errno;
	return read_answer(socket);
}

int route_writer_open_socket(void)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	return fd < 0 ? -errno : fd;
}
