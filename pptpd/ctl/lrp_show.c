// SPDX-License-Identifier: GPL-2.0-or-later
/* `lrp list`: gathers what the files say and what pptpd says. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "pptpd/conf.h"
#include "pptpd/ctl/ask.h"
#include "pptpd/ctl/lrp.h"
#include "pptpd/ctl/show.h"

static bool print(const struct show *show, bool json)
{
	if (json)
		show_json(show, stdout);
	else if (!show_table(show, stdout))
		return false;
	return fflush(stdout) == 0 && !ferror(stdout);
}

/* The tunnels, if pptpd tells; what it does not tell is no reason to show nothing. */
static int show(const struct conf *conf, const struct ctl_options *options,
		const struct lrp_list *list, const struct lrp_invitations *invitations)
{
	struct control_tunnel *tunnels = NULL;
	struct show shown = {.list = list, .invitations = invitations, .now = time(NULL)};
	char error[ASK_ERROR_MAX];
	bool good;

	shown.asked = ask_tunnels(conf->control, &tunnels, &shown.tunnel_count, error);
	shown.tunnels = tunnels;
	if (conf->rrp_listen_count && !conf->rrp_tls)
		fprintf(stderr,
			"pptpd-ctl: %s says \"rrp-security plain\": tunnels are not encrypted, and "
			"no LRP is asked for its key: this list keeps nobody out.\n",
			conf->file);
	if (shown.asked == ASK_NOT_RUNNING)
		fprintf(stderr, "pptpd does not run: no tunnel is up.\n");
	if (shown.asked == ASK_FAILED)
		fprintf(stderr, "pptpd-ctl: which tunnels are up is not known: %s\n", error);
	good = print(&shown, options->json);
	free(tunnels);
	if (!good)
		fprintf(stderr, "pptpd-ctl: cannot write the list\n");
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

int ctl_lrp_list(const struct conf *conf, const struct ctl_options *options)
{
	struct lrp_invitations invitations;
	struct lrp_list list;
	char error[LRP_ERROR_MAX];
	int status;
	bool whole;

	if (!lrp_list_read_good_lines(conf->rrp_peers, &list, error)) {
		fprintf(stderr, "pptpd-ctl: %s\n", error);
		return EXIT_FAILURE;
	}
	whole = !error[0];
	if (!whole)
		fprintf(stderr,
			"pptpd-ctl: %s\n"
			"pptpd-ctl: lines that are wrong are not shown; until they are mended "
			"pptpd keeps the list that it read before, and does not start\n",
			error);
	if (!lrp_invitations_read(conf->rrp_peers, &invitations, error)) {
		fprintf(stderr, "pptpd-ctl: %s\n", error);
		lrp_list_done(&list);
		return EXIT_FAILURE;
	}
	status = show(conf, options, &list, &invitations);
	lrp_invitations_done(&invitations);
	lrp_list_done(&list);
	return whole ? status : EXIT_FAILURE;
}
