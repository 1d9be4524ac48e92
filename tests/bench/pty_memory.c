/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The memory that 1,000 calls on pseudo-terminals hold in their process: when each has just
 * started, when each has sent and received bursts whose last frame is still in parts, and when all
 * are idle again. Prints and judges nothing.
 */
#include <ev.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <termios.h>
#include <unistd.h>

#include "pptpctrl/hdlc.h"
#include "pptpctrl/ppp_channel.h"

#define CALLS     1000
#define FRAME_LEN 1400
#define BURST     8 /* frames each way */

struct call {
	struct ppp_channel *channel;
	int pppd;
	unsigned frames;
};

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void on_frame(void *context, const uint8_t *frame, size_t len)
{
	struct call *call = context;

	(void)frame;
	(void)len;
	call->frames++;
}

static void on_stopped(void *context)
{
	(void)context;
	fputs("a terminal is gone\n", stderr);
	exit(1);
}

static const struct ppp_channel_ops ops = {.frame = on_frame, .stopped = on_stopped};

static void call_open(struct call *call, struct ev_loop *loop)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	struct termios mode;

	if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0)
		die("posix_openpt");
	call->pppd = open(ptsname(master), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (call->pppd < 0 || tcgetattr(call->pppd, &mode) != 0)
		die("terminal");
	cfmakeraw(&mode);
	if (tcsetattr(call->pppd, TCSANOW, &mode) != 0)
		die("tcsetattr");
	call->channel = ppp_channel_pty(loop, master, &ops, call);
	if (!call->channel)
		die("ppp_channel_pty");
}

static long resident_bytes(void)
{
	int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC); /* stdio would allocate */
	char text[128] = "";
	char *pages;

	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
		die("/proc/self/statm");
	(void)close(fd);
	(void)strtol(text, &pages, 10);
	return strtol(pages, NULL, 10) * sysconf(_SC_PAGESIZE);
}

static void report(const char *when, long before)
{
	printf("%-42s in use %6.2f, resident %6.2f kB per call\n", when,
	       (double)mallinfo2().uordblks / CALLS / 1024,
	       (double)(resident_bytes() - before) / CALLS / 1024);
}

/* Runs the loop, and takes what pppd's sides hear, until it is quiet. */
static void settle(struct ev_loop *loop, struct call *calls)
{
	static uint8_t heard[65536];

	for (int i = 0; i < 50; i++) {
		ev_run(loop, EVRUN_NOWAIT);
		for (int j = 0; j < CALLS; j++)
			while (read(calls[j].pppd, heard, sizeof(heard)) > 0)
				;
	}
}

static void pppd_writes(struct call *call, struct ev_loop *loop, const uint8_t *bytes, size_t len)
{
	static uint8_t heard[65536];

	while (len) {
		ssize_t n = write(call->pppd, bytes, len);

		ev_run(loop, EVRUN_NOWAIT);
		while (read(call->pppd, heard, sizeof(heard)) > 0)
			;
		if (n > 0) {
			bytes += n;
			len -= (size_t)n;
		}
	}
}

static void burst(struct call *call, struct ev_loop *loop, const uint8_t *encoded, size_t len)
{
	static const uint8_t frame[FRAME_LEN];

	for (int i = 0; i < BURST; i++) {
		ppp_channel_send(call->channel, frame, sizeof(frame));
		pppd_writes(call, loop, encoded, len);
	}
	pppd_writes(call, loop, encoded, len / 2);
}

int main(void)
{
	const struct rlimit files = {2 * CALLS + 100, 2 * CALLS + 100};
	struct ev_loop *loop = ev_default_loop(0);
	static struct call calls[CALLS];
	static uint8_t frame[FRAME_LEN], encoded[HDLC_ENCODED_MAX(FRAME_LEN)];
	size_t len;
	long before;

	if (setrlimit(RLIMIT_NOFILE, &files) != 0)
		die("setrlimit");
	memset(frame, 'x', sizeof(frame));
	len = hdlc_encode(&hdlc_escapes_all, frame, sizeof(frame), encoded, sizeof(encoded));
	memset(calls, 0, sizeof(calls));
	before = resident_bytes();
	for (int i = 0; i < CALLS; i++)
		call_open(&calls[i], loop);
	settle(loop, calls);
	report("started", before);
	for (int i = 0; i < CALLS; i++)
		burst(&calls[i], loop, encoded, len);
	settle(loop, calls);
	report("each with a frame of which half has come", before);
	for (int i = 0; i < CALLS; i++)
		pppd_writes(&calls[i], loop, encoded + len / 2, len - len / 2);
	settle(loop, calls);
	report("idle", before);
	return 0;
}
