// SPDX-License-Identifier: GPL-2.0-or-later
/* `lrp disable`, `enable` and `remove`: changes the list and tells pptpd. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "pptpd/conf.h"
#include "pptpd/ctl/ask.h"
#include "pptpd/ctl/lrp.h"
#include "pptpd/lrp_edit.h"

/* What was done must also hold for the tunnels that are up. */
static int tell_pptpd(const struct conf *conf)
{
	struct control_reloaded reloaded;
	char error[ASK_ERROR_MAX];

	switch (ask_reload(conf->control, &reloaded, error)) {
	case ASK_NOT_RUNNING:
		fprintf(stderr, "pptpd does not run; the change holds from its start.\n");
		return EXIT_SUCCESS;
	case ASK_FAILED:
		fprintf(stderr,
			"pptpd-ctl: the file is changed, but pptpd does not know it yet: %s\n",
			error);
		return EXIT_FAILURE;
	case ASK_ANSWERED:
		break;
	}
	if (!reloaded.good) {
		fprintf(stderr, "pptpd-ctl: pptpd goes on with the former list: %.*s\n",
			LRP_ERROR_MAX, reloaded.error);
		return EXIT_FAILURE;
	}
	if (reloaded.stopped)
		printf("%u tunnel%s stopped\n", reloaded.stopped, reloaded.stopped == 1 ? "" : "s");
	return EXIT_SUCCESS;
}

static int finish(const struct conf *conf, const struct ctl_options *options, const char *done,
		  enum lrp_edit_result result, const char *error)
{
	switch (result) {
	case LRP_EDIT_DONE:
		printf("%s is %s\n", options->name, done);
		return tell_pptpd(conf);
	case LRP_EDIT_NOT_FOUND:
		fprintf(stderr,
			"pptpd-ctl: no LRP has the name %s; \"pptpd-ctl lrp list\" shows those "
			"that "
			"have one\n",
			options->name);
		return EXIT_FAILURE;
	case LRP_EDIT_FAILED:
		break;
	}
	fprintf(stderr, "pptpd-ctl: %s\n", error);
	return EXIT_FAILURE;
}

/* A name that can be none would not be found anyway, but must not reach the terminal either. */
static bool check_name(const char *name)
{
	if (lrp_name_valid(name))
		return true;
	fprintf(stderr, "pptpd-ctl: an LRP's name has 1 to %d letters, digits and ._- only\n",
		LRP_NAME_MAX);
	return false;
}

static int set_disabled(const struct conf *conf, const struct ctl_options *options, bool disabled)
{
	char error[LRP_ERROR_MAX] = "";
	enum lrp_edit_result result;

	if (!check_name(options->name))
		return EXIT_FAILURE;
	result = lrp_edit_set_disabled(conf->rrp_peers, options->name, disabled, error);
	return finish(conf, options, disabled ? "disabled" : "enabled", result, error);
}

int ctl_lrp_disable(const struct conf *conf, const struct ctl_options *options)
{
	return set_disabled(conf, options, true);
}

int ctl_lrp_enable(const struct conf *conf, const struct ctl_options *options)
{
	return set_disabled(conf, options, false);
}

int ctl_lrp_remove(const struct conf *conf, const struct ctl_options *options)
{
	char error[LRP_ERROR_MAX] = "";
	enum lrp_edit_result result;

	if (!check_name(options->name))
		return EXIT_FAILURE;
	result = lrp_edit_remove(conf->rrp_peers, options->name, (int64_t)time(NULL), error);
	return finish(conf, options, "removed", result, error);
}
