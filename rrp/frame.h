/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames of the tunnel protocol (docs/protocol.md): the types, the header, and where one frame
 * ends in a stream of bytes. Judges everything that can be judged without knowing a call.
 */
#ifndef RRP_FRAME_H
#define RRP_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pptpd/base/bytes.h"

#define RRP_HEADER_LEN   8
#define RRP_SEQUENCE_LEN 4

/* What the header's length field may say, once the hello exchange is done and before. */
#define RRP_LENGTH_MAX       16384
#define RRP_LENGTH_HELLO_MAX 4096

/* Starts the payload of HELLO and WELCOME: "RRP", then a byte that no text has. */
#define RRP_MAGIC 0x525250b1

enum rrp_flag {
	RRP_FLAG_SKIPPABLE = 1 << 0, /* whoever does not know the type ignores the frame */
	RRP_FLAG_SEQUENCE = 1 << 1,  /* a 32-bit number stands between header and payload */
	RRP_FLAGS_KNOWN = RRP_FLAG_SKIPPABLE | RRP_FLAG_SEQUENCE,
};

/* The types that version 1 implements; docs/protocol.md lists the reserved ones too. */
enum rrp_type {
	RRP_HELLO = 0x01,
	RRP_WELCOME = 0x02,
	RRP_GOAWAY = 0x08,
	RRP_ERROR = 0x0a,
	RRP_ENROL = 0x10,
	RRP_ENROLLED = 0x11,
	RRP_CALL_OPEN = 0x20,
	RRP_CALL_OPENED = 0x21,
	RRP_CALL_REFUSED = 0x22,
	RRP_LINK_INFO = 0x23,
	RRP_CALL_CLOSE = 0x25,
	RRP_PPP_CTL = 0x40,
	RRP_PPP_DATA = 0x41,
	RRP_ACK = 0x61,
	RRP_PING = 0x62,
	RRP_PONG = 0x63,
};

/* All types of this range are events: always numbered, even one that is skipped. */
#define RRP_EVENT_FIRST 0x20
#define RRP_EVENT_LAST  0x3f

/* Never assigned; sent skippable so that every receiver learns to skip. */
#define RRP_GREASE_FIRST 0xf0

/* Who reads, and how far the exchange is. */
enum rrp_reader {
	RRP_READER_HELLO = 1 << 0,   /* the server, waiting for HELLO */
	RRP_READER_WELCOME = 1 << 1, /* the client, waiting for WELCOME */
	RRP_READER_SERVER = 1 << 2,
	RRP_READER_CLIENT = 1 << 3,
	RRP_READER_ENROL = 1 << 4,    /* the server of an enrolment */
	RRP_READER_ENROLLED = 1 << 5, /* the node that enrols */
};

struct rrp_header {
	uint8_t type;
	uint8_t flags;
	uint16_t length;
	uint32_t call;
};

struct rrp_frame {
	struct rrp_header header;
	uint32_t sequence;      /* 0 without RRP_FLAG_SEQUENCE */
	const uint8_t *payload; /* in the buffer that was read */
	size_t payload_len;
	bool unknown; /* to be skipped; if it is an event, its number counts */
};

/* What a peer did wrong: expected and got, printable, for ERROR and for the log. */
struct rrp_fault {
	char text[160];
};

enum rrp_framing {
	RRP_FRAMING_MORE,
	RRP_FRAMING_FRAME,
	RRP_FRAMING_BAD,
};

/*
 * Looks for one frame at the start of `len` bytes. BAD comes with the first byte that cannot be
 * right, with *ret_fault; FRAME with a frame whose type, flags, length and call field are legal for
 * this reader, and *ret_size, the bytes that it took.
 */
enum rrp_framing rrp_frame_next(const uint8_t *data, size_t len, enum rrp_reader reader,
				struct rrp_frame *ret_frame, size_t *ret_size,
				struct rrp_fault *ret_fault);

/* Reads a header only, without judging it; test the reader for failure. */
struct rrp_header rrp_header_read(struct byte_reader *in);

bool rrp_type_is_event(uint8_t type);

/* "CALL_OPEN", or "type 0x77" written into `buffer`. */
#define RRP_TYPE_TEXT_MAX 16
const char *rrp_type_name(uint8_t type, char buffer[RRP_TYPE_TEXT_MAX]);

/*
 * Writes the header of a frame whose payload follows, with its event number if the type is an
 * event (0 otherwise). Returns the frame's offset for rrp_frame_end(), which fills in the length.
 */
size_t rrp_frame_begin(struct byte_writer *out, enum rrp_type type, uint32_t call, uint32_t event);
void rrp_frame_end(struct byte_writer *out, size_t offset);

/* The header alone, of RRP_PPP_CTL or RRP_PPP_DATA with `len` bytes that lie behind it already. */
void rrp_ppp_header_write(struct byte_writer *out, enum rrp_type type, uint32_t call, uint16_t len);

/* A whole frame of a type that nobody knows, with `len` bytes of anything. */
void rrp_frame_grease(struct byte_writer *out, uint8_t type, const void *data, size_t len);

#endif
