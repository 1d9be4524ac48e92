/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Log lines about control connections; see the header. */
#include "pptpctrl/direct_log.h"

#include <inttypes.h>

#include "pptpctrl/pppd_status.h"
#include "pptpd/base/log.h"

/* What one client address can write into the log: some lines at once, then one every so often. */
#define NOTICE_BURST     10
#define NOTICE_REFILL_MS 5000

struct notice_row {
	int severity;
	const char *words;
};

/* What stands between the client's address and what the notice says. */
static const struct notice_row rows[] = {
	[CTRL_NOTICE_START] = {LOG_DEBUG, "started again"},
	[CTRL_NOTICE_PEER_CLOSED] = {LOG_DEBUG, "closed"},
	[CTRL_NOTICE_STOPPED] = {LOG_DEBUG, "stopped"},
	[CTRL_NOTICE_ECHO_TIMEOUT] = {LOG_INFO, "Session timed out, ending call"},
	[CTRL_NOTICE_START_TIMEOUT] = {LOG_ERR, "dropped slow initial connection"},
	[CTRL_NOTICE_STOP_TIMEOUT] = {LOG_DEBUG, "closed without an answer"},
	[CTRL_NOTICE_READ_ERROR] = {LOG_INFO, "connection lost"},
	[CTRL_NOTICE_WRITE_ERROR] = {LOG_INFO, "connection lost"},
	[CTRL_NOTICE_QUEUE_FULL] = {LOG_ERR, "does not read our messages, closing"},
	[CTRL_NOTICE_BAD_LENGTH] = {LOG_ERR, "bad message, closing"},
	[CTRL_NOTICE_BAD_MAGIC] = {LOG_ERR, "bad message, closing"},
	[CTRL_NOTICE_BAD_FIRST] = {LOG_WARNING, "bad first message, closing"},
	[CTRL_NOTICE_BAD_VERSION] = {LOG_WARNING, "refused, closing"},
	[CTRL_NOTICE_UNKNOWN_TYPE] = {LOG_WARNING, "ignored"},
	[CTRL_NOTICE_NOT_SUPPORTED] = {LOG_WARNING, "not supported"},
	[CTRL_NOTICE_UNEXPECTED] = {LOG_WARNING, "ignored"},
	[CTRL_NOTICE_CALL_REFUSED] = {LOG_WARNING, "call refused"},
	[CTRL_NOTICE_WAN_ERROR] = {LOG_INFO, "reports errors"},
	[CTRL_NOTICE_PROTOCOL] = {LOG_DEBUG, "control connection"},
};

void direct_log_init(struct direct_log *log, const char *client)
{
	log->client = client;
	rate_limit_init(&log->limit, NOTICE_BURST, NOTICE_REFILL_MS, mono_now());
}

void direct_log_notice(struct direct_log *log, enum ctrl_notice notice, const char *text)
{
	const struct notice_row *row = &rows[notice];
	unsigned refused = 0;

	if (row->severity == LOG_DEBUG) {
		log_debug("CTRL: Client %s: %s: %s", log->client, row->words, text);
		return;
	}
	if (!rate_limit_allow(&log->limit, mono_now(), &refused))
		return;
	if (refused)
		log_warning("CTRL: Client %s: %u lines like the next not shown", log->client,
			    refused);
	log_line(row->severity, "CTRL: Client %s: %s: %s", log->client, row->words, text);
}

void direct_log_gre(const struct direct_log *log, const struct gre_window_counters *counters)
{
	log_debug("CTRL: Client %s: GRE of a call over: %" PRIu64 " packets came, %" PRIu64
		  " lost, %" PRIu64 " reordered, %" PRIu64 " old",
		  log->client, counters->delivered, counters->lost, counters->reordered,
		  counters->old);
}

void direct_log_unsent(const struct direct_log *log, const struct gre_raw_counters *counters)
{
	for (int cause = 0; cause < GRE_RAW_ERRORS; cause++) {
		if (counters->errors[cause])
			log_info("CTRL: Client %s: %" PRIu64 " GRE errors: %s", log->client,
				 counters->errors[cause], gre_raw_error_name(cause));
	}
}

void direct_log_pppd_ended(const struct direct_log *log, const struct direct_log_end *end)
{
	bool failed = !end->hung_up && pppd_status_is_failure(end->wait_status);
	char text[128];

	(void)pppd_status_text(end->wait_status, text, sizeof(text));
	if (failed)
		log_err("GRE: read(fd=0,buffer=0,len=8196) from PTY failed: status = -1 error = "
			"Input/output error, usually caused by unexpected termination of pppd, "
			"check option syntax and pppd logs");
	if (end->denied || pppd_status_is_denial(end->wait_status))
		log_warning("CTRL: Client %s failed to authenticate, pppd[%d] ended with %s",
			    log->client, end->pppd_pid, text);
	else if (failed)
		log_notice("CTRL: Client %s pppd[%d] ended with %s", log->client, end->pppd_pid,
			   text);
	log_line_always(LOG_DEBUG, "CTRL: Reaping child PPP[%d]", end->pppd_pid);
}
