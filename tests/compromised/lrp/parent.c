/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages that no worker sends; see the header. The parent's log says what became of them. */
#include <stdio.h>
#include <sys/socket.h>

#include "lrp/messages.h"
#include "pptpd/base/util.h"
#include "tests/compromised/lrp/compromised.h"

/* More than the parent takes at once. */
#define FLOOD 3000

static void ask(int link, uint32_t type, uint32_t number, size_t len)
{
	struct request request = {.type = type, .number = number};

	(void)snprintf(request.text, sizeof(request.text), "compromised: \033[2Jforged\n<0>kernel");
	(void)send(link, &request, len, MSG_NOSIGNAL);
}

void compromised_try_parent(int link)
{
	ask(link, REQUEST_LOOK_UP, 0, sizeof(struct request) - 1);
	ask(link, REQUEST_LOOK_UP, 0, 4);
	ask(link, REQUEST_LOOK_UP, 1, sizeof(struct request));
	ask(link, REQUEST_LOOK_UP, 0xffffffff, sizeof(struct request));
	ask(link, 0, 0, sizeof(struct request));
	ask(link, 77, 0, sizeof(struct request));
	ask(link, REQUEST_LOG, 8, sizeof(struct request));
	ask(link, REQUEST_LOG, LOG_EMERG, sizeof(struct request));
	ask(link, REQUEST_READY, 0, sizeof(struct request));
}

void compromised_flood_parent(int link)
{
	for (int i = 0; i < FLOOD; i++)
		ask(link, REQUEST_LOOK_UP, 0, sizeof(struct request));
}
