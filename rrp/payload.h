/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The payloads of the tunnel's frames, to and from structs in host order. Readers get exactly a
 * frame's payload and fail on what the text in docs/protocol.md forbids; what a value means for a
 * call or a session is judged elsewhere.
 */
#ifndef RRP_PAYLOAD_H
#define RRP_PAYLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pptpd/base/bytes.h"
#include "rrp/tunnel.h"

#define RRP_NONCE_LEN      32
#define RRP_SESSION_ID_LEN 16

/* Lengths without the text at the end. */
#define RRP_HELLO_MIN     45
#define RRP_WELCOME_MIN   65
#define RRP_GOAWAY_LEN    12
#define RRP_ERROR_MIN     2
#define RRP_CALL_OPEN_MIN 40
#define RRP_PING_LEN      16

/* Longest text of an ERROR frame. */
#define RRP_ERROR_TEXT_MAX 200

#define RRP_FAMILY_IPV4 4
#define RRP_FAMILY_IPV6 6

struct rrp_hello {
	uint16_t lowest; /* versions, both included */
	uint16_t highest;
	uint32_t features;
	uint8_t nonce[RRP_NONCE_LEN];
	char name[RRP_NAME_MAX + 1];
};

struct rrp_welcome {
	uint16_t version;
	uint16_t hold_s; /* how long the session outlives its connection; 0: not at all */
	uint32_t features;
	uint8_t nonce[RRP_NONCE_LEN];
	uint8_t session_id[RRP_SESSION_ID_LEN];
	uint32_t max_calls; /* 0: not said */
	char name[RRP_NAME_MAX + 1];
};

enum rrp_goaway_reason {
	RRP_GOAWAY_SHUTDOWN = 1,
};

/* The fields for draining are written as 0 and not read. */
struct rrp_goaway {
	uint8_t reason;
};

enum rrp_error_code {
	RRP_ERROR_PROTOCOL = 1,
	RRP_ERROR_VERSION = 2,
	RRP_ERROR_OVERFLOW = 4,
	RRP_ERROR_ENROL_UNKNOWN = 16, /* these of the enrolment only */
	RRP_ERROR_ENROL_USED = 17,
	RRP_ERROR_ENROL_EXPIRED = 18,
	RRP_ERROR_ENROL_BUSY = 20,
};

struct rrp_error {
	uint16_t code;
	char text[RRP_ERROR_TEXT_MAX + 1]; /* any bytes: not printable until made so */
};

struct rrp_call_open {
	uint8_t family; /* RRP_FAMILY_IPV4: the first four bytes of the address count */
	uint8_t address[16];
	uint16_t client_call_id;
	uint16_t serial;
	uint32_t min_bps;
	uint32_t max_bps;
	uint32_t bearer;
	uint32_t framing;
	char phone_number[RRP_NUMBER_MAX + 1];
	char subaddress[RRP_NUMBER_MAX + 1];
};

/* Of CALL_REFUSED and CALL_CLOSE. */
struct rrp_result {
	uint8_t result;
	uint8_t error;
};

struct rrp_link_info {
	uint32_t send_accm;
	uint32_t receive_accm;
};

/* Of PING and PONG. */
struct rrp_ping {
	uint64_t cookie;
	uint32_t clock_ms; /* the sender's, from any start */
	uint32_t delay_us; /* how long PPP frames wait at the sender; 0: not measured */
};

bool rrp_hello_read(const uint8_t *payload, size_t len, struct rrp_hello *ret_hello);
void rrp_hello_write(struct byte_writer *out, const struct rrp_hello *hello);

bool rrp_welcome_read(const uint8_t *payload, size_t len, struct rrp_welcome *ret_welcome);
void rrp_welcome_write(struct byte_writer *out, const struct rrp_welcome *welcome);

bool rrp_goaway_read(const uint8_t *payload, size_t len, struct rrp_goaway *ret_goaway);
void rrp_goaway_write(struct byte_writer *out, const struct rrp_goaway *goaway);

/* The writer cuts text that is too long. */
bool rrp_error_read(const uint8_t *payload, size_t len, struct rrp_error *ret_error);
void rrp_error_write(struct byte_writer *out, uint16_t code, const char *text);

bool rrp_call_open_read(const uint8_t *payload, size_t len, struct rrp_call_open *ret_open);
void rrp_call_open_write(struct byte_writer *out, const struct rrp_call_open *open);

bool rrp_call_opened_read(const uint8_t *payload, size_t len, uint32_t *ret_connect_speed);
void rrp_call_opened_write(struct byte_writer *out, uint32_t connect_speed);

/* Results as RFC 2637 2.8 (refused: 2 to 7) and 2.13 (close: 1 to 4) know them. */
bool rrp_call_refused_read(const uint8_t *payload, size_t len, struct rrp_result *ret_result);
bool rrp_call_close_read(const uint8_t *payload, size_t len, struct rrp_result *ret_result);
void rrp_call_refused_write(struct byte_writer *out, const struct rrp_result *result);
void rrp_call_close_write(struct byte_writer *out, const struct rrp_result *result);

bool rrp_link_info_read(const uint8_t *payload, size_t len, struct rrp_link_info *ret_info);
void rrp_link_info_write(struct byte_writer *out, const struct rrp_link_info *info);

bool rrp_ack_read(const uint8_t *payload, size_t len, uint32_t *ret_event);
void rrp_ack_write(struct byte_writer *out, uint32_t event);

bool rrp_ping_read(const uint8_t *payload, size_t len, struct rrp_ping *ret_ping);
void rrp_ping_write(struct byte_writer *out, const struct rrp_ping *ping);

/* Whether a PPP frame's protocol is 0x8000 or above, with or without address and control. */
bool rrp_ppp_is_control(const uint8_t *frame, size_t len);

#endif
