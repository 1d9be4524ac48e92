/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Namespaces for the manager's tests; see the header. */
#include "tests/unit/pptpd_sandbox.h"

#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "tests/unit/pptpd_help.h"

#define LINES_MAX 4096
#define LINE_MAX  1024

struct log_entry {
	pid_t sender;
	char text[LINE_MAX];
};

static struct log_entry *entries;
static unsigned entry_count;
static int log_socket = -1;

static bool bring_loopback_up(void)
{
	struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool done = fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &request) == 0;

	if (fd >= 0)
		(void)close(fd);
	return done;
}

/* Puts what `fd`, opened with O_PATH, stands for at `path`. */
static bool bind_descriptor(int fd, const char *path)
{
	char from[64];

	(void)snprintf(from, sizeof(from), "/proc/self/fd/%d", fd);
	return mount(from, path, NULL, MS_BIND, NULL) == 0;
}

static bool make_dev(void)
{
	static const char *const files[] = {"/dev/null", "/dev/urandom", "/dev/full", "/dev/tty"};
	int fds[4], pts = open("/dev/pts", O_PATH | O_CLOEXEC);
	bool made;

	for (size_t i = 0; i < 4; i++)
		fds[i] = open(files[i], O_PATH | O_CLOEXEC);
	made = mount("tmpfs", "/dev", "tmpfs", MS_NOSUID, "mode=755") == 0 &&
	       mkdir("/dev/pts", 0755) == 0 && bind_descriptor(pts, "/dev/pts") &&
	       symlink("pts/ptmx", "/dev/ptmx") == 0;
	for (size_t i = 0; i < 4 && made; i++) {
		int fd = open(files[i], O_WRONLY | O_CREAT | O_CLOEXEC, 0666);

		made = fd >= 0 && bind_descriptor(fds[i], files[i]);
		(void)close(fd);
	}
	for (size_t i = 0; i < 4; i++)
		(void)close(fds[i]);
	(void)close(pts);
	return made;
}

static bool set_queue(unsigned lines)
{
	FILE *file = fopen("/proc/sys/net/unix/max_dgram_qlen", "we");
	bool done = file && fprintf(file, "%u", lines) > 0;

	return file && fclose(file) == 0 && done;
}

static bool open_log(void)
{
	const struct sockaddr_un at = {.sun_family = AF_UNIX, .sun_path = "/dev/log"};
	int one = 1, room = 1 << 24;

	log_socket = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	entries = calloc(LINES_MAX, sizeof(*entries));
	return log_socket >= 0 && entries &&
	       setsockopt(log_socket, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)) == 0 &&
	       setsockopt(log_socket, SOL_SOCKET, SO_PASSCRED, &one, sizeof(one)) == 0 &&
	       bind(log_socket, (const struct sockaddr *)&at, sizeof(at)) == 0;
}

bool sandbox_enter(unsigned log_queue)
{
	return geteuid() == 0 && unshare(CLONE_NEWNET | CLONE_NEWNS) == 0 &&
	       mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 && bring_loopback_up() &&
	       make_dev() && set_queue(log_queue) && open_log();
}

void sandbox_cover(const char *path, const char *content)
{
	int fd = open(scratch_file(strrchr(path, '/') + 1, content), O_PATH | O_CLOEXEC);

	if (fd < 0 || !bind_descriptor(fd, path))
		abort();
	(void)close(fd);
}

/* One line; false when none is there. */
static bool take_line(void)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(struct ucred))];
	} control;
	struct log_entry *entry = &entries[entry_count];
	struct iovec iov = {.iov_base = entry->text, .iov_len = sizeof(entry->text) - 1};
	struct msghdr message = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	struct ucred sender;
	ssize_t len = recvmsg(log_socket, &message, MSG_CMSG_CLOEXEC);

	if (len < 0)
		return false;
	entry->text[len] = '\0';
	memcpy(&sender, CMSG_DATA(&control.header), sizeof(sender));
	entry->sender = sender.pid;
	if (entry_count < LINES_MAX - 1)
		entry_count++;
	return true;
}

void sandbox_log_clear(void)
{
	while (take_line())
		continue;
	entry_count = 0;
}

static const struct log_entry *find_last(const char *part)
{
	for (unsigned i = entry_count; i > 0; i--) {
		if (strstr(entries[i - 1].text, part))
			return &entries[i - 1];
	}
	return NULL;
}

const char *sandbox_log_wait(const char *part)
{
	for (int i = 0; i < 1000; i++) {
		struct pollfd wait = {.fd = log_socket, .events = POLLIN};
		const struct log_entry *found;

		while (take_line())
			continue;
		found = find_last(part);
		if (found)
			return found->text;
		(void)poll(&wait, 1, 10);
	}
	fprintf(stderr, "no line with '%s' among:\n", part);
	for (unsigned i = 0; i < entry_count; i++)
		fprintf(stderr, "%s\n", entries[i].text);
	return NULL;
}

unsigned sandbox_log_count(const char *part)
{
	unsigned count = 0;

	while (take_line())
		continue;
	for (unsigned i = 0; i < entry_count; i++)
		count += strstr(entries[i].text, part) != NULL;
	return count;
}

pid_t sandbox_log_sender(const char *part)
{
	const struct log_entry *found = find_last(part);

	return found ? found->sender : -1;
}
