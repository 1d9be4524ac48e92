/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What pppd's exit status means; see the header. */
#include "pptpctrl/pppd_status.h"

#include <stdio.h>
#include <sys/wait.h>

#include "pptpd/base/util.h"

#define PEER_AUTHENTICATION_FAILED 11

/* pppd(8), EXIT STATUS; 20 and 21 are in the program but not on the page. */
static const char *const exit_texts[] = {
	[0] = "ended in order",
	[1] = "a fatal error, see pppd's log lines",
	[2] = "an option is wrong, check option syntax and pppd logs",
	[3] = "pppd is not privileged",
	[4] = "the kernel lacks PPP: no module, or /dev/ppp is missing",
	[5] = "ended by a signal",
	[6] = "the device is locked",
	[7] = "the device could not be opened",
	[8] = "the connect script failed",
	[9] = "the pty command failed",
	[10] = "PPP negotiation failed",
	[PEER_AUTHENTICATION_FAILED] = "the peer failed to authenticate itself",
	[12] = "idle for too long",
	[13] = "the time limit was reached",
	[14] = "callback",
	[15] = "the peer stopped answering LCP echo requests",
	[16] = "the line was hung up",
	[17] = "the line is looped back",
	[18] = "the init script failed",
	[19] = "we failed to authenticate ourselves",
	[20] = "the traffic limit was reached",
	[21] = "the caller's number is not allowed",
	[127] = "the program could not be executed",
};

const char *pppd_status_text(int wait_status, char *out, size_t size)
{
	unsigned code = WIFEXITED(wait_status) ? (unsigned)WEXITSTATUS(wait_status) : 0;
	const char *text = code < ARRAY_SIZE(exit_texts) ? exit_texts[code] : NULL;

	if (WIFSIGNALED(wait_status))
		(void)snprintf(out, size, "signal %d", WTERMSIG(wait_status));
	else
		(void)snprintf(out, size, "status %u (%s)", code, text ? text : "unknown");
	return out;
}

bool pppd_status_is_denial(int wait_status)
{
	return WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == PEER_AUTHENTICATION_FAILED;
}

bool pppd_status_is_failure(int wait_status)
{
	/* In order, by a signal of ours, idle, at its time limit, or because the line was hung up.
	 */
	static const unsigned char good[] = {0, 5, 12, 13, 16};

	if (!WIFEXITED(wait_status))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		if (WEXITSTATUS(wait_status) == good[i])
			return false;
	}
	return true;
}
