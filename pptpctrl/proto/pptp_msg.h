/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fifteen control messages of RFC 2637 section 2 as host-order structs, and their bytes.
 * Pure: knows neither states nor sockets.
 */
#ifndef PPTPCTRL_PROTO_PPTP_MSG_H
#define PPTPCTRL_PROTO_PPTP_MSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pptpd/base/bytes.h"

#define PPTP_PORT                1723
#define PPTP_MAGIC               0x1a2b3c4d
#define PPTP_VERSION             0x0100 /* 1.0, RFC 2637 2.1 */
#define PPTP_HEADER_LEN          12     /* length, message type, magic, control type, reserved */
#define PPTP_MESSAGE_CONTROL     1      /* the message type of all that is here, RFC 2637 1.4 */
#define PPTP_MSG_MAX             220    /* Incoming-Call-Request, the longest */
#define PPTP_NAME_LEN            64     /* host name, vendor, phone number, subaddress */
#define PPTP_CALL_STATISTICS_LEN 128

enum pptp_msg_type {
	PPTP_START_REQUEST = 1,
	PPTP_START_REPLY = 2,
	PPTP_STOP_REQUEST = 3,
	PPTP_STOP_REPLY = 4,
	PPTP_ECHO_REQUEST = 5,
	PPTP_ECHO_REPLY = 6,
	PPTP_OUTGOING_CALL_REQUEST = 7,
	PPTP_OUTGOING_CALL_REPLY = 8,
	PPTP_INCOMING_CALL_REQUEST = 9,
	PPTP_INCOMING_CALL_REPLY = 10,
	PPTP_INCOMING_CALL_CONNECTED = 11,
	PPTP_CALL_CLEAR_REQUEST = 12,
	PPTP_CALL_DISCONNECT_NOTIFY = 13,
	PPTP_WAN_ERROR_NOTIFY = 14,
	PPTP_SET_LINK_INFO = 15,
};

/* Start-Control-Connection-Reply, RFC 2637 2.2. */
enum pptp_start_result {
	PPTP_START_OK = 1,
	PPTP_START_GENERAL_ERROR = 2,
	PPTP_START_ALREADY_EXISTS = 3,
	PPTP_START_NOT_AUTHORIZED = 4,
	PPTP_START_BAD_VERSION = 5,
};

/* Stop-Control-Connection-Request, RFC 2637 2.3. */
enum pptp_stop_reason {
	PPTP_STOP_NONE = 1,
	PPTP_STOP_PROTOCOL = 2,
	PPTP_STOP_LOCAL_SHUTDOWN = 3,
};

/* Stop-Control-Connection-Reply (2.4), Echo-Reply (2.6). */
enum pptp_result {
	PPTP_RESULT_OK = 1,
	PPTP_RESULT_GENERAL_ERROR = 2,
};

/* Outgoing-Call-Reply, RFC 2637 2.8. */
enum pptp_outgoing_result {
	PPTP_OUTGOING_CONNECTED = 1,
	PPTP_OUTGOING_GENERAL_ERROR = 2,
	PPTP_OUTGOING_NO_CARRIER = 3,
	PPTP_OUTGOING_BUSY = 4,
	PPTP_OUTGOING_NO_DIAL_TONE = 5,
	PPTP_OUTGOING_TIME_OUT = 6,
	PPTP_OUTGOING_DO_NOT_ACCEPT = 7,
};

/* Incoming-Call-Reply, RFC 2637 2.10. */
enum pptp_incoming_result {
	PPTP_INCOMING_CONNECTED = 1,
	PPTP_INCOMING_GENERAL_ERROR = 2,
	PPTP_INCOMING_DO_NOT_ACCEPT = 3,
};

/* Call-Disconnect-Notify, RFC 2637 2.13. */
enum pptp_disconnect_result {
	PPTP_DISCONNECT_LOST_CARRIER = 1,
	PPTP_DISCONNECT_GENERAL_ERROR = 2,
	PPTP_DISCONNECT_ADMIN_SHUTDOWN = 3,
	PPTP_DISCONNECT_REQUEST = 4,
};

/* General error codes, RFC 2637 2.16. */
enum pptp_error {
	PPTP_ERROR_NONE = 0,
	PPTP_ERROR_NOT_CONNECTED = 1,
	PPTP_ERROR_BAD_FORMAT = 2,
	PPTP_ERROR_BAD_VALUE = 3,
	PPTP_ERROR_NO_RESOURCE = 4,
	PPTP_ERROR_BAD_CALL_ID = 5,
	PPTP_ERROR_PAC = 6,
};

#define PPTP_FRAMING_ASYNC  1u
#define PPTP_FRAMING_SYNC   2u
#define PPTP_BEARER_ANALOG  1u
#define PPTP_BEARER_DIGITAL 2u

