// SPDX-License-Identifier: GPL-2.0-or-later
/* pptpd-ctl: reads pptpd's configuration and runs one command. Runs as root; no peer's byte comes
 * here. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pptpd/base/log.h"
#include "pptpd/conf.h"
#include "pptpd/ctl/options.h"
#include "pptpd/lrp_list.h"

/* What pptpd warns of in its configuration is for its own log. */
static void sink_errors(void *context, int severity, const char *line)
{
	if (severity <= LOG_ERR)
		fprintf(stderr, "%s: %s\n", (const char *)context, line);
}

static bool load_conf(const char *file, struct conf *conf)
{
	static char name[] = "pptpd-ctl";

	memset(conf, 0, sizeof(*conf));
	log_init(sink_errors, name, false);
	if (file && !(conf->file = strdup(file)))
		return false;
	return conf_complete(conf);
}

/* pptpd will say so in its log only. */
static void warn_of_owner(const struct conf *conf)
{
	char error[LRP_ERROR_MAX];

	if (conf->rrp_listen_count && conf->rrp_tls &&
	    !lrp_list_check_owner(conf->rrp_peers, error))
		fprintf(stderr, "pptpd-ctl: %s; until then pptpd does not read the list\n", error);
}

int main(int argc, char **argv)
{
	struct ctl_options options;
	struct conf conf;
	int status;
	ctl_command *run = ctl_options_parse(argc, argv, &options, &status);

	if (!run)
		return status;
	if (geteuid() != 0) {
		fprintf(stderr,
			"pptpd-ctl: must be run as root: the key and the lists are root's\n");
		return EXIT_FAILURE;
	}
	status = EXIT_FAILURE;
	if (load_conf(options.conf, &conf)) {
		warn_of_owner(&conf);
		status = run(&conf, &options);
	}
	conf_done(&conf);
	return status;
}
