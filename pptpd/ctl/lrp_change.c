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

/* What an operator wants of one LRP, and how its success is told. */
struct change {
	const char *done;
	bool shuts_out;
};

static const struct change disable = {"disabled", true}, enable = {"enabled", false},
			   take_off = {"removed", true};

/* pptpd cannot read the list: what holds then must be said without a doubt. */
static void tell_unread(const struct ctl_options *options, const struct change *change,
			const struct control_reloaded *reloaded)
{
	fprintf(stderr, "pptpd-ctl: pptpd cannot read the list: %.*s\n", LRP_ERROR_MAX,
		reloaded->error);
	if (change->shuts_out)
		fprintf(stderr,
			"pptpd-ctl: it lets in %s no more, but goes on with the former list for "
			"all others: mend that line, then send pptpd a SIGHUP\n",
			options->name);
	else
		fprintf(stderr,
			"pptpd-ctl: it goes on with the former list, in which %s is not %s: mend "
			"that line, then send pptpd a SIGHUP\n",
			options->name, change->done);
}

/* What was done must also hold for the tunnels that are up. */
static int tell_pptpd(const struct conf *conf, const struct ctl_options *options,
		      const struct change *change)
{
	struct control_reloaded reloaded;
	char error[ASK_ERROR_MAX];

	switch (ask_reload(conf->control, change->shuts_out ? options->name : "", &reloaded,
			   error)) {
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
	if (reloaded.stopped)
		printf("%u tunnel%s stopped\n", reloaded.stopped, reloaded.stopped == 1 ? "" : "s");
	if (!reloaded.good)
		tell_unread(options, change, &reloaded);
	return reloaded.good ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int finish(const struct conf *conf, const struct ctl_options *options,
		  const struct change *change, enum lrp_edit_result result, const char *error)
{
	switch (result) {
	case LRP_EDIT_DONE:
		printf("%s is %s\n", options->name, change->done);
		return tell_pptpd(conf, options, change);
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
	bool uninvited = false;

	if (!check_name(options->name))
		return EXIT_FAILURE;
	result = lrp_edit_set_disabled(conf->rrp_peers, options->name, disabled,
				       (int64_t)time(NULL), &uninvited, error);
	if (uninvited)
		printf("the line that invited %s is good no longer\n", options->name);
	return finish(conf, options, disabled ? &disable : &enable, result, error);
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
	return finish(conf, options, &take_off, result, error);
}
