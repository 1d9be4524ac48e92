/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How pppd is started for a call: its words and its descriptors. Runs as root.
 */
#ifndef PPTPD_PPPD_H
#define PPTPD_PPPD_H

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <sys/types.h>

/* Poptop's place for the plugin that logwtmp asks for. */
#define PPPD_LOGWTMP_PLUGIN "/usr/lib/pptpd/pptpd-logwtmp.so"

/* Ours, for channels that are no terminal. */
#define PPPD_CHANNEL_PLUGIN PLUGINDIR "/pptpd-channel.so"

struct addr_lease;
struct conf;

/* Where a tunnelled call comes from, for ip-up and its kin. */
struct pppd_tunnel {
	const char *lrp_name;    /* RRP_PEER */
	const char *lrp_address; /* RRP_ADDRESS */
};

/* What PPP runs on. */
struct pppd_line {
	int socket;          /* connected, for our plugin; -1: a new pseudo-terminal */
	const char *version; /* of pppd, for the plugin */
};

struct pppd_process {
	pid_t pid;
	int channel;  /* master side of its pseudo-terminal, the caller's; -1 with a socket */
	int events;   /* what the plugin tells (enum channel_event), the caller's; -1 without it */
	int messages; /* what it says on stderr, the caller's */
};

/*
 * The words of pppd's command line, in Poptop's order, for a call from `client`; `tunnel` is NULL
 * for a direct one; with `plugin`, words follow that have it serve a socket. A NULL-terminated
 * array for pppd_words_free(), or NULL when memory is out.
 */
char **pppd_words(const struct conf *conf, const struct addr_lease *lease, struct in_addr client,
		  const struct pppd_tunnel *tunnel, bool plugin);
void pppd_words_free(char **words);

/*
 * Starts pppd on that line, with `files` as its limit of descriptors. The socket stays the
 * caller's. False, logged, when that fails.
 */
bool pppd_start(char *const *words, const struct rlimit *files, const struct pppd_line *line,
		struct pppd_process *ret_process);

#endif
