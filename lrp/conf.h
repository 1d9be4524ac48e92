/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lrp.conf: what each key means, its limits and its default. One table holds them all. Reads the
 * file and nothing else: whether the interface exists is found out by opening it.
 */
#ifndef LRP_CONF_H
#define LRP_CONF_H

#include <limits.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pptpd/base/address.h"
#include "pptpd/base/node_id.h"
#include "pptpd/base/sandbox.h"
#include "rrp/tunnel.h"

#define LRP_CONF_FILE "/etc/lrp.conf"
#define LRP_KEY_FILE  LOCALSTATEDIR "/lib/lrp/lrp.key"

/* Longest name of a user; useradd(8) takes no longer one. */
#define LRP_CONF_USER_MAX 32

/* Longest text about one error. */
#define LRP_CONF_ERROR_MAX 256

enum lrp_security {
	LRP_SECURITY_TLS,
	LRP_SECURITY_PLAIN, /* the tunnel is bare TCP */
};

/* Where the calls go, and how the server proves who it is. */
struct lrp_conf_server {
	char host[ADDRESS_HOST_MAX];
	uint16_t port;
	bool pinned;
	struct node_id pin;
	char ca[PATH_MAX]; /* file with certificates of authorities, "system", or "" */
	char verify_host[ADDRESS_HOST_MAX]; /* the name in its certificate; with `ca` only */
};

struct lrp_conf {
	char interface[IF_NAMESIZE];
	struct in_addr listen; /* INADDR_ANY: the first IPv4 address of the interface */
	struct lrp_conf_server server;
	enum lrp_security security;
	bool plain_anywhere; /* plain also towards addresses that are not private */
	char key[PATH_MAX];
	char user[LRP_CONF_USER_MAX + 1]; /* what the processes become that have no privilege */
	enum sandbox_mode seccomp;
	char name[RRP_NAME_MAX + 1];
	unsigned connections;     /* calls at once */
	unsigned start_timeout_s; /* ctrl_conn_settings has the meaning of these three */
	unsigned echo_interval_s;
	unsigned echo_timeout_s;
	unsigned keepalive_s; /* tunnel_settings' ping_interval_s */
	bool debug;
	char pidfile[PATH_MAX];
};

/* The facts of one key, as the parser, the error texts and the manual page have them. */
struct lrp_conf_key {
	const char *word;
	bool required;
	bool flag;    /* stands alone, takes no value */
	unsigned min; /* numbers only: both 0 for other keys */
	unsigned max;
	const char *initial; /* the default as one would write it; NULL if none or computed */

	/* Parses `value` into `conf`; false with what was expected in *ret_expected. */
	bool (*take)(struct lrp_conf *conf, const struct lrp_conf_key *key, const char *value,
		     const char **ret_expected);
	size_t offset; /* of the field in struct lrp_conf that `take` fills */
};

/* The `index`th key, or NULL behind the last. */
const struct lrp_conf_key *lrp_conf_key_at(size_t index);

/*
 * The value of `server`: HOST[:PORT] [pin NODEID | ca FILE|system [verify-host NAME]]. False with
 * what was expected in *ret_expected.
 */
bool lrp_conf_parse_server(const char *value, struct lrp_conf_server *ret_server,
			   const char **ret_expected);

/* Told about each error of a file; `line` is 0 when it is about the file as a whole. */
typedef void lrp_conf_report(void *context, unsigned line, const char *text);

/*
 * Reads `path` and reports every error that it finds. False, *ret_conf untouched, if there was
 * one.
 */
bool lrp_conf_load(const char *path, lrp_conf_report *report, void *context,
		   struct lrp_conf *ret_conf);

#endif
