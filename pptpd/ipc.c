/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of messages between manager and pptpctrl: who sends which, how long, with what. */
#include "pptpd/ipc.h"

#include <errno.h>
#include <string.h>

#include "pptpd/base/fdio.h"

struct ipc_row {
	const char *name;
	size_t len;
	enum ipc_sender sender;
	bool may_pass; /* a descriptor */
};

#define ROW(constant, type, from, pass)           \
	[constant] = {.name = #constant,          \
		      .len = sizeof(struct type), \
		      .sender = (from),           \
		      .may_pass = (pass)}

static const struct ipc_row rows[] = {
	ROW(IPC_SETTINGS, ipc_settings, IPC_FROM_MANAGER, false),
	ROW(IPC_CONNECTION, ipc_connection, IPC_FROM_MANAGER, true),
	ROW(IPC_CALL_STARTED, ipc_call_started, IPC_FROM_MANAGER, true),
	ROW(IPC_CALL_REFUSED, ipc_call_refused, IPC_FROM_MANAGER, false),
	ROW(IPC_CALL_ENDED, ipc_call_ended, IPC_FROM_MANAGER, false),
	ROW(IPC_GRE_OPENED, ipc_gre_opened, IPC_FROM_MANAGER, true),
	ROW(IPC_RELEASED, ipc_released, IPC_FROM_MANAGER, false),
	ROW(IPC_STOP, ipc_stop, IPC_FROM_MANAGER, false),
	ROW(IPC_ADOPTED, ipc_adopted, IPC_FROM_MANAGER, false),
	ROW(IPC_ADOPTED_CALL, ipc_adopted_call, IPC_FROM_MANAGER, true),
	ROW(IPC_SIGNER, ipc_signer, IPC_FROM_MANAGER, true),
	ROW(IPC_PEER_VERDICT, ipc_peer_verdict, IPC_FROM_MANAGER, false),
	ROW(IPC_ENROL_VERDICT, ipc_enrol_verdict, IPC_FROM_MANAGER, false),
	ROW(IPC_LINK, ipc_link, IPC_FROM_MANAGER, true),
	ROW(IPC_LOG, ipc_log, IPC_FROM_PPTPCTRL, false),
	ROW(IPC_CALL_START, ipc_call_start, IPC_FROM_PPTPCTRL, false),
	ROW(IPC_CALL_STOP, ipc_call_stop, IPC_FROM_PPTPCTRL, false),
	ROW(IPC_GRE_OPEN, ipc_gre_open, IPC_FROM_PPTPCTRL, false),
	ROW(IPC_IDLE, ipc_idle, IPC_FROM_PPTPCTRL, false),
	ROW(IPC_PEER_NAME, ipc_peer_name, IPC_FROM_PPTPCTRL, false),
	ROW(IPC_CHECKPOINT, ipc_checkpoint, IPC_FROM_PPTPCTRL, false),
	ROW(IPC_ADOPT, ipc_adopt, IPC_FROM_PPTPCTRL, false),
	ROW(IPC_PEER, ipc_peer, IPC_FROM_PPTPCTRL, false),
	ROW(IPC_ENROL, ipc_enrol, IPC_FROM_PPTPCTRL, false),
	ROW(IPC_CALL_PROVEN, ipc_call_proven, IPC_FROM_PPTPCTRL, false),
	ROW(IPC_CALL_READY, ipc_call_ready, IPC_FROM_PPTPCTRL, false),
	ROW(IPC_CALL_CANCEL, ipc_call_cancel, IPC_FROM_PPTPCTRL, false),
	ROW(IPC_REORDERED, ipc_reordered, IPC_FROM_PPTPCTRL, false),
};

static const struct ipc_row *row_of(uint32_t type)
{
	return type < ARRAY_SIZE(rows) && rows[type].len ? &rows[type] : NULL;
}

size_t ipc_len(uint32_t type)
{
	const struct ipc_row *row = row_of(type);

	return row ? row->len : 0;
}

const char *ipc_type_name(uint32_t type)
{
	const struct ipc_row *row = row_of(type);

	return row ? row->name : "?";
}

int ipc_receive(int socket, enum ipc_sender sender, union ipc_message *ret_message, int *ret_fd)
{
	const struct ipc_row *row;
	int fd = -1;
	ssize_t len = fdio_receive_message(socket, ret_message, sizeof(*ret_message), &fd);

	if (len == 0 && fd >= 0) { /* an end has no descriptor: an empty message */
		fdio_close_passed(&fd);
		return -EPROTO;
	}
	if (len <= 0)
		return len == -EBADMSG ? -EPROTO : (int)len;
	row = (size_t)len >= sizeof(ret_message->type) ? row_of(ret_message->type) : NULL;
	if (!row || row->sender != sender || row->len != (size_t)len ||
	    (fd >= 0 && !row->may_pass)) {
		fdio_close_passed(&fd);
		return -EPROTO;
	}
	*ret_fd = fd;
	return 1;
}

int ipc_send(int socket, const void *message, int passed_fd)
{
	const struct ipc_row *row;
	uint32_t type;

	memcpy(&type, message, sizeof(type));
	row = row_of(type);
	if (!row)
		bug("ipc: type %u sent", type);
	return fdio_send_message(socket, message, row->len, passed_fd);
}
