/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The commands about LRPs. Each returns an exit status and has said on stderr what is wrong. */
#ifndef PPTPD_CTL_LRP_H
#define PPTPD_CTL_LRP_H

#include "pptpd/ctl/options.h"

/* Makes an invitation; prints the line for the LRP's box on stdout, all else on stderr. */
ctl_command ctl_lrp_add;

/* What is on the list, is invited, and is up, as a table or JSON on stdout. */
ctl_command ctl_lrp_list;

/* These act on a running pptpd's tunnels at once. */
ctl_command ctl_lrp_disable;
ctl_command ctl_lrp_enable;
ctl_command ctl_lrp_remove;

#endif
