/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pptpd's settings: command line over pptpd.conf over defaults, with Poptop's words and grammar
 * (docs/compatibility.md). Parses and judges values; opens nothing but the file itself.
 */
#ifndef PPTPD_CONF_H
#define PPTPD_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pptpd/base/address.h"
#include "pptpd/channel_choice.h"

#define CONF_DEFAULT_FILE SYSCONFDIR "/pptpd.conf"

/* Listening addresses for tunnels; more than anybody has interfaces for. */
#define CONF_RRP_LISTEN_MAX 16

#define CONF_RRP_PORT 4723

/* The pppd that our plugin is made for. */
#define CONF_DISTRO_PPP "/usr/sbin/pppd"

struct conf_rrp_listen {
	char host[ADDRESS_HOST_MAX]; /* "" for any */
	uint16_t port;
};

struct conf {
	char *file;
	bool file_given;

	bool debug;
	bool foreground;
	bool noipparam;
	bool delegate;
	bool logwtmp;
	char *bcrelay; /* interface, NULL: off */
	char *ppp;
	char *listen; /* NULL: any */
	char *option; /* pppd's options file, NULL: none */
	char *pidfile;
	char *speed;
	char *vrf;
	char *localip;
	char *remoteip;
	unsigned stimeout;    /* seconds */
	unsigned connections; /* calls at once */

	struct channel_choice ppp_channel;

	unsigned echo_interval; /* seconds of silence on a control connection until we ask */
	unsigned echo_timeout;  /* seconds for the answer */

	struct conf_rrp_listen rrp_listen[CONF_RRP_LISTEN_MAX];
	size_t rrp_listen_count;
	char *rrp_security;
	bool rrp_tls;            /* what rrp_security means */
	bool rrp_plain_anywhere; /* plain tunnels also between addresses that are not private */
	char *rrp_key;           /* file of the private key */
	char *rrp_certificate;   /* PEM chain from an authority, NULL: self-signed */
	char *rrp_peers;         /* list of LRPs */
	unsigned rrp_calls;      /* at once in one tunnel, 0: as many as connections */
	unsigned rrp_keepalive;  /* seconds of silence until a tunnel is probed */

	char *pptpctrl_user;
	char *pptpctrl_seccomp;
	unsigned sandbox; /* enum sandbox_mode: what pptpctrl_seccomp means */
	char *control;    /* socket for pptpd-ctl */
};

enum conf_command {
	CONF_RUN,
	CONF_CHECK,    /* --check-config */
	CONF_EXIT_OK,  /* --help or --version was answered on stdout */
	CONF_EXIT_BAD, /* usage was printed, or an error on stderr */
};

/* Settings from the command line; the strings are copies. */
enum conf_command conf_from_arguments(struct conf *conf, int argc, char **argv);

/*
 * Adds what the file says to what the command line left open, then the defaults, and tests the
 * result. Problems are logged; false if pptpd must not run with it.
 */
bool conf_complete(struct conf *conf);

void conf_done(struct conf *conf);

/*
 * For conf_args.c: sets one value by its keyword. `where` is FILE:LINE, or NULL for the command
 * line. False, logged, if it is bad.
 */
struct conf_keyword;
bool conf_set(struct conf *conf, const struct conf_keyword *keyword, const char *value,
	      const char *where);

#endif
