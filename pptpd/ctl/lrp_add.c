// SPDX-License-Identifier: GPL-2.0-or-later
/* `lrp add`: an invitation, and the line that takes it. */
#include <errno.h>
#include <gnutls/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "pptpd/addr_pool.h"
#include "pptpd/base/util.h"
#include "pptpd/conf.h"
#include "pptpd/ctl/ask.h"
#include "pptpd/ctl/lrp.h"
#include "pptpd/ctl/reach.h"
#include "pptpd/ctl/times.h"
#include "pptpd/lrp_edit.h"
#include "pptpd/pool_conf.h"
#include "rrp/enrol_line.h"
#include "rrp/node_key.h"

#define DEFAULT_EXPIRES "1d"

static bool check_conf(const struct conf *conf)
{
	if (!conf->rrp_listen_count) {
		fprintf(stderr,
			"pptpd-ctl: %s has no rrp-listen: pptpd takes no tunnels of LRPs. Add the "
			"line \"rrp-listen :%d\" and restart pptpd.\n",
			conf->file, CONF_RRP_PORT);
		return false;
	}
	if (!conf->rrp_tls) {
		fprintf(stderr,
			"pptpd-ctl: %s says \"rrp-security plain\": such tunnels have no keys, and "
			"nobody needs to enrol. Take that line away and restart pptpd for TLS.\n",
			conf->file);
		return false;
	}
	return true;
}

static bool fits_pool(const struct conf *conf, const struct lrp_options *options)
{
	struct addr_pool *pool = pool_from_conf(conf);
	bool fits = pool && lrp_options_fit_pool(options, pool);

	if (pool && !fits)
		fprintf(stderr,
			"pptpd-ctl: none of the addresses %s is in %s's remoteip (%s), so no call "
			"of this LRP would get one\n",
			options->addresses, conf->file, conf->remoteip);
	addr_pool_free(pool);
	return fits;
}

/* The words behind the name as the list has them. */
static bool make_options(const struct conf *conf, const struct ctl_options *options,
			 char ret_text[LRP_OPTIONS_TEXT_MAX])
{
	const struct {
		const char *word;
		const char *value;
	} rows[] = {
		{"calls", options->calls},
		{"addresses", options->addresses},
		{"from", options->from},
	};
	char error[LRP_ERROR_MAX];
	struct lrp_options parsed;
	bool fits;
	size_t len = 0;

	ret_text[0] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (!rows[i].value)
			continue;
		if (!rows[i].value[0] || strpbrk(rows[i].value, " \t\r\n")) {
			fprintf(stderr, "pptpd-ctl: --%s takes one word without blanks\n",
				rows[i].word);
			return false;
		}
		len += (size_t)snprintf(ret_text + len, LRP_OPTIONS_TEXT_MAX - len, "%s%s %s",
					len ? " " : "", rows[i].word, rows[i].value);
		if (len >= LRP_OPTIONS_TEXT_MAX) {
			fprintf(stderr, "pptpd-ctl: --%s is too long\n", rows[i].word);
			return false;
		}
	}
	if (!lrp_options_parse(ret_text, &parsed, error)) {
		fprintf(stderr, "pptpd-ctl: %s\n", error);
		return false;
	}
	fits = fits_pool(conf, &parsed);
	lrp_options_done(&parsed);
	return fits;
}

static bool find_pin(const struct conf *conf, struct node_id *ret_pin)
{
	char error[SIGNER_ERROR_MAX];
	struct node_key key;
	int made;

	/* pptpd may not have run since it has the listener: the key that it will find is made now.
	 */
	if (!conf->rrp_certificate && access(conf->rrp_key, F_OK) != 0 && errno == ENOENT) {
		made = node_key_create(conf->rrp_key, error);
		if (made && made != -EEXIST) {
			fprintf(stderr, "pptpd-ctl: cannot make this server's key: %s\n", error);
			return false;
		}
	}
	if (!node_key_load(conf->rrp_key, conf->rrp_certificate, &key, error)) {
		fprintf(stderr, "pptpd-ctl: this server's key: %s\n", error);
		return false;
	}
	*ret_pin = key.id;
	node_key_done(&key);
	return true;
}