/* Both Start-Control-Connection messages; result and error only in the reply. */
struct pptp_start {
	uint16_t version;
	uint8_t result;
	uint8_t error;
	uint32_t framing;
	uint32_t bearer;
	uint16_t max_channels;
	uint16_t firmware;
	char host_name[PPTP_NAME_LEN + 1];
	char vendor[PPTP_NAME_LEN + 1];
};

struct pptp_stop_request {
	uint8_t reason;
};

struct pptp_stop_reply {
	uint8_t result;
	uint8_t error;
};

struct pptp_echo_request {
	uint32_t identifier;
};

struct pptp_echo_reply {
	uint32_t identifier;
	uint8_t result;
	uint8_t error;
};

struct pptp_outgoing_call_request {
	uint16_t call_id;
	uint16_t serial;
	uint32_t min_bps;
	uint32_t max_bps;
	uint32_t bearer;
	uint32_t framing;
	uint16_t window;           /* packets that the sender can buffer */
	uint16_t processing_delay; /* tenths of a second */
	uint16_t phone_number_len;
	char phone_number[PPTP_NAME_LEN + 1];
	char subaddress[PPTP_NAME_LEN + 1];
};

struct pptp_outgoing_call_reply {
	uint16_t call_id;
	uint16_t peer_call_id;
	uint8_t result;
	uint8_t error;
	uint16_t cause;
	uint32_t connect_speed; /* bit/s */
	uint16_t window;
	uint16_t processing_delay;
	uint32_t physical_channel;
};

struct pptp_incoming_call_request {
	uint16_t call_id;
	uint16_t serial;
	uint32_t bearer;
	uint32_t physical_channel;
	uint16_t dialed_number_len;
	uint16_t dialing_number_len;
	char dialed_number[PPTP_NAME_LEN + 1];
	char dialing_number[PPTP_NAME_LEN + 1];
	char subaddress[PPTP_NAME_LEN + 1];
};

struct pptp_incoming_call_reply {
	uint16_t call_id;
	uint16_t peer_call_id;
	uint8_t result;
	uint8_t error;
	uint16_t window;
	uint16_t transmit_delay;
};

struct pptp_incoming_call_connected {
	uint16_t peer_call_id;
	uint32_t connect_speed;
	uint16_t window;
	uint16_t transmit_delay;
	uint32_t framing;
};

struct pptp_call_clear_request {
	uint16_t call_id;
};

struct pptp_call_disconnect_notify {
	uint16_t call_id;
	uint8_t result;
	uint8_t error;
	uint16_t cause;
	char statistics[PPTP_CALL_STATISTICS_LEN + 1];
};

struct pptp_wan_error_notify {
	uint16_t peer_call_id;
	uint32_t crc_errors;
	uint32_t framing_errors;
	uint32_t hardware_overruns;
	uint32_t buffer_overruns;
	uint32_t timeouts;
	uint32_t alignment_errors;
};

struct pptp_set_link_info {
	uint16_t peer_call_id;
	uint32_t send_accm;
	uint32_t receive_accm;
};

struct pptp_msg {
	enum pptp_msg_type type;
	union {
		struct pptp_start start; /* request and reply */
		struct pptp_stop_request stop_request;
		struct pptp_stop_reply stop_reply;
		struct pptp_echo_request echo_request;
		struct pptp_echo_reply echo_reply;
		struct pptp_outgoing_call_request outgoing_call_request;
		struct pptp_outgoing_call_reply outgoing_call_reply;
		struct pptp_incoming_call_request incoming_call_request;
		struct pptp_incoming_call_reply incoming_call_reply;
		struct pptp_incoming_call_connected incoming_call_connected;
		struct pptp_call_clear_request call_clear_request;
		struct pptp_call_disconnect_notify call_disconnect_notify;
		struct pptp_wan_error_notify wan_error_notify;
		struct pptp_set_link_info set_link_info;
	};
};

/* The row of the message table for `type`. */
struct pptp_msg_info {
	const char *name; /* as the RFC writes it, "Echo-Request" */
	uint16_t len;     /* of the whole message, header included */
};

/* NULL for a type that RFC 2637 does not know. */
const struct pptp_msg_info *pptp_msg_info(unsigned type);

/*
 * Decodes one whole message, as pptp_frame_next() cuts it: exactly the length of its type.
 * Reserved fields are ignored, unknown values of enumerated fields are passed on. False, with
 * *ret_msg untouched, if the length, magic or type does not fit.
 */
bool pptp_msg_decode(const uint8_t *data, size_t len, struct pptp_msg *ret_msg);

/* Appends the message with its header; `out` fails if a value or the space does not fit. */
void pptp_msg_encode(const struct pptp_msg *msg, struct byte_writer *out);

#endif
