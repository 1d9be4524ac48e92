/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words for what came over a control connection, for its notices. Pure; internal. */
#ifndef PPTPCTRL_PPTP_CTRL_TEXT_H
#define PPTPCTRL_PPTP_CTRL_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "pptpctrl/pptp/ctrl_action.h"
#include "pptpctrl/proto/pptp_frame.h"
#include "pptpctrl/proto/pptp_msg.h"

/*
 * What is wrong with, or unknown about, the `len` bytes for which pptp_frame_next() gave
 * `result`: expected and got. Returns `out`.
 */
const char *ctrl_text_frame(enum pptp_frame_result result, const uint8_t *data, size_t len,
			    char out[CTRL_TEXT_MAX]);

/* `verb`, the message's name and the numbers that tell it from others. Returns `out`. */
const char *ctrl_text_message(const char *verb, const struct pptp_msg *message,
			      char out[CTRL_TEXT_MAX]);

#endif