static bool find_address(const struct conf *conf, const char *given, struct enrol_line *line)
{
	char candidates[REACH_TEXT_MAX];
	struct address own[REACH_OWN_MAX];

	if (given) {
		if (address_split_host_port(given, conf->rrp_listen[0].port, line->host,
					    &line->port) &&
		    enrol_line_host_valid(line->host))
			return true;
		fprintf(stderr, "pptpd-ctl: --address takes HOST, HOST:PORT or [IPV6]:PORT\n");
		return false;
	}
	if (reach_choose(conf, own, reach_own_addresses(own), line->host, &line->port, candidates))
		return true;
	if (candidates[0])
		fprintf(stderr,
			"pptpd-ctl: this server has several addresses (%s): say with --address "
			"HOST[:PORT] which one the LRP's box reaches.\n",
			candidates);
	else
		fprintf(stderr, "pptpd-ctl: this server has no public address of its own: say with "
				"--address HOST[:PORT] how the LRP's box reaches it.\n");
	return false;
}

static void explain(const struct conf *conf, const struct ctl_options *options, int64_t expires,
		    const struct lrp_replaced *replaced)
{
	char text[TIMES_TEXT_MAX], error[ASK_ERROR_MAX];
	struct control_tunnel *tunnels = NULL;
	size_t count;

	fprintf(stderr,
		"Run the line above as root on the box that is to be %s, before %s (this server's "
		"clock). It works once; keep it secret until then. With sudo, run \"sudo lrp enrol "
		"-\" and give it the line then: sudo shows and logs its arguments.\n",
		options->name, times_text(expires, text));
	if (replaced->listed)
		fprintf(stderr,
			"%s is on the list already: the box that uses the line takes its place, "
			"and "
			"the one that has it now is let in no longer.\n",
			options->name);
	if (replaced->disabled)
		fprintf(stderr,
			"%s is disabled, and so will be the box that uses the line, until "
			"\"pptpd-ctl lrp enable %s\".\n",
			options->name, options->name);
	switch (ask_tunnels(conf->control, &tunnels, &count, error)) {
	case ASK_ANSWERED:
		free(tunnels);
		break;
	case ASK_NOT_RUNNING:
		fprintf(stderr, "pptpd does not run now: start it first.\n");
		break;
	case ASK_FAILED:
		fprintf(stderr, "pptpd-ctl: warning: %s\n", error);
		break;
	}
}

/* Makes the secret, and has its hash written down, before anyone sees the line. */
static int invite(const struct conf *conf, const struct ctl_options *options, const char *words,
		  int64_t lasts_s, struct enrol_line *line)
{
	char text[ENROL_LINE_MAX], error[LRP_ERROR_MAX];
	uint8_t hash[ENROL_HASH_LEN];
	int64_t now = (int64_t)time(NULL);
	struct lrp_replaced replaced;
	bool printed;

	if (gnutls_rnd(GNUTLS_RND_KEY, line->secret, sizeof(line->secret)) < 0) {
		fprintf(stderr, "pptpd-ctl: no random numbers\n");
		return EXIT_FAILURE;
	}
	enrol_secret_hash(line->secret, hash);
	if (!lrp_edit_invite(conf->rrp_peers, hash, now + lasts_s, options->name, words, now,
			     &replaced, error)) {
		fprintf(stderr, "pptpd-ctl: %s\n", error);
		return EXIT_FAILURE;
	}
	printed = puts(enrol_line_format(line, text)) >= 0 && fflush(stdout) == 0;
	explicit_bzero(text, sizeof(text));
	explicit_bzero(line->secret, sizeof(line->secret));
	if (!printed) {
		fprintf(stderr, "pptpd-ctl: cannot write the line: %s\n", strerror(errno));
		return EXIT_FAILURE;
	}
	explain(conf, options, now + lasts_s, &replaced);
	return EXIT_SUCCESS;
}

int ctl_lrp_add(const struct conf *conf, const struct ctl_options *options)
{
	const char *expires = options->expires ? options->expires : DEFAULT_EXPIRES;
	char words[LRP_OPTIONS_TEXT_MAX];
	struct enrol_line line;
	uint32_t lasts_s;

	if (!check_conf(conf))
		return EXIT_FAILURE;
	if (!lrp_name_valid(options->name)) {
		fprintf(stderr,
			"pptpd-ctl: an LRP's name has 1 to %d letters, digits and ._- only\n",
			LRP_NAME_MAX);
		return EXIT_FAILURE;
	}
	if (!times_parse_duration(expires, &lasts_s)) {
		fprintf(stderr,
			"pptpd-ctl: --expires takes minutes, hours or days up to %dd, as in 30m, "
			"12h or 7d\n",
			TIMES_DURATION_MAX_S / 86400);
		return EXIT_FAILURE;
	}
	if (!make_options(conf, options, words) || !find_address(conf, options->address, &line) ||
	    !find_pin(conf, &line.pin))
		return EXIT_FAILURE;
	return invite(conf, options, words, lasts_s, &line);
}
