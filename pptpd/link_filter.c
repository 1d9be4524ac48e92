/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PPPoE and nothing else; see the header. Runs as root. */
#include "pptpd/link_filter.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include "pptpd/base/fdio.h"
#include "pptpd/route_writer.h"

/* Where in a frame: its EtherType; version, type and code (RFC 2516 4). The payload's length ends
 * the header. */
#define ETHERTYPE_AT   12
#define PPPOE_AT       14
#define PPPOE_HEAD_LEN 20

/* Version 1, type 1, code 0: of a session. */
#define SESSION_DATA 0x1100

/*
 * Each test goes on with the next instruction, or jumps over what is left to the last one. Where a
 * load fails the program would return 0, which lets the packet pass: hence the length first. A tag
 * of a VLAN is not in the frame any more.
 */
static const struct sock_filter program[] = {
	BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0),
	BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, PPPOE_HEAD_LEN, 0, 7),
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_VLAN_TAG_PRESENT)),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 5),
	BPF_STMT(BPF_LD | BPF_H | BPF_ABS, ETHERTYPE_AT),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_PPP_SES, 0, 3),
	BPF_STMT(BPF_LD | BPF_H | BPF_ABS, PPPOE_AT),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SESSION_DATA, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, TC_ACT_OK),
	BPF_STMT(BPF_RET | BPF_K, TC_ACT_SHOT),
};

static int add_queue(int socket, int device)
{
	const struct tcmsg head = {
		.tcm_family = AF_UNSPEC,
		.tcm_ifindex = device,
		.tcm_handle = TC_H_MAKE(TC_H_INGRESS, 0),
		.tcm_parent = TC_H_INGRESS,
	};
	struct route_writer out;

	route_writer_begin(&out, RTM_NEWQDISC, &head, sizeof(head));
	route_writer_put_text(&out, TCA_KIND, "ingress");
	return route_writer_ask(&out, socket);
}

/* What the program returns is what is done. */
static int add_program(int socket, int device)
{
	const uint16_t len = sizeof(program) / sizeof(program[0]);
	const struct tcmsg head = {
		.tcm_family = AF_UNSPEC,
		.tcm_ifindex = device,
		.tcm_parent = TC_H_MAKE(TC_H_INGRESS, 0),
		.tcm_info = TC_H_MAKE(1U << 16, htons(ETH_P_ALL)), /* the first, of all protocols */
	};
	struct route_writer out;
	size_t options;

	route_writer_begin(&out, RTM_NEWTFILTER, &head, sizeof(head));
	route_writer_put_text(&out, TCA_KIND, "bpf");
	options = route_writer_begin_nest(&out, TCA_OPTIONS);
	route_writer_put(&out, TCA_BPF_OPS_LEN, &len, sizeof(len));
	route_writer_put(&out, TCA_BPF_OPS, program, sizeof(program));
	route_writer_put_u32(&out, TCA_BPF_FLAGS, TCA_BPF_FLAG_ACT_DIRECT);
	route_writer_end_nest(&out, options);
	return route_writer_ask(&out, socket);
}

int link_filter_attach(const char *name)
{
	int device = (int)if_nametoindex(name), socket, error;

	if (!device)
		return -errno;
	socket = route_writer_open_socket();
	if (socket < 0)
		return socket;
	error = add_queue(socket, device);
	if (!error)
		error = add_program(socket, device);
	fdio_close(&socket);
	return error == -ENOENT ? -EOPNOTSUPP : error; /* it knows no such kind */
}
