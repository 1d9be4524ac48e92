/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A pair of devices by rtnetlink(7); see the header. Numbers in there are of the machine's order.
 */
#include "pptpd/route_message.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#include "pptpd/base/bytes.h"

/* Two names, two addresses, and the headers around them take a third of it. */
#define MESSAGE_MAX 512

static const char device_kind[] = "veth";

struct message {
	uint8_t bytes[MESSAGE_MAX];
	struct byte_writer out;
};

static void put_padding(struct byte_writer *out)
{
	wr_zero(out, NLMSG_ALIGN(wr_len(out)) - wr_len(out));
}

static void put_attribute(struct byte_writer *out, uint16_t type, const void *data, size_t len)
{
	const struct nlattr header = {.nla_type = type, .nla_len = (uint16_t)(NLA_HDRLEN + len)};

	wr_copy(out, &header, sizeof(header));
	wr_copy(out, data, len);
	put_padding(out);
}

/* An attribute of attributes; ends with end_nest(). */
static size_t begin_nest(struct byte_writer *out, uint16_t type)
{
	size_t at = wr_len(out);

	put_attribute(out, type, NULL, 0);
	return at;
}

static void end_nest(struct message *message, size_t at)
{
	struct nlattr header;

	if (wr_failed(&message->out))
		return;
	memcpy(&header, message->bytes + at, sizeof(header));
	header.nla_len = (uint16_t)(wr_len(&message->out) - at);
	memcpy(message->bytes + at, &header, sizeof(header));
}

static void put_end(struct byte_writer *out, const struct route_pair_end *end)
{
	const struct ifinfomsg device = {.ifi_family = AF_UNSPEC};

	wr_copy(out, &device, sizeof(device));
	put_attribute(out, IFLA_IFNAME, end->name, strlen(end->name) + 1);
	put_attribute(out, IFLA_ADDRESS, end->address, sizeof(end->address));
	put_attribute(out, IFLA_MTU, &end->mtu, sizeof(end->mtu));
}

/* RTM_NEWLINK. The peer is in the data of the kind of device, with a header of its own. */
static bool write_pair(struct message *message, const struct route_pair_end *outer,
		       const struct route_pair_end *inner, uint32_t inner_pid)
{
	struct nlmsghdr header = {
		.nlmsg_type = RTM_NEWLINK,
		.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL,
	};
	struct byte_writer *out = &message->out;
	size_t info, data, peer;

	*out = wr_init(message->bytes, sizeof(message->bytes));
	wr_copy(out, &header, sizeof(header));
	put_end(out, outer);
	info = begin_nest(out, IFLA_LINKINFO);
	put_attribute(out, IFLA_INFO_KIND, device_kind, sizeof(device_kind) - 1);
	data = begin_nest(out, IFLA_INFO_DATA);
	peer = begin_nest(out, VETH_INFO_PEER);
	put_end(out, inner);
	put_attribute(out, IFLA_NET_NS_PID, &inner_pid, sizeof(inner_pid));
	end_nest(message, peer);
	end_nest(message, data);
	end_nest(message, info);
	if (wr_failed(out))
		return false;
	header.nlmsg_len = (uint32_t)wr_len(out);
	memcpy(message->bytes, &header, sizeof(header));
	return true;
}

/* The acknowledgement: a header, and an error that is 0 if all is well. */
static int read_answer(int fd)
{
	struct {
		struct nlmsghdr header;
		struct nlmsgerr error;
		uint8_t rest[MESSAGE_MAX]; /* the request once more, and the kernel's words */
	} answer;
	ssize_t len = recv(fd, &answer, sizeof(answer), 0);

	if (len < 0)
		return -errno;
	if ((size_t)len < sizeof(answer.header) + sizeof(answer.error) ||
	    answer.header.nlmsg_type != NLMSG_ERROR)
		return -EPROTO;
	return answer.error.error;
}

int route_message_open(void)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	return fd < 0 ? -errno : fd;
}

int route_message_make_pair(int socket, const struct route_pair_end *outer,
			    const struct route_pair_end *inner, pid_t inner_pid)
{
	struct message message;

	if (!write_pair(&message, outer, inner, (uint32_t)inner_pid))
		return -EMSGSIZE;
	if (send(socket, message.bytes, wr_len(&message.out), 0) < 0)
		return -errno;
	return read_answer(socket);
}
