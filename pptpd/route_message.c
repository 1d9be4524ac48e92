/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A pair of devices by rtnetlink(7); see the header. Runs as root. */
#include "pptpd/route_message.h"

#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <string.h>
#include <sys/socket.h>

#include "pptpd/route_writer.h"

static const char device_kind[] = "veth";

static const struct ifinfomsg any_device = {.ifi_family = AF_UNSPEC};

static void put_end(struct route_writer *out, const struct route_pair_end *end)
{
	route_writer_put_text(out, IFLA_IFNAME, end->name);
	route_writer_put(out, IFLA_ADDRESS, end->address, sizeof(end->address));
	route_writer_put_u32(out, IFLA_MTU, end->mtu);
}

/* RTM_NEWLINK. The peer is in the data of the kind of device, with a header of its own. */
int route_message_make_pair(int socket, const struct route_pair_end *outer,
			    const struct route_pair_end *inner, pid_t inner_pid)
{
	struct route_writer out;
	size_t info, data, peer;

	route_writer_begin(&out, RTM_NEWLINK, &any_device, sizeof(any_device));
	put_end(&out, outer);
	info = route_writer_begin_nest(&out, IFLA_LINKINFO);
	route_writer_put(&out, IFLA_INFO_KIND, device_kind, sizeof(device_kind) - 1);
	data = route_writer_begin_nest(&out, IFLA_INFO_DATA);
	peer = route_writer_begin_nest(&out, VETH_INFO_PEER);
	route_writer_put_head(&out, &any_device, sizeof(any_device));
	put_end(&out, inner);
	route_writer_put_u32(&out, IFLA_NET_NS_PID, (uint32_t)inner_pid);
	route_writer_end_nest(&out, peer);
	route_writer_end_nest(&out, data);
	route_writer_end_nest(&out, info);
	return route_writer_ask(&out, socket);
}
