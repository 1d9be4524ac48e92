// SPDX-License-Identifier: GPL-2.0-or-later
/* Two nodes; see the header. */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pptpd/base/fdio.h"
#include "pptpd/base/mono.h"
#include "rrp/signer.h"
#include "tests/unit/tls_world.h"

/* What a process of root's becomes in these tests. */
#define NOBODY 65534

const char *tls_world_path(const struct tls_world *world, const char *name)
{
	static char paths[4][PATH_MAX];
	static unsigned next;
	char *path = paths[next++ % ARRAY_SIZE(paths)];

	(void)snprintf(path, PATH_MAX, "%s/%s", world->folder, name);
	return path;
}

struct tls_world *tls_world_new_empty(void)
{
	struct tls_world *world = calloc(1, sizeof(*world));

	assert_non_null(world);
	(void)snprintf(world->folder, sizeof(world->folder), "/tmp/test_tls.XXXXXX");
	assert_non_null(mkdtemp(world->folder));
	(void)snprintf(world->server_key, PATH_MAX, "%s", tls_world_path(world, "server.key"));
	(void)snprintf(world->client_key, PATH_MAX, "%s", tls_world_path(world, "client.key"));
	world->loop = ev_loop_new(EVFLAG_AUTO);
	world->server_signer.control = world->client_signer.control = -1;
	world->timeout_s = PATIENCE_MS / 1000;
	return world;
}

struct tls_world *tls_world_new_certified(struct tls_world *world, const char *key,
					  const char *certificate)
{
	if (!test_signer_start(&world->server_signer, key, certificate) ||
	    !test_signer_start(&world->client_signer, world->client_key, NULL))
		fail_msg("%s %s", world->server_signer.error, world->client_signer.error);
	world->server_identity = tls_world_identity(&world->server_signer, SIGNER_SERVER, 0);
	world->client_identity = tls_world_identity(&world->client_signer, SIGNER_CLIENT, 0);
	world->expect.pinned = true;
	world->expect.pin = world->server_signer.id;
	return world;
}

struct tls_world *tls_world_new(void)
{
	struct tls_world *world = tls_world_new_empty();

	return tls_world_new_certified(world, world->server_key, NULL);
}

static void end_free(struct tls_end *end)
{
	tls_handshake_free(end->handshake);
	if (end->stream)
		end->stream->ops->free(end->stream);
	*end = (struct tls_end){0};
}

static void remove_folder(const char *folder)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		(void)unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir)
		(void)closedir(dir);
	(void)rmdir(folder);
}

void tls_world_free(struct tls_world *world)
{
	end_free(&world->server);
	end_free(&world->client);
	tls_identity_free(world->server_identity);
	tls_identity_free(world->client_identity);
	test_signer_stop(&world->server_signer);
	test_signer_stop(&world->client_signer);
	ev_loop_destroy(world->loop);
	remove_folder(world->folder);
	free(world);
}

bool test_signer_start(struct test_signer *signer, const char *key, const char *certificate)
{
	struct signer_settings settings = {
		.create = 1,
		.uid = getuid() ? getuid() : NOBODY,
		.gid = getuid() ? getgid() : NOBODY,
	};
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	(void)fflush(NULL);
	signer->pid = fork();
	assert_true(signer->pid >= 0);
	if (signer->pid == 0) {
		close(pair[0]);
		_exit(signer_run(pair[1]));
	}
	close(pair[1]);
	signer->control = pair[0];
	(void)snprintf(settings.key_path, PATH_MAX, "%s", key);
	(void)snprintf(settings.certificate_path, PATH_MAX, "%s", certificate ? certificate : "");
	assert_int_equal(signer_link_start(signer->control, &settings), 0);
	return signer_link_wait_ready(signer->control, PATIENCE_MS, &signer->id, signer->error);
}

