/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Choice and fall; see the header. Runs as root. */
#include "pptpd/channel.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "pptpd/base/fdio.h"
#include "pptpd/base/log.h"
#include "pptpd/call.h"
#include "pptpd/channel_kernel.h"
#include "pptpd/channel_pppoe.h"
#include "pptpd/channel_probe.h"
#include "pptpd/child.h"
#include "pptpd/conf.h"
#include "pptpd/manager.h"
#include "pptpd/pppd.h"

/* Call IDs that are tried when one is taken in another network namespace of this kernel. */
#define CALL_ID_TRIES 4

/* The lines that tell of falls: some at once, then one every so many milliseconds. */
#define FALL_LOG_BURST     10
#define FALL_LOG_REFILL_MS 60000

static const char *const names[] = {
	[IPC_CHANNEL_PTY] = "pty",
	[IPC_CHANNEL_PPPOE] = "pppoe",
	[IPC_CHANNEL_KERNEL] = "kernel",
};

void channels_probe(struct channels *channels, const struct conf *conf)
{
	rate_limit_init(&channels->fall_limit, FALL_LOG_BURST, FALL_LOG_REFILL_MS, mono_now());
	if (strcmp(conf->ppp, CONF_DISTRO_PPP) != 0 ||
	    !channel_probe_plugin(conf->ppp, channels->version))
		return;
	channels->kernel = channel_kernel_probe() == 0;
	channels->pppoe = channel_pppoe_probe() == 0;
}

static int open_kernel(struct call *call, uint16_t client_call_id)
{
	const struct channel_kernel_end clients = {call->client, client_call_id};
	int fd;

	for (int i = 0; i < CALL_ID_TRIES; i++) {
		const struct channel_kernel_end ours = {call->child->local.in.sin_addr,
							call->lease.call_id};

		fd = channel_kernel_open(&ours, &clients);
		if (fd != -EBUSY || !call_renew_id(call))
			break;
	}
	return fd;
}

static int open_pppoe(struct call *call)
{
	int error = child_need_link(call->child);

	return error ? error : channel_pppoe_open(&call->child->tap, call->lease.call_id);
}

static void tell_fall(struct call *call, enum ipc_channel from, int error)
{
	char client[INET_ADDRSTRLEN];
	unsigned refused;

	errno = -error;
	if (rate_limit_allow(&call->manager->channels.fall_limit, mono_now(), &refused))
		log_system(LOG_NOTICE, "MGR: call of %s does without channel %s",
			   inet_ntop(AF_INET, &call->client, client, sizeof(client)), names[from]);
}

int channel_open(struct call *call, uint16_t client_call_id, enum ipc_channel *ret_kind)
{
	const struct channels *channels = &call->manager->channels;
	int fd = -1;

	*ret_kind = IPC_CHANNEL_KERNEL;
	if (channels->kernel && call->child->kind == IPC_KIND_DIRECT) {
		fd = open_kernel(call, client_call_id);
		if (fd >= 0)
			return fd;
		tell_fall(call, IPC_CHANNEL_KERNEL, fd);
	}
	*ret_kind = IPC_CHANNEL_PPPOE;
	if (channels->pppoe) {
		fd = open_pppoe(call);
		if (fd >= 0)
			return fd;
		tell_fall(call, IPC_CHANNEL_PPPOE, fd);
	}
	*ret_kind = IPC_CHANNEL_PTY;
	return -1;
}
