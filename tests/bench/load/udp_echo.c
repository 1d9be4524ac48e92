/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Both ends of the bare round trip; see the header. */
#include "tests/bench/load/udp_echo.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "pptpd/base/mono.h"
#include "pptpd/base/util.h"

/* Discard's port would be refused by nobody, and nobody else serves this one. */
#define PORT 4799

#define TRIPS_MAX 100000
#define LOST_MS   1000

static int open_socket(const char *text, struct sockaddr_in *ret_address)
{
	*ret_address = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(PORT)};
	if (inet_pton(AF_INET, text, &ret_address->sin_addr) != 1)
		return -1;
	return socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

int udp_echo_serve(const char *text)
{
	struct sockaddr_in address;
	socklen_t size = sizeof(address);
	uint8_t bytes[2048];
	int fd = open_socket(text, &address);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) != 0) {
		perror(text);
		return EXIT_FAILURE;
	}
	for (;;) {
		struct pollfd input = {.fd = fd, .events = POLLIN};
		ssize_t len;

		/* As every program here waits: for readiness first. */
		(void)poll(&input, 1, -1);
		size = sizeof(address);
		len = recvfrom(fd, bytes, sizeof(bytes), 0, (struct sockaddr *)&address, &size);
		if (len >= 0)
			(void)sendto(fd, bytes, (size_t)len, 0, (struct sockaddr *)&address, size);
	}
}

static int compare(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return (left > right) - (left < right);
}

/* One round trip in microseconds, or -1. */
static int64_t ask_once(int fd, uint8_t *bytes, size_t size)
{
	struct pollfd input = {.fd = fd, .events = POLLIN};
	struct mono begun = mono_now();

	if (send(fd, bytes, size, 0) < 0 || poll(&input, 1, LOST_MS) != 1 ||
	    recv(fd, bytes, size, 0) < 0)
		return -1;
	return mono_diff_us(mono_now(), begun);
}

static void report(int64_t *trips, size_t count, size_t sent)
{
	qsort(trips, count, sizeof(*trips), compare);
	printf("{\"event\": \"udp\", \"sent\": %zu, \"received\": %zu", sent, count);
	if (count)
		printf(", \"us\": {\"min\": %lld, \"median\": %lld, \"p99\": %lld, \"max\": %lld}",
		       (long long)trips[0], (long long)trips[(count - 1) / 2],
		       (long long)trips[(count - 1) * 99 / 100], (long long)trips[count - 1]);
	printf("}\n");
}

int udp_echo_ask(const char *text, const char *size, const char *rate, const char *seconds)
{
	static int64_t trips[TRIPS_MAX];
	static uint8_t bytes[2048];
	struct sockaddr_in address;
	size_t len = strtoul(size, NULL, 10), count = 0, sent = 0;
	size_t all = (size_t)(strtod(rate, NULL) * strtod(seconds, NULL));
	struct timespec pause = {.tv_nsec = (long)(1e9 / strtod(rate, NULL))};
	int fd = open_socket(text, &address);

	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
		perror(text);
		return EXIT_FAILURE;
	}
	for (; sent < MIN(all, TRIPS_MAX); sent++) {
		int64_t trip = ask_once(fd, bytes, MIN(len, sizeof(bytes)));

		if (trip >= 0)
			trips[count++] = trip;
		(void)nanosleep(&pause, NULL);
	}
	report(trips, count, sent);
	(void)close(fd);
	return count == sent ? EXIT_SUCCESS : EXIT_FAILURE;
}
