/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pppd's plugin: PPP over a PPPoX socket (PPTP or PPPoE) that pptpd has opened and connected, in
 * place of the terminal. LCP is negotiated as on the terminal. It opens nothing itself, and tells
 * pptpd by single bytes how far the call has come.
 *
 * Once PPP runs on the socket, pptpd has the only copy of it: when that is closed, pppd sees a
 * hang-up, as on a terminal.
 */
#include "pptpd/plugin/channel_words.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/types.h>
#include <unistd.h>

#include <linux/ppp-ioctl.h>
#include <linux/ppp_defs.h>

#include <pppd/pppd.h>

#ifdef PPPD_PLUGIN_2_4
#define RUNNING_STATUS         status
#define ESTABLISH(fd)          generic_establish_ppp(fd)
#define DISESTABLISH(fd)       generic_disestablish_ppp(fd)
#define ADD_OPTIONS(list)      add_options(list)
#define ON_PHASE(function)     add_notifier(&phasechange, function, NULL)
#define ON_LINK_DOWN(function) add_notifier(&link_down_notifier, function, NULL)
#define SET_DEVICE_NAME(name)  strlcpy(devnam, name, sizeof(devnam))
#define SET_LINK_NAME(name)    strlcpy(ppp_devnam, name, sizeof(ppp_devnam))
#define SET_SCRIPT(name, text) script_setenv(name, text, 0)
#define HAS_SPEEDS             1
#define BUILT_FOR              VERSION
#else /* 2.5 */
#include <pppd/options.h>
#define RUNNING_STATUS         ppp_status()
#define ESTABLISH(fd)          ppp_generic_establish(fd)
#define DISESTABLISH(fd)       ppp_generic_disestablish(fd)
#define ADD_OPTIONS(list)      ppp_add_options(list)
#define ON_PHASE(function)     ppp_add_notify(NF_PHASE_CHANGE, function, NULL)
#define ON_LINK_DOWN(function) ppp_add_notify(NF_LINK_DOWN, function, NULL)
#define SET_DEVICE_NAME(name)  ppp_set_devnam(name)
#define SET_LINK_NAME(name)    ppp_set_pppdevnam(name)
#define SET_SCRIPT(name, text) ppp_script_setenv(name, text, 0)
#define BUILT_FOR              PPPD_VERSION
/* In bits per second. No header has them, so another 2.5 may not have them at all. */
extern int inspeed __attribute__((weak)), baud_rate __attribute__((weak));
#define HAS_SPEEDS             (&inspeed && &baud_rate)
#endif

/* What pppd looks up. */
extern char pppd_version[];
void plugin_init(void);

char pppd_version[CHANNEL_VERSION_MAX + 1] = BUILT_FOR;

/* Both are pptpd's words, -1 without them. */
static int given_socket = -1, given_events = -1;
static int ppp_channel = -1; /* /dev/ppp, attached to the socket */

static void tell(enum channel_event event)
{
	char byte = (char)event;

	/* A pptpd that is gone hears nothing; it was not for us to say. */
	if (given_events >= 0 && write(given_events, &byte, sizeof(byte)) < 0)
		given_events = -1;
}

/*
 * Scripts, wtmp and log lines get a device and a speed, as on a terminal: a name that no other call
 * has at the time, and the speed that the words ask for.
 */
static void tell_device(void)
{
	char name[32], speed[16], device_variable[] = "DEVICE", speed_variable[] = "SPEED";

	(void)snprintf(name, sizeof(name), "pptp%ld", (long)getpid());
	(void)SET_DEVICE_NAME(name);
	(void)SET_LINK_NAME(name);
	SET_SCRIPT(device_variable, name);
	if (HAS_SPEEDS) {
		baud_rate = inspeed;
		(void)snprintf(speed, sizeof(speed), "%d", baud_rate);
		SET_SCRIPT(speed_variable, speed);
	}
}

/* pppd asks for the device again when the call is over and it is to persist: there is none. */
static int channel_connect(void)
{
	if (given_socket < 0) {
		(void)kill(getpid(), SIGTERM);
		return -1;
	}
	tell_device();
	return given_socket;
}

static int channel_establish(int fd)
{
	ppp_channel = ESTABLISH(fd);
	if (ppp_channel < 0)
		return ppp_channel;
	(void)close(given_socket); /* PPP holds the channel, pptpd the socket */
	given_socket = -1;
	tell(CHANNEL_EVENT_STARTED);
	return ppp_channel;
}

