/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Choice and fall; see the header. Runs as root. */
#include "pptpd/channel.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "pptpd/base/log.h"
#include "pptpd/call.h"
#include "pptpd/channel_choice.h"
#include "pptpd/channel_kernel.h"
#include "pptpd/channel_pppoe.h"
#include "pptpd/channel_probe.h"
#include "pptpd/child.h"
#include "pptpd/conf.h"
#include "pptpd/link.h"
#include "pptpd/manager.h"

/* Call IDs that are tried when one is taken in another network namespace of this kernel. */
#define CALL_ID_TRIES 4

/* The lines that tell of falls: some at once, then one every so many milliseconds. */
#define FALL_LOG_BURST     10
#define FALL_LOG_REFILL_MS 60000

/* How long the plugin is not used after a pppd that did not get on with it. */
#define DISTRUST_S 60

/* Of what a fall's line says of one channel. */
#define FALL_TEXT_MAX 192

/* Another pppd gets Poptop's words only, unless it is asked otherwise. */
static enum channel_wish usual_wish(const struct conf *conf)
{
	return strcmp(conf->ppp, CONF_DISTRO_PPP) == 0 ? CHANNEL_AUTO : CHANNEL_PTY;
}

static bool probe(enum ipc_channel channel, int error, const char *what)
{
	if (!error)
		return true;
	errno = -error;
	log_system(LOG_WARNING, "MGR: PPP channel %s is not used here: %s",
		   channel_choice_name(channel), what);
	return false;
}

/* With the filter, else without it: then the kernel's settings must do. */
static int probe_links(struct channels *channels, enum ipc_link_kind kind, const char **ret_what)
{
	const struct link_wish filtered = {kind, true, LINK_LARGE, 1};
	const struct link_wish without = {kind, false, LINK_LARGE, 1};
	const char *what;
	int error = channel_pppoe_probe(&filtered, &what);

	channels->links.with_filter = !error;
	if (!error)
		return 0;
	if (channel_pppoe_probe(&without, ret_what) != 0) {
		*ret_what = what;
		return error;
	}
	errno = -error;
	log_system(LOG_WARNING,
		   "MGR: links of PPPoE sessions are without a filter (kernel modules sch_ingress "
		   "and cls_bpf), a pptpctrl in the wrong hands could send other packets: %s",
		   what);
	return 0;
}

/* Rings first: a TAP costs a system call for each frame. */
static bool probe_pppoe(struct channels *channels)
{
	const char *what;
	int error = probe_links(channels, IPC_LINK_RING, &what);

	channels->links.kind = error ? IPC_LINK_TAP : IPC_LINK_RING;
	if (!error)
		return true;
	errno = -error;
	log_system(LOG_INFO, "MGR: links of PPPoE sessions are TAP devices here, without rings: %s",
		   what);
	error = probe_links(channels, IPC_LINK_TAP, &what);
	return probe(IPC_CHANNEL_PPPOE, error, what);
}

void channels_probe(struct channels *channels, const struct conf *conf)
{
	const char *what = "kernel";

	memset(channels->has, 0, sizeof(channels->has));
	channels->distrusted_until = mono_now();
	channels->links.rings_from = channels->distrusted_until;
	rate_limit_init(&channels->fall_limit, FALL_LOG_BURST, FALL_LOG_REFILL_MS, mono_now());
	if (!channel_choice_needs_plugin(&conf->ppp_channel, usual_wish(conf)) ||
	    !channel_probe_plugin(conf->ppp, channels->version))
		return;
	channels->has[IPC_CHANNEL_KERNEL] = probe(IPC_CHANNEL_KERNEL, channel_kernel_probe(), what);
	channels->has[IPC_CHANNEL_PPPOE] = probe_pppoe(channels);
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

static bool is_trusted(const struct channels *channels)
{
	return !mono_before(mono_now(), channels->distrusted_until);
}

int channel_open(struct call *call, uint16_t client_call_id, enum ipc_channel *ret_kind)
{
	const struct channels *channels = &call->manager->channels;
	const struct conf *conf = call->manager->conf;
	const struct address *source = &call->child->remote;
	enum ipc_channel rungs[CHANNEL_RUNGS_MAX], rung;
	char fallen[FALL_TEXT_MAX] = "";
	int fd = -1;

	(void)channel_choice_ladder(
		channel_choice_find(&conf->ppp_channel, source, usual_wish(conf)),
		call->child->kind, reordered_sources_has(&channels->reordered, source, mono_now()),
		rungs);
	for (const enum ipc_channel *at = rungs; (rung = *at) != IPC_CHANNEL_PTY; at++) {
		size_t used = strlen(fallen);

		if (!channels->has[rung] || !is_trusted(channels))
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

void channels_distrust(struct channels *channels, pid_t pppd, int wait_status)
{
	if (!is_trusted(channels))
		return;
	channels->distrusted_until = mono_add_ms(mono_now(), DISTRUST_S * 1000LL);
	log_warning("MGR: pppd[%ld] ended with status %d before PPP ran: PPP channel pty is used "
		    "for %d s",
		    (long)pppd, WEXITSTATUS(wait_status), DISTRUST_S);
}

void channels_note_reordered(struct channels *channels, const struct child *child)
{
	char address[ADDRESS_TEXT_MAX];

	if (reordered_sources_add(&channels->reordered, &child->remote, mono_now()))
		log_info("MGR: packets of client %s come out of order: its next calls do without "
			 "PPP channel kernel",
			 address_text(&child->remote, address));
}
