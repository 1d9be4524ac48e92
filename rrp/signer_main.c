// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * rrp-signer: the process that has a server's private key (rrp/signer.h). Started by pptpd, which
 * gives it one descriptor and no arguments. Not a program for people.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "config.h"
#include "pptpd/base/fdio.h"
#include "rrp/signer.h"

static bool is_packet_socket(int fd)
{
	socklen_t len = sizeof(int);
	int type = 0;

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0 && type == SOCK_SEQPACKET;
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		printf("rrp-signer v%s\n", PACKAGE_VERSION);
		return EXIT_SUCCESS;
	}
	if (argc != 1 || !is_packet_socket(SIGNER_CONTROL_FD)) {
		fprintf(stderr, "rrp-signer is started by pptpd, not by hand.\n");
		return EXIT_FAILURE;
	}
	(void)signal(SIGPIPE, SIG_IGN);
	/* The owner ends it by closing the channel; what a terminal sends is for the owner. */
	(void)signal(SIGINT, SIG_IGN);
	(void)signal(SIGHUP, SIG_IGN);
	return signer_run(SIGNER_CONTROL_FD);
}