static void channel_disestablish(int fd)
{
	DISESTABLISH(fd);
	ppp_channel = -1;
}

/* The kernel's PPTP shortens headers itself; its PPPoE has none, and refuses. */
static void channel_send_config(int mtu, u_int32_t asyncmap, int pcomp, int accomp)
{
	int flags;

	(void)mtu;
	(void)asyncmap;
	if (ppp_channel < 0 || ioctl(ppp_channel, PPPIOCGFLAGS, &flags) != 0)
		return;
	flags &= ~(SC_COMP_PROT | SC_COMP_AC);
	flags |= (pcomp ? SC_COMP_PROT : 0) | (accomp ? SC_COMP_AC : 0);
	(void)ioctl(ppp_channel, PPPIOCSFLAGS, &flags);
}

/* Both sockets take short and long headers alike. */
static void channel_recv_config(int mru, u_int32_t asyncmap, int pcomp, int accomp)
{
	(void)mru;
	(void)asyncmap;
	(void)pcomp;
	(void)accomp;
}

static void channel_nothing(void)
{
}

static struct channel channel = {
	.connect = channel_connect,
	.disconnect = channel_nothing,
	.establish_ppp = channel_establish,
	.disestablish_ppp = channel_disestablish,
	.send_config = channel_send_config,
	.recv_config = channel_recv_config,
	.cleanup = channel_nothing,
	.close = channel_nothing, /* what scripts must not have is closed on exec */
};

static int take_descriptor(char **words, int *ret_fd)
{
	char *end;
	long number = strtol(words[0], &end, 10);

	if (*end || number < 0 || number > 65535 || fcntl((int)number, F_SETFD, FD_CLOEXEC) != 0)
		return 0;
	*ret_fd = (int)number;
	return 1;
}

/* The last word: pppd has taken us, and all of its options. */
static int set_events(char **words)
{
	if (!take_descriptor(words, &given_events))
		return 0;
	tell(CHANNEL_EVENT_LOADED);
	return 1;
}

/* The words that only a terminal has stay known: options files for Poptop are full of them. */
static int set_socket(char **words)
{
	if (!take_descriptor(words, &given_socket))
		return 0;
	channel.options = the_channel->options;
	the_channel = &channel;
	return 1;
}

static char socket_word[] = CHANNEL_WORD_SOCKET, socket_help[] = "PPPoX socket from pptpd",
	    events_word[] = CHANNEL_WORD_EVENTS, events_help[] = "Pipe to pptpd";

static option_t options[] = {
	{.name = socket_word,
	 .type = o_special,
	 .addr = (void *)set_socket,
	 .description = socket_help,
	 .flags = OPT_PRIV | OPT_NOPRINT},
	{.name = events_word,
	 .type = o_special,
	 .addr = (void *)set_events,
	 .description = events_help,
	 .flags = OPT_PRIV | OPT_NOPRINT},
	{.name = NULL},
};

static void on_phase(void *context, int now)
{
	(void)context;
	if (now == PHASE_NETWORK)
		tell(CHANNEL_EVENT_UP);
}

static void on_link_down(void *context, int unit)
{
	(void)context;
	(void)unit;
	if (RUNNING_STATUS == EXIT_PEER_AUTH_FAILED)
		tell(CHANNEL_EVENT_DENIED);
}

void plugin_init(void)
{
	ADD_OPTIONS(options);
	ON_PHASE(on_phase);
	ON_LINK_DOWN(on_link_down);
}

/*
 * Runs when pppd has loaded us and before it compares versions. Within a series the interface is
 * one; pppd of another one finds the version that we were built for, and refuses us.
 */
__attribute__((constructor)) static void take_version(void)
{
	const char *running = getenv(CHANNEL_VERSION_VARIABLE), *dot;
	size_t series;

	if (!running || strlen(running) > CHANNEL_VERSION_MAX)
		return;
	dot = strchr(running, '.');
	dot = dot ? strchr(dot + 1, '.') : NULL;
	series = dot ? (size_t)(dot - running) + 1 : strlen(running);
	if (strncmp(running, pppd_version, series) == 0)
		memcpy(pppd_version, running, strlen(running) + 1);
}
