/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a PPP frame of our own pppd tells about its call (RFC 1661). Only a glance: what is in the
 * frame stays between pppd and the client. Pure.
 */
#ifndef PPTPCTRL_PPP_FRAME_H
#define PPTPCTRL_PPP_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A network control protocol: pppd speaks one only to whom it has let in (RFC 1661 3.5, 3.6). */
bool ppp_frame_is_network_control(const uint8_t *frame, size_t len);

/* PAP's Nak (RFC 1334 2.2.2), CHAP's Failure (RFC 1994 4.2) or EAP's (RFC 3748 4.2). */
bool ppp_frame_is_authentication_failure(const uint8_t *frame, size_t len);

#endif
