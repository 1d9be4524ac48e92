/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Choice and fall; see the header. Runs as root. */
#include "pptpd/channel.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "pptpd/base/log.h"
#include "pptpd/call.h"
#include "pptpd/channel_choice.h"
#include "pptpd/channel_kernel.h"
#include "pptpd/channel_pppoe.h"
#include "pptpd/child.h"
#include "pptpd/conf.h"
#include "pptpd/link.h"
#include "pptpd/manager.h"

/* Call IDs that are tried when one is taken in another network namespace of this kernel. */
#define CALL_ID_TRIES 4

/* The lines that tell of falls: some at once, then one every so many milliseconds. */
#define FALL_LOG_BURST     10
#define FALL_LOG_REFILL_MS 60000

/* Of what a fall's line says of one channel. */
#define FALL_TEXT_MAX 192

/* Another pppd gets Poptop's words only, unless it is asked otherwise. */
static enum channel_wish usual_wish(const struct conf *conf)
{
	return strcmp(conf->ppp, CONF_DISTRO_PPP) == 0 ? CHANNEL_AUTO : CHANNEL_PTY;
}

void channels_open(struct channels *channels, const struct conf *conf)
{
	rate_limit_init(&channels->fall_limit, FALL_LOG_BURST, FALL_LOG_REFILL_MS, mono_now());
	channel_trust_open(&channels->trust,
			   channel_choice_needs_plugin(&conf->ppp_channel, usual_wish(conf))
				   ? conf->ppp
				   : NULL);
}

static int open_kernel(struct call *call, uint16_t client_call_id)
{
	const struct channel_kernel_end clients = {call->client, client_call_id};
	int fd = -EAFNOSUPPORT;

	if (call->child->local.sa.sa_family != AF_INET)
		return fd;
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

	return error ? error : channel_pppoe_open(&call->child->pppoe, call->lease.call_id);
}

static int open_rung(struct call *call, enum ipc_channel rung, uint16_t client_call_id)
{
	return rung == IPC_CHANNEL_KERNEL ? open_kernel(call, client_call_id) : open_pppoe(call);
}

/* By the address that a limit or a ban would be for: a tunnel's, not that of who is behind it. */
static void tell_fall(struct call *call, const char *fallen, enum ipc_channel taken)
{
	struct channels *channels = &call->manager->channels;
	char source[ADDRESS_TEXT_MAX];
	unsigned refused;

	if (rate_limit_allow(&channels->fall_limit, mono_now(), &refused))
		log_notice("MGR: call of %s:%s; PPP channel %s is used",
			   address_text(&call->child->remote, source), fallen,
			   channel_choice_name(taken));
}

int channel_open(struct call *call, uint16_t client_call_id, enum ipc_channel *ret_kind)
{
	struct channels *channels = &call->manager->channels;
	const struct conf *conf = call->manager->conf;
	const struct address *source = &call->child->remote;
	enum ipc_channel rungs[CHANNEL_RUNGS_MAX], rung;
	char fallen[FALL_TEXT_MAX] = "";
	bool may;
	int fd = -1;

	(void)channel_choice_ladder(
		channel_choice_find(&conf->ppp_channel, source, usual_wish(conf)),
		call->child->kind, reordered_sources_has(&channels->reordered, source, mono_now()),
		rungs);
	may = rungs[0] != IPC_CHANNEL_PTY && channel_trust_may_use(&channels->trust);
	for (const enum ipc_channel *at = rungs; (rung = *at) != IPC_CHANNEL_PTY; at++) {
		size_t used = strlen(fallen);

		if (!may || !channel_trust_has(&channels->trust, rung))
			continue; /* told already */
		fd = open_rung(call, rung, client_call_id);
		if (fd >= 0)
			break;
		(void)snprintf(fallen + used, sizeof(fallen) - used, "%s no channel %s (%s)",
			       used ? "," : "", channel_choice_name(rung), strerror(-fd));
	}
	if (fallen[0])
		tell_fall(call, fallen, rung);
	*ret_kind = rung;
	return rung == IPC_CHANNEL_PTY ? -1 : fd;
}

void channels_note_reordered(struct channels *channels, const struct child *child)
{
	char address[ADDRESS_TEXT_MAX];

	if (reordered_sources_add(&channels->reordered, &child->remote, mono_now()))
		log_info("MGR: packets of client %s come out of order: its next calls do without "
			 "PPP channel kernel",
			 address_text(&child->remote, address));
}
