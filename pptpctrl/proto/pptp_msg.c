/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control messages as tables of fields, which decoder and encoder share; see the header. The
 * tables follow the drawings of RFC 2637 2.1 to 2.15, from the first field behind the header.
 */
#include "pptpctrl/proto/pptp_msg.h"

#include <string.h>

enum field_kind {
	FIELD_NUMBER,   /* as wide on the wire as in the struct */
	FIELD_TEXT,     /* a char array, without its last byte on the wire */
	FIELD_RESERVED, /* zeros when sent, ignored when received */
};

struct field {
	enum field_kind kind;
	size_t offset; /* in struct pptp_msg */
	size_t len;    /* on the wire */
};

struct message {
	struct pptp_msg_info info;
	const struct field *fields;
	size_t field_count;
};

#define SIZE_OF(member) sizeof(((struct pptp_msg *)0)->member)
#define NUMBER(member)                                                           \
	{                                                                        \
		FIELD_NUMBER, offsetof(struct pptp_msg, member), SIZE_OF(member) \
	}
#define TEXT(member)                                                               \
	{                                                                          \
		FIELD_TEXT, offsetof(struct pptp_msg, member), SIZE_OF(member) - 1 \
	}
#define RESERVED(bytes)                    \
	{                                  \
		FIELD_RESERVED, 0, (bytes) \
	}

static const struct field start_request[] = {
	NUMBER(start.version),      RESERVED(2),
	NUMBER(start.framing),      NUMBER(start.bearer),
	NUMBER(start.max_channels), NUMBER(start.firmware),
	TEXT(start.host_name),      TEXT(start.vendor),
};

static const struct field start_reply[] = {
	NUMBER(start.version),  NUMBER(start.result),  NUMBER(start.error),
	NUMBER(start.framing),  NUMBER(start.bearer),  NUMBER(start.max_channels),
	NUMBER(start.firmware), TEXT(start.host_name), TEXT(start.vendor),
};

static const struct field stop_request[] = {
	NUMBER(stop_request.reason),
	RESERVED(3),
};

static const struct field stop_reply[] = {
	NUMBER(stop_reply.result),
	NUMBER(stop_reply.error),
	RESERVED(2),
};

static const struct field echo_request[] = {
	NUMBER(echo_request.identifier),
};

static const struct field echo_reply[] = {
	NUMBER(echo_reply.identifier),
	NUMBER(echo_reply.result),
	NUMBER(echo_reply.error),
	RESERVED(2),
};

static const struct field outgoing_call_request[] = {
	NUMBER(outgoing_call_request.call_id),
	NUMBER(outgoing_call_request.serial),
	NUMBER(outgoing_call_request.min_bps),
	NUMBER(outgoing_call_request.max_bps),
	NUMBER(outgoing_call_request.bearer),
	NUMBER(outgoing_call_request.framing),
	NUMBER(outgoing_call_request.window),
	NUMBER(outgoing_call_request.processing_delay),
	NUMBER(outgoing_call_request.phone_number_len),
	RESERVED(2),
	TEXT(outgoing_call_request.phone_number),
	TEXT(outgoing_call_request.subaddress),
};

static const struct field outgoing_call_reply[] = {
	NUMBER(outgoing_call_reply.call_id),
	NUMBER(outgoing_call_reply.peer_call_id),
	NUMBER(outgoing_call_reply.result),
	NUMBER(outgoing_call_reply.error),
	NUMBER(outgoing_call_reply.cause),
	NUMBER(outgoing_call_reply.connect_speed),
	NUMBER(outgoing_call_reply.window),
	NUMBER(outgoing_call_reply.processing_delay),
	NUMBER(outgoing_call_reply.physical_channel),
};

static const struct field incoming_call_request[] = {
	NUMBER(incoming_call_request.call_id),
	NUMBER(incoming_call_request.serial),
	NUMBER(incoming_call_request.bearer),
	NUMBER(incoming_call_request.physical_channel),
	NUMBER(incoming_call_request.dialed_number_len),
	NUMBER(incoming_call_request.dialing_number_len),
	TEXT(incoming_call_request.dialed_number),
	TEXT(incoming_call_request.dialing_number),
	TEXT(incoming_call_request.subaddress),
};

