/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Cuts the byte stream of a control connection into messages. A separate step before
 * decoding: it tests lower, upper and per-type length, magic and message type.
 */
#ifndef PPTPCTRL_PROTO_PPTP_FRAME_H
#define PPTPCTRL_PROTO_PPTP_FRAME_H

#include <stddef.h>
#include <stdint.h>

enum pptp_frame_result {
	PPTP_FRAME_MORE,    /* not yet a whole message */
	PPTP_FRAME_MSG,     /* *ret_len bytes are one message */
	PPTP_FRAME_UNKNOWN, /* *ret_len bytes are one well-framed message of unknown control type,
			       or of a message type other than control: skip it (RFC 2637 2) */
	PPTP_FRAME_BAD_LENGTH, /* too short, too long, or not the length of its type */
	PPTP_FRAME_BAD_MAGIC,  /* synchronisation is lost (RFC 2637 2) */
};

/*
 * Looks at the `len` bytes received and not yet consumed. Says as early as possible that they
 * are bad. *ret_len is set for MSG and UNKNOWN only.
 */
enum pptp_frame_result pptp_frame_next(const uint8_t *data, size_t len, size_t *ret_len);

#endif
