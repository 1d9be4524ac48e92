/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PPP frames in asynchronous HDLC, RFC 1662 4 and C.2: flags, escapes and the FCS. Pure: knows no
 * terminal. For a terminal that lets every byte through; nothing is taken out of what is received
 * because it is in an ACCM.
 */
#ifndef PPTPCTRL_HDLC_H
#define PPTPCTRL_HDLC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pptpctrl/hdlc_bytes.h"
#include "pptpd/base/bytes.h"

/* The longest frame without its FCS: an MRU of 8192 behind address, control and protocol. */
#define HDLC_FRAME_MAX (8192 + 4)

#define HDLC_FCS_LEN 2

/* Room for a frame of `len` bytes in which every byte has to be escaped, and for two flags. */
#define HDLC_ENCODED_MAX(len) (2 * ((len) + HDLC_FCS_LEN) + 2)

/*
 * Writes `frame`, its FCS, and a flag before and behind to `out`. Returns the bytes written, or 0
 * if `capacity` is less than HDLC_ENCODED_MAX(len).
 */
size_t hdlc_encode(const struct hdlc_escapes *escapes, const uint8_t *frame, size_t len,
		   uint8_t *out, size_t capacity);

struct hdlc_counters {
	uint64_t frames; /* good ones */
	uint64_t bad_fcs;
	uint64_t too_short; /* less than four bytes with its FCS, RFC 1662 4.3 */
	uint64_t too_long;  /* more than HDLC_FRAME_MAX */
	uint64_t aborted;   /* an escape directly before the flag */
	uint64_t no_memory; /* for one that came in parts */
};

/* A frame with its FCS, as a decoder gives it. One of the caller's, for any number of decoders. */
struct hdlc_frame {
	uint8_t bytes[HDLC_FRAME_MAX + HDLC_FCS_LEN];
};

struct hdlc_decoder {
	struct hdlc_counters counters;
	struct hdlc_frame *kept; /* owned: a frame that came in parts; NULL most of the time */
	size_t len;              /* of what there is of the frame */
	bool in_frame;           /* false: skipping bytes up to the next flag */
	bool escape;             /* the last byte was one */
};

/* Bytes before the first flag will be skipped. */
void hdlc_decoder_init(struct hdlc_decoder *decoder);

/* Gives back what is kept of a frame. */
void hdlc_decoder_done(struct hdlc_decoder *decoder);

/*
 * Takes bytes from `in` up to the end of the next good frame. True: *ret_frame is the frame without
 * FCS, in `room` or in the decoder and valid until the next call with either; call again for the
 * rest of `in`. False: all of `in` is taken. A frame may begin in one `in` and end in a later one,
 * and only for such a one does the decoder keep memory; bad ones are counted and skipped.
 */
bool hdlc_decoder_next(struct hdlc_decoder *decoder, struct byte_reader *in,
		       struct hdlc_frame *room, const uint8_t **ret_frame, size_t *ret_len);

#endif
