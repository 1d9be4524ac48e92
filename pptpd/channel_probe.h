/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Looks which PPP channels this machine has: asks pppd for its version and whether it takes our
 * plugin, and opens what the kernel must have. Says what it found; logs nothing. Runs as root.
 */
#ifndef PPTPD_CHANNEL_PROBE_H
#define PPTPD_CHANNEL_PROBE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "pptpd/plugin/channel_words.h"

#define CHANNEL_PROBLEM_TEXT_MAX 256
#define CHANNEL_PART_MAX         32

/* Tells one state of a file from another: an upgrade puts a new one in its place. */
struct channel_file {
	dev_t device;
	ino_t inode; /* 0: there is none */
	struct timespec changed;
};

/* pppd, and our plugin. */
struct channel_files {
	struct channel_file ppp;
	struct channel_file plugin;
};

/* Plain bytes: a process may write them for another one. */
struct channel_findings {
	bool answered; /* false: pppd took too long, and nothing else is known */
	bool has_plugin;
	char version[CHANNEL_VERSION_MAX + 1];  /* of pppd, "" unless it has the plugin */
	char problem[CHANNEL_PROBLEM_TEXT_MAX]; /* why it has not, printable */
	int kernel_error;                       /* 0 or a negative errno; only with the plugin */
	int pppoe_error;
	char pppoe_failed[CHANNEL_PART_MAX]; /* which part */
	int ring_error;                      /* why links are TAP devices; 0: they have rings */
	char ring_failed[CHANNEL_PART_MAX];
	int filter_error; /* why links have no filter */
	char filter_failed[CHANNEL_PART_MAX];
	struct channel_files files;
};

/* How those files are now. */
void channel_files_look(const char *ppp, struct channel_files *ret_files);

/* Runs that pppd twice and waits for it, so long at most. */
void channel_probe(const char *ppp, int64_t patience_ms, struct channel_findings *ret_findings);

#endif
