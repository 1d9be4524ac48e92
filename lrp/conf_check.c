/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files and addresses of a configuration; see the header. */
#include "lrp/conf_check.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "lrp/resolve.h"
#include "rrp/node_key.h"
#include "rrp/tls.h"

/* A name's addresses are only known, and judged, when there is a tunnel to be made. */
static bool check_address(const struct lrp_conf *conf, lrp_conf_report *report, void *context)
{
	char text[ADDRESS_TEXT_MAX], line[LRP_CONF_ERROR_MAX];
	struct address address;

	if (conf->plain_anywhere ||
	    !resolve_numeric(conf->server.host, conf->server.port, &address) ||
	    address_is_private(&address))
		return true;
	(void)snprintf(line, sizeof(line),
		       "server: %s is not a private address, and \"security plain\" protects "
		       "nothing on the way there: enrol for tls, or add \"plain-anywhere\"",
		       address_text(&address, text));
	report(context, 0, line);
	return false;
}

static bool check_key(const struct lrp_conf *conf, lrp_conf_report *report, void *context)
{
	char error[SIGNER_ERROR_MAX], line[SIGNER_ERROR_MAX + 16];
	struct node_key key;

	if (access(conf->key, F_OK) != 0 && errno == ENOENT)
		return true;
	if (node_key_load(conf->key, NULL, &key, error)) {
		node_key_done(&key);
		return true;
	}
	(void)snprintf(line, sizeof(line), "key: %s", error);
	report(context, 0, line);
	return false;
}

static bool check_ca(const struct lrp_conf *conf, lrp_conf_report *report, void *context)
{
	char error[TLS_ERROR_MAX], line[TLS_ERROR_MAX + 16];
	struct tls_anchors *anchors;

	if (!*conf->server.ca)
		return true;
	anchors = tls_anchors_new(conf->server.ca, error);
	if (anchors) {
		tls_anchors_free(anchors);
		return true;
	}
	(void)snprintf(line, sizeof(line), "server: ca %s", error);
	report(context, 0, line);
	return false;
}

bool lrp_conf_check(const struct lrp_conf *conf, lrp_conf_report *report, void *context)
{
	bool good;

	if (conf->security == LRP_SECURITY_PLAIN)
		return check_address(conf, report, context);
	good = check_key(conf, report, context);
	return check_ca(conf, report, context) && good;
}
