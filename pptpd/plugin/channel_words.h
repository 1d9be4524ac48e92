/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What pptpd and its plugin in pppd have agreed upon. Constants only. */
#ifndef PPTPD_PLUGIN_CHANNEL_WORDS_H
#define PPTPD_PLUGIN_CHANNEL_WORDS_H

/* Options: the number of a connected PPPoX socket, and of a pipe that takes the events. */
#define CHANNEL_WORD_SOCKET "pptpd-channel"
#define CHANNEL_WORD_EVENTS "pptpd-events"

/*
 * In the environment: the version that the pppd says it is. pppd wants to find its own in a plugin;
 * ours fits all of a series, 2.4 or 2.5.
 */
#define CHANNEL_VERSION_VARIABLE "PPTPD_PPPD_VERSION"

/* Longest version, without terminator. */
#define CHANNEL_VERSION_MAX 31

/* Bytes in the pipe. */
enum channel_event {
	CHANNEL_EVENT_LOADED = 'l',  /* pppd has taken plugin and options */
	CHANNEL_EVENT_STARTED = 's', /* PPP runs on the socket */
	CHANNEL_EVENT_UP = 'u',      /* the network phase has begun: the user is who he says */
	CHANNEL_EVENT_DENIED = 'd',  /* the peer could not authenticate itself */
};

#endif
