/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a round trip costs without PPTP: one UDP packet there and back, between two processes. */
#ifndef TESTS_BENCH_LOAD_UDP_ECHO_H
#define TESTS_BENCH_LOAD_UDP_ECHO_H

/* Sends back what comes to that address, until it is ended. Returns an exit status. */
int udp_echo_serve(const char *address);

/* Packets of so many bytes, so many a second, for so long; prints a line of JSON. */
int udp_echo_ask(const char *address, const char *size, const char *rate, const char *seconds);

#endif
