/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Links that are TAP devices; the descriptor is the device's. Runs as root. */
#ifndef PPTPD_LINK_TAP_H
#define PPTPD_LINK_TAP_H

struct link;

/*
 * Makes the device, down, and fills in descriptor and name; addresses are chosen already. 0, or a
 * negative errno and *ret_failed, lent; a descriptor that is there then is the caller's.
 */
int link_tap_make(struct link *link, const char **ret_failed);

#endif
