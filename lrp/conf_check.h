/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What of a configuration only shows outside its file, as a start would find it. */
#ifndef LRP_CONF_CHECK_H
#define LRP_CONF_CHECK_H

#include "lrp/conf.h"

/*
 * Looks at the files that are named, changes nothing, and asks no server. A key that is not there
 * is made at the first start. True when nothing was reported.
 */
bool lrp_conf_check(const struct lrp_conf *conf, lrp_conf_report *report, void *context);

#endif
