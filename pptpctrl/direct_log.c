/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Log lines about control connections; see the header. */
#include "pptpctrl/direct_log.h"

#include "pptpctrl/pppd_status.h"
#include "pptpd/base/log.h"

/* What one client address can write into the log: some lines at once, then one every so often. */
#define NOTICE_BURST     10
#define NOTICE_REFILL_MS 5000

struct notice_row {
	int severity;
	const char *words;
};

/* Poptop logs three lines when a client closes its connection in order; debug has what is left. */
static const struct notice_row rows[] = {
	[CTRL_NOTICE_START] = {LOG_DEBUG, "CTRL: started again"},
	[CTRL_NOTICE_PEER_CLOSED] = {LOG_DEBUG, "CTRL: EOF"},
	[CTRL_NOTICE_STOPPED] = {LOG_DEBUG, "CTRL: stopped"},
	[CTRL_NOTICE_ECHO_TIMEOUT] = {LOG_INFO, "CTRL: Session timed out, ending call"},
	[CTRL_NOTICE_START_TIMEOUT] = {LOG_ERR, "MGR: dropped slow initial connection"},
	[CTRL_NOTICE_STOP_TIMEOUT] = {LOG_DEBUG, "CTRL: no answer to our stop request"},
	[CTRL_NOTICE_READ_ERROR] = {LOG_INFO, "CTRL: couldn't read"},
	[CTRL_NOTICE_WRITE_ERROR] = {LOG_INFO, "CTRL: couldn't write"},
	[CTRL_NOTICE_QUEUE_FULL] = {LOG_ERR, "CTRL: client does not read our messages, closing"},
	[CTRL_NOTICE_BAD_LENGTH] = {LOG_ERR, "CTRL: Bad control packet length, closing"},
	[CTRL_NOTICE_BAD_MAGIC] = {LOG_ERR,
				   "CTRL: Bad magic cookie - lost synchronization, closing "
				   "control connection."},
	[CTRL_NOTICE_BAD_FIRST] = {LOG_WARNING, "MGR: initial packet has bad ctrl type"},
	[CTRL_NOTICE_BAD_VERSION] = {LOG_WARNING, "CTRL: protocol version refused"},
	[CTRL_NOTICE_UNKNOWN_TYPE] = {LOG_ERR, "CTRL: PPTP Control Message type not supported."},
	[CTRL_NOTICE_NOT_SUPPORTED] = {LOG_ERR, "CTRL: PPTP Control Message type not supported."},
	[CTRL_NOTICE_UNEXPECTED] = {LOG_WARNING, "CTRL: unexpected message"},
	[CTRL_NOTICE_CALL_REFUSED] = {LOG_WARNING, "CTRL: call refused"},
	[CTRL_NOTICE_WAN_ERROR] = {LOG_INFO, "CTRL: errors reported by the client"},
	[CTRL_NOTICE_PROTOCOL] = {LOG_DEBUG, "CTRL:"},
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
		log_debug("%s (client %s: %s)", row->words, log->client, text);
		return;
	}
	if (!rate_limit_allow(&log->limit, mono_now(), &refused))
		return;
	if (refused)
		log_warning("CTRL: Client %s: %u more lines not shown", log->client, refused);
	log_line(row->severity, "%s (client %s: %s)", row->words, log->client, text);
}

void direct_log_pppd_ended(const struct direct_log *log, int32_t pid, int wait_status)
{
	char text[128];

	if (pppd_status_is_failure(wait_status)) {
		log_err("GRE: read(fd=0,buffer=0,len=8196) from PTY failed: status = -1 error = "
			"Input/output error, usually caused by unexpected termination of pppd, "
			"check "
			"option syntax and pppd logs");
		log_notice("CTRL: Client %s pppd[%d] ended with %s", log->client, pid,
			   pppd_status_text(wait_status, text, sizeof(text)));
	}
	log_line_always(LOG_DEBUG, "CTRL: Reaping child PPP[%d]", pid);
}
