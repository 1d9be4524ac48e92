// SPDX-License-Identifier: GPL-2.0-or-later
/* Questions to a running pptpd; see the header. */
#include "pptpd/ctl/ask.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "pptpd/base/fdio.h"
#include "pptpd/base/util.h"

/* A manager that is busy with something else answers later than this only if it hangs. */
#define ANSWER_TIMEOUT_MS 5000

PRINTF_LIKE(2, 3)
static enum ask_result fail(char *ret_error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(ret_error, ASK_ERROR_MAX, format, args);
	va_end(args);
	return ASK_FAILED;
}

static enum ask_result connect_to(const char *path, int *ret_fd, char *ret_error)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd, error;

	if (strlen(path) >= sizeof(address.sun_path))
		return fail(ret_error, "control socket %.200s: %s", path, strerror(ENAMETOOLONG));
	memcpy(address.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0) {
		*ret_fd = fd;
		return ASK_ANSWERED;
	}
	error = errno;
	fdio_close(&fd);
	if (error == ENOENT || error == ECONNREFUSED)
		return ASK_NOT_RUNNING;
	return fail(ret_error, "control socket %.200s: %s", path, strerror(error));
}

static enum ask_result ask(const char *path, enum control_type type, const char *shut_out,
			   int *ret_fd, char *ret_error)
{
	struct control_request request = {.type = type, .version = CONTROL_VERSION};
	enum ask_result result = connect_to(path, ret_fd, ret_error);
	int error;

	if (result != ASK_ANSWERED)
		return result;
	(void)snprintf(request.shut_out, sizeof(request.shut_out), "%s", shut_out);
	error = fdio_send_message(*ret_fd, &request, sizeof(request), -1);
	if (!error)
		return ASK_ANSWERED;
	fdio_close(ret_fd);
	return fail(ret_error, "control socket %.200s: %s", path, strerror(-error));
}

static size_t length_of(uint32_t type)
{
	switch (type) {
	case CONTROL_RELOADED:
		return sizeof(struct control_reloaded);
	case CONTROL_TUNNEL:
		return sizeof(struct control_tunnel);
	case CONTROL_END:
		return sizeof(struct control_end);
	case CONTROL_REFUSED:
		return sizeof(struct control_refused);
	default:
		return 0;
	}
}

/* One message, which must be `wanted` or `also`. */
static enum ask_result receive(int fd, uint32_t wanted, uint32_t also,
			       union control_message *ret_message, char *ret_error)
{
	struct pollfd waiting = {.fd = fd, .events = POLLIN};
	int passed = -1;
	ssize_t n;

	if (poll(&waiting, 1, ANSWER_TIMEOUT_MS) == 0)
		return fail(ret_error, "pptpd does not answer within %d seconds",
			    ANSWER_TIMEOUT_MS / 1000);
	n = fdio_receive_message(fd, ret_message, sizeof(*ret_message), &passed);
	fdio_close(&passed);
	if (n < 0)
		return fail(ret_error, "pptpd's answer: %s", strerror((int)-n));
	if (n == 0)
		return fail(ret_error, "pptpd closed the control socket without an answer");
	if ((size_t)n < sizeof(ret_message->type) || (size_t)n != length_of(ret_message->type))
		return fail(ret_error, "pptpd's answer is of another version: restart pptpd");
	if (ret_message->type == CONTROL_REFUSED)
		return fail(ret_error, "pptpd refuses: %.*s", LRP_ERROR_MAX,
			    ret_message->refused.reason);
	if (ret_message->type != wanted && ret_message->type != also)
		return fail(ret_error, "pptpd's answer has type %u", ret_message->type);
	return ASK_ANSWERED;
}

enum ask_result ask_reload(const char *socket_path, const char *shut_out,
			   struct control_reloaded *ret_reloaded, char ret_error[ASK_ERROR_MAX])
{
	union control_message message;
	int fd;
	enum ask_result result = ask(socket_path, CONTROL_RELOAD, shut_out, &fd, ret_error);

	if (result != ASK_ANSWERED)
		return result;
	result = receive(fd, CONTROL_RELOADED, CONTROL_RELOADED, &message, ret_error);
	fdio_close(&fd);
	if (result == ASK_ANSWERED)
		*ret_reloaded = message.reloaded;
	return result;
}

/* Room for one more; false when there shall be no more, or memory is out. */
static bool grow(struct control_tunnel **tunnels, size_t count)
{
	struct control_tunnel *bigger;

	if (count & (count - 1)) /* room for the next power of two */
		return true;
	if (count >= ASK_TUNNELS_MAX)
		return false;
	bigger = reallocarray(*tunnels, count ? 2 * count : 1, sizeof(**tunnels));
	if (!bigger)
		return false;
	*tunnels = bigger;
	return true;
}

enum ask_result ask_tunnels(const char *socket_path, struct control_tunnel **ret_tunnels,
			    size_t *ret_count, char ret_error[ASK_ERROR_MAX])
{
	struct control_tunnel *tunnels = NULL;
	union control_message message = {.type = CONTROL_TUNNEL};
	size_t count = 0;
	int fd;
	enum ask_result result = ask(socket_path, CONTROL_TUNNELS, "", &fd, ret_error);

	if (result != ASK_ANSWERED)
		return result;
	while (result == ASK_ANSWERED && message.type != CONTROL_END) {
		result = receive(fd, CONTROL_TUNNEL, CONTROL_END, &message, ret_error);
		if (result != ASK_ANSWERED || message.type == CONTROL_END)
			continue;
		if (!grow(&tunnels, count))
			result = fail(ret_error, "more tunnels than can be shown");
		else
			tunnels[count++] = message.tunnel;
	}
	fdio_close(&fd);
	if (result != ASK_ANSWERED) {
		free(tunnels);
		return result;
	}
	*ret_tunnels = tunnels;
	*ret_count = count;
	return result;
}