void test_signer_stop(struct test_signer *signer)
{
	if (!signer->pid)
		return;
	fdio_close(&signer->control);
	/* Closing ends it, unless a child that forked meanwhile has a copy of our end. */
	(void)kill(signer->pid, SIGKILL);
	while (waitpid(signer->pid, NULL, 0) < 0 && errno == EINTR)
		;
	signer->pid = 0;
}

struct tls_identity *tls_world_identity(const struct test_signer *signer, enum signer_role role,
					uint32_t uses)
{
	char error[TLS_ERROR_MAX] = "";
	struct tls_identity *identity;
	int channel;

	assert_int_equal(signer_link_channel(signer->control, role, uses, &channel), 0);
	identity = tls_identity_new(channel, error);
	if (!identity)
		fail_msg("%s", error);
	return identity;
}

void tls_world_pair(int ret_fds[2])
{
	assert_int_equal(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ret_fds), 0);
}

void tls_world_tcp(int ret_fds[2])
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t len = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(listener, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &len), 0);
	ret_fds[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(ret_fds[0], (const struct sockaddr *)&address, len), 0);
	ret_fds[1] = accept(listener, NULL, NULL);
	close(listener);
	assert_int_equal(fdio_set_flags(ret_fds[0]), 0);
	assert_int_equal(fdio_set_flags(ret_fds[1]), 0);
}

static void on_done(void *context, struct rrp_stream *stream, const struct tls_peer *peer)
{
	struct tls_end *end = context;

	end->handshake = NULL;
	end->stream = stream;
	end->peer = *peer;
	end->is_over = true;
}

static void on_failed(void *context, const char *text)
{
	struct tls_end *end = context;

	end->handshake = NULL;
	(void)snprintf(end->failed, sizeof(end->failed), "%s", text);
	end->is_over = true;
}

static const struct tls_handshake_ops ops = {.done = on_done, .failed = on_failed};

void tls_world_serve(struct tls_world *world, int fd)
{
	const struct tls_handshake_settings settings = {
		.identity = world->server_identity,
		.timeout_s = world->timeout_s,
	};

	world->server.handshake =
		tls_handshake_new(world->loop, fd, &settings, &ops, &world->server);
	assert_non_null(world->server.handshake);
}

void tls_world_connect(struct tls_world *world, int fd)
{
	const struct tls_handshake_settings settings = {
		.identity = world->client_identity,
		.timeout_s = world->timeout_s,
		.expect = &world->expect,
		.purpose = world->purpose,
	};

	world->client.handshake =
		tls_handshake_new(world->loop, fd, &settings, &ops, &world->client);
	assert_non_null(world->client.handshake);
}

/* Only wakes the loop. */
static void on_look(struct ev_loop *loop UNUSED, struct ev_timer *timer UNUSED, int events UNUSED)
{
}

bool tls_world_run_until(struct tls_world *world, bool (*done)(void *context), void *context)
{
	struct mono end = mono_add_ms(mono_now(), PATIENCE_MS);
	struct ev_timer look;

	ev_timer_init(&look, on_look, 0.01, 0.01);
	ev_timer_start(world->loop, &look);
	while (!done(context) && mono_before(mono_now(), end))
		ev_run(world->loop, EVRUN_ONCE);
	ev_timer_stop(world->loop, &look);
	return done(context);
}

static bool is_over(void *context)
{
	return ((const struct tls_end *)context)->is_over;
}

void tls_world_run(struct tls_world *world, const struct tls_end *end)
{
	assert_true(tls_world_run_until(world, is_over, (void *)(uintptr_t)end));
}

void tls_world_meet(struct tls_world *world)
{
	int fds[2];

	tls_world_tcp(fds);
	tls_world_connect(world, fds[0]);
	tls_world_serve(world, fds[1]);
	tls_world_run(world, &world->client);
	tls_world_run(world, &world->server);
}

void tls_world_join(struct tls_world *world)
{
	tls_world_meet(world);
	if (!world->client.stream || !world->server.stream)
		fail_msg("client: '%s', server: '%s'", world->client.failed, world->server.failed);
}

void assert_says(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("expected '%s' in '%s'", part, text);
}
