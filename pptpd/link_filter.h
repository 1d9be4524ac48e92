/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What lets nothing into the kernel from the outer device of a link but frames of PPPoE sessions:
 * a filter of tc(8) where packets come in, before any protocol. It goes with the device. Packet
 * sockets for all protocols (tcpdump's) are before it. Runs as root.
 */
#ifndef PPTPD_LINK_FILTER_H
#define PPTPD_LINK_FILTER_H

/*
 * Of the device, which is down, in the caller's network namespace; has the kernel load the modules
 * sch_ingress and cls_bpf. 0, or a negative errno: -EOPNOTSUPP if the kernel has no such filters.
 */
int link_filter_attach(const char *name);

#endif
