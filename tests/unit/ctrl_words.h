/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One word for each notice of a control connection, for the tests' logs. */
#ifndef TESTS_UNIT_CTRL_WORDS_H
#define TESTS_UNIT_CTRL_WORDS_H

#include "pptpctrl/pptp/ctrl_conn.h"

static const char *const ctrl_words[] = {
	[CTRL_NOTICE_START] = "start",
	[CTRL_NOTICE_PEER_CLOSED] = "peer-closed",
	[CTRL_NOTICE_STOPPED] = "stopped",
	[CTRL_NOTICE_ECHO_TIMEOUT] = "echo-timeout",
	[CTRL_NOTICE_START_TIMEOUT] = "start-timeout",
	[CTRL_NOTICE_STOP_TIMEOUT] = "stop-timeout",
	[CTRL_NOTICE_READ_ERROR] = "read-error",
	[CTRL_NOTICE_WRITE_ERROR] = "write-error",
	[CTRL_NOTICE_QUEUE_FULL] = "queue-full",
	[CTRL_NOTICE_BAD_LENGTH] = "bad-length",
	[CTRL_NOTICE_BAD_MAGIC] = "bad-magic",
	[CTRL_NOTICE_BAD_FIRST] = "bad-first",
	[CTRL_NOTICE_BAD_VERSION] = "bad-version",
	[CTRL_NOTICE_UNKNOWN_TYPE] = "unknown-type",
	[CTRL_NOTICE_NOT_SUPPORTED] = "not-supported",
	[CTRL_NOTICE_UNEXPECTED] = "unexpected",
	[CTRL_NOTICE_CALL_REFUSED] = "call-refused",
	[CTRL_NOTICE_WAN_ERROR] = "wan-error",
	[CTRL_NOTICE_PROTOCOL] = "protocol",
};

#endif