static const struct field incoming_call_reply[] = {
	NUMBER(incoming_call_reply.call_id),
	NUMBER(incoming_call_reply.peer_call_id),
	NUMBER(incoming_call_reply.result),
	NUMBER(incoming_call_reply.error),
	NUMBER(incoming_call_reply.window),
	NUMBER(incoming_call_reply.transmit_delay),
	RESERVED(2),
};

static const struct field incoming_call_connected[] = {
	NUMBER(incoming_call_connected.peer_call_id),   RESERVED(2),
	NUMBER(incoming_call_connected.connect_speed),  NUMBER(incoming_call_connected.window),
	NUMBER(incoming_call_connected.transmit_delay), NUMBER(incoming_call_connected.framing),
};

static const struct field call_clear_request[] = {
	NUMBER(call_clear_request.call_id),
	RESERVED(2),
};

static const struct field call_disconnect_notify[] = {
	NUMBER(call_disconnect_notify.call_id),
	NUMBER(call_disconnect_notify.result),
	NUMBER(call_disconnect_notify.error),
	NUMBER(call_disconnect_notify.cause),
	RESERVED(2),
	TEXT(call_disconnect_notify.statistics),
};

static const struct field wan_error_notify[] = {
	NUMBER(wan_error_notify.peer_call_id),      RESERVED(2),
	NUMBER(wan_error_notify.crc_errors),        NUMBER(wan_error_notify.framing_errors),
	NUMBER(wan_error_notify.hardware_overruns), NUMBER(wan_error_notify.buffer_overruns),
	NUMBER(wan_error_notify.timeouts),          NUMBER(wan_error_notify.alignment_errors),
};

static const struct field set_link_info[] = {
	NUMBER(set_link_info.peer_call_id),
	RESERVED(2),
	NUMBER(set_link_info.send_accm),
	NUMBER(set_link_info.receive_accm),
};

#define MESSAGE(name, len, fields)                                        \
	{                                                                 \
		{name, len}, fields, sizeof(fields) / sizeof((fields)[0]) \
	}

static const struct message messages[] = {
	[PPTP_START_REQUEST] = MESSAGE("Start-Control-Connection-Request", 156, start_request),
	[PPTP_START_REPLY] = MESSAGE("Start-Control-Connection-Reply", 156, start_reply),
	[PPTP_STOP_REQUEST] = MESSAGE("Stop-Control-Connection-Request", 16, stop_request),
	[PPTP_STOP_REPLY] = MESSAGE("Stop-Control-Connection-Reply", 16, stop_reply),
	[PPTP_ECHO_REQUEST] = MESSAGE("Echo-Request", 16, echo_request),
	[PPTP_ECHO_REPLY] = MESSAGE("Echo-Reply", 20, echo_reply),
	[PPTP_OUTGOING_CALL_REQUEST] = MESSAGE("Outgoing-Call-Request", 168, outgoing_call_request),
	[PPTP_OUTGOING_CALL_REPLY] = MESSAGE("Outgoing-Call-Reply", 32, outgoing_call_reply),
	[PPTP_INCOMING_CALL_REQUEST] = MESSAGE("Incoming-Call-Request", 220, incoming_call_request),
	[PPTP_INCOMING_CALL_REPLY] = MESSAGE("Incoming-Call-Reply", 24, incoming_call_reply),
	[PPTP_INCOMING_CALL_CONNECTED] =
		MESSAGE("Incoming-Call-Connected", 28, incoming_call_connected),
	[PPTP_CALL_CLEAR_REQUEST] = MESSAGE("Call-Clear-Request", 16, call_clear_request),
	[PPTP_CALL_DISCONNECT_NOTIFY] =
		MESSAGE("Call-Disconnect-Notify", 148, call_disconnect_notify),
	[PPTP_WAN_ERROR_NOTIFY] = MESSAGE("WAN-Error-Notify", 40, wan_error_notify),
	[PPTP_SET_LINK_INFO] = MESSAGE("Set-Link-Info", 24, set_link_info),
};

