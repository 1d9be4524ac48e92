/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes the address pool from localip, remoteip, connections and delegate, with Poptop's log lines.
 */
#ifndef PPTPD_POOL_CONF_H
#define PPTPD_POOL_CONF_H

struct addr_pool;
struct conf;

/* NULL, logged, when the settings are bad or memory is out. */
struct addr_pool *pool_from_conf(const struct conf *conf);

#endif
