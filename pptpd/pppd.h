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

struct addr_lease;
struct conf;

/* Where a tunnelled call comes from, for ip-up and its kin. */
struct pppd_tunnel {
	const char *lrp_name;    /* RRP_PEER */
	const char *lrp_address; /* RRP_ADDRESS */
};

struct pppd_process {
	pid_t pid;
	int channel;  /* master side of its pseudo-terminal, the caller's */
	int messages; /* what it says on stderr, the caller's */
};

/*
 * The words of pppd's command line, in Poptop's order, for a call from `client`; `tunnel` is NULL
 * for a direct one. A NULL-terminated array for pppd_words_free(), or NULL when memory is out.
 */
char **pppd_words(const struct conf *conf, const struct addr_lease *lease, struct in_addr client,
		  const struct pppd_tunnel *tunnel);
void pppd_words_free(char **words);

/*
 * Starts pppd on a new pseudo-terminal, with `files` as its limit of descriptors. False, logged,
 * when that fails.
 */
bool pppd_start(char *const *words, const struct rlimit *files, struct pppd_process *ret_process);

#endif
