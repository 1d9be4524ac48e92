// SPDX-License-Identifier: GPL-2.0-or-later
/* Writing lrp.conf; see the header. Runs as root. */
#include "lrp/enrol_conf.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lrp/conf.h"
#include "pptpd/base/fdio.h"

static bool fail(char *ret_error, const char *path, int error)
{
	(void)snprintf(ret_error, ENROL_CONF_ERROR_MAX, "%.400s: %s", path, strerror(error));
	return false;
}

/* The name beside it, with `suffix`. */
static bool name_beside(const struct enrol_conf *conf, const char *suffix, char ret_path[PATH_MAX])
{
	int len = snprintf(ret_path, PATH_MAX, "%s%s", conf->path, suffix);

	return len > 0 && len < PATH_MAX;
}

static void folder_of(const char *path, char ret_folder[PATH_MAX])
{
	const char *slash = strrchr(path, '/');

	if (slash)
		(void)snprintf(ret_folder, PATH_MAX, "%.*s/", (int)(slash - path), path);
	else
		(void)snprintf(ret_folder, PATH_MAX, ".");
}

bool enrol_conf_check(const struct enrol_conf *conf, char ret_error[ENROL_CONF_ERROR_MAX])
{
	char path[PATH_MAX];

	if (!name_beside(conf, ".new", path))
		return fail(ret_error, conf->path, ENAMETOOLONG);
	if (!conf->replace && access(conf->path, F_OK) == 0) {
		(void)snprintf(ret_error, ENROL_CONF_ERROR_MAX,
			       "%.400s is there already, and was not touched: with --replace a new "
			       "one is written, and this one kept as its .old",
			       conf->path);
		return false;
	}
	folder_of(conf->path, path);
	return access(path, W_OK | X_OK) == 0 || fail(ret_error, path, errno);
}

static void write_text(const struct enrol_conf *conf, FILE *out)
{
	bool bracketed = strchr(conf->line->host, ':') != NULL;
	char pin[NODE_ID_TEXT_LEN + 1];

	fprintf(out,
		"# Written by \"lrp enrol\". lrp.conf(5) has all keys.\n"
		"\n"
		"# The interface on whose network the PPTP clients are.\n"
		"interface %s\n"
		"\n"
		"# The VPN server. It is known by its ID, whatever this box's clock says.\n"
		"server %s%s%s:%u pin %s\n"
		"\n"
		"# What the server's list calls this box.\n"
		"name %s\n",
		conf->interface, bracketed ? "[" : "", conf->line->host, bracketed ? "]" : "",
		conf->line->port, node_id_text(&conf->line->pin, pin), conf->name);
	if (strcmp(conf->key, LRP_KEY_FILE) != 0)
		fprintf(out,
			"\n"
			"# This box's key, by which the server knows it.\n"
			"key %s\n",
			conf->key);
}

/* Returns 0 or an errno. */
static int write_file(const struct enrol_conf *conf, const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	FILE *out = fd >= 0 ? fdopen(fd, "w") : NULL;
	int error = 0;

	if (!out) {
		error = errno;
		fdio_close(&fd);
		return error;
	}
	write_text(conf, out);
	if (fflush(out) != 0 || ferror(out) || fchmod(fd, 0644) != 0 || fsync(fd) != 0)
		error = errno ? errno : EIO;
	if (fclose(out) != 0 && !error)
		error = errno;
	return error;
}

/* Returns 0 or an errno. */
static int put_in_place(const struct enrol_conf *conf, const char *fresh)
{
	char old[PATH_MAX];

	if (!conf->replace) /* does not take the place of one that came meanwhile */
		return link(fresh, conf->path) == 0 ? 0 : errno;
	if (!name_beside(conf, ".old", old))
		return ENAMETOOLONG;
	if (unlink(old) != 0 && errno != ENOENT)
		return errno;
	if (link(conf->path, old) != 0 && errno != ENOENT)
		return errno;
	return rename(fresh, conf->path) == 0 ? 0 : errno;
}

bool enrol_conf_write(const struct enrol_conf *conf, char ret_error[ENROL_CONF_ERROR_MAX])
{
	char fresh[PATH_MAX], folder[PATH_MAX];
	int error, fd;

	if (!name_beside(conf, ".new", fresh))
		return fail(ret_error, conf->path, ENAMETOOLONG);
	if (unlink(fresh) != 0 && errno != ENOENT)
		return fail(ret_error, fresh, errno);
	error = write_file(conf, fresh);
	if (!error)
		error = put_in_place(conf, fresh);
	(void)unlink(fresh); /* of no use whatever happened */
	if (error)
		return fail(ret_error, conf->path, error);
	folder_of(conf->path, folder);
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0)
		(void)fsync(fd); /* a file system that cannot has nothing better */
	fdio_close(&fd);
	return true;
}