static const struct message *find_message(unsigned type)
{
	if (type < PPTP_START_REQUEST || type > PPTP_SET_LINK_INFO)
		return NULL;
	return &messages[type];
}

const struct pptp_msg_info *pptp_msg_info(unsigned type)
{
	const struct message *message = find_message(type);

	return message ? &message->info : NULL;
}

static void read_number(struct byte_reader *in, void *to, size_t len)
{
	uint8_t narrow;
	uint16_t middle;
	uint32_t wide;

	if (len == sizeof(narrow)) {
		narrow = rd_u8(in);
		memcpy(to, &narrow, sizeof(narrow));
	} else if (len == sizeof(middle)) {
		middle = rd_u16(in);
		memcpy(to, &middle, sizeof(middle));
	} else {
		wide = rd_u32(in);
		memcpy(to, &wide, sizeof(wide));
	}
}

static void read_field(struct byte_reader *in, const struct field *field, struct pptp_msg *msg)
{
	char *to = (char *)msg + field->offset;

	switch (field->kind) {
	case FIELD_NUMBER:
		read_number(in, to, field->len);
		break;
	case FIELD_TEXT:
		rd_text(in, to, field->len);
		break;
	case FIELD_RESERVED:
		rd_skip(in, field->len);
		break;
	}
}

bool pptp_msg_decode(const uint8_t *data, size_t len, struct pptp_msg *ret_msg)
{
	struct byte_reader in = rd_init(data, len);
	uint16_t stated_len = rd_u16(&in);
	uint16_t message_type = rd_u16(&in);
	uint32_t magic = rd_u32(&in);
	uint16_t control_type = rd_u16(&in);
	const struct message *message = find_message(control_type);
	struct pptp_msg msg = {.type = control_type};

	rd_skip(&in, 2); /* reserved */
	if (rd_failed(&in) || message_type != PPTP_MESSAGE_CONTROL || magic != PPTP_MAGIC ||
	    !message || len != message->info.len || stated_len != len)
		return false;
	for (size_t i = 0; i < message->field_count; i++)
		read_field(&in, &message->fields[i], &msg);
	if (rd_failed(&in))
		return false;
	*ret_msg = msg;
	return true;
}

static void write_number(struct byte_writer *out, const void *from, size_t len)
{
	uint8_t narrow;
	uint16_t middle;
	uint32_t wide;

	if (len == sizeof(narrow)) {
		memcpy(&narrow, from, sizeof(narrow));
		wr_u8(out, narrow);
	} else if (len == sizeof(middle)) {
		memcpy(&middle, from, sizeof(middle));
		wr_u16(out, middle);
	} else {
		memcpy(&wide, from, sizeof(wide));
		wr_u32(out, wide);
	}
}

static void write_field(struct byte_writer *out, const struct field *field,
			const struct pptp_msg *msg)
{
	const char *from = (const char *)msg + field->offset;

	switch (field->kind) {
	case FIELD_NUMBER:
		write_number(out, from, field->len);
		break;
	case FIELD_TEXT:
		wr_text(out, from, field->len);
		break;
	case FIELD_RESERVED:
		wr_zero(out, field->len);
		break;
	}
}

void pptp_msg_encode(const struct pptp_msg *msg, struct byte_writer *out)
{
	const struct message *message = find_message(msg->type);

	if (!message) {
		out->failed = true;
		return;
	}
	wr_u16(out, message->info.len);
	wr_u16(out, PPTP_MESSAGE_CONTROL);
	wr_u32(out, PPTP_MAGIC);
	wr_u16(out, msg->type);
	wr_zero(out, 2); /* reserved */
	for (size_t i = 0; i < message->field_count; i++)
		write_field(out, &message->fields[i], msg);
}
