/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pptpd: options, order of start and end, exit status. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "pptpd/addr_pool.h"
#include "pptpd/base/log.h"
#include "pptpd/conf.h"
#include "pptpd/manager.h"
#include "pptpd/pidfile.h"
#include "pptpd/syslog.h"

struct sink {
	struct syslog_writer *syslog;
	bool to_stderr; /* errors go there too while somebody may read it */
};

static void sink_line(void *context, int severity, const char *line)
{
	const struct sink *sink = context;

	syslog_write(sink->syslog, getpid(), severity, line);
	if (sink->to_stderr && severity <= LOG_ERR)
		fprintf(stderr, "%s\n", line);
}

static void announce(const struct manager *manager)
{
	log_info("MGR: Manager process started");
	if (!manager->conf->delegate)
		log_info("MGR: Maximum of %zu connections available",
			 addr_pool_size(manager->pool));
	if (manager->conf->rrp_listen_count)
		log_warning("MGR: rrp-security plain: tunnels are not encrypted, use it on trusted "
			    "networks only");
}

/* From here on nobody waits for our exit status. */
static bool detach(const struct conf *conf)
{
	if (conf->foreground)
		return true;
	if (daemon(0, 0) == 0)
		return true;
	log_system(LOG_ERR, "MGR: daemon");
	return false;
}

static int serve(const struct conf *conf, struct syslog_writer *syslog)
{
	struct sink sink = {.syslog = syslog, .to_stderr = true};
	struct manager manager;
	bool opened;

	log_init(sink_line, &sink, conf->debug);
	opened = manager_open(&manager, conf, syslog);
	if (opened)
		announce(&manager);
	if (!opened || !detach(conf)) {
		manager_done(&manager);
		return EXIT_FAILURE;
	}
	sink.to_stderr = false;
	pidfile_write(conf->pidfile);
	manager_run(&manager);
	pidfile_remove(conf->pidfile);
	manager_done(&manager);
	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	struct syslog_writer syslog;
	struct sink sink = {.syslog = &syslog, .to_stderr = true};
	struct conf conf;
	enum conf_command command = conf_from_arguments(&conf, argc, argv);
	int status = command == CONF_EXIT_OK ? EXIT_SUCCESS : EXIT_FAILURE;

	syslog_init(&syslog);
	if (command == CONF_RUN || command == CONF_CHECK) {
		if (command == CONF_RUN)
			log_init(sink_line, &sink, false);
		if (conf_complete(&conf))
			status = command == CONF_CHECK ? EXIT_SUCCESS : serve(&conf, &syslog);
	}
	conf_done(&conf);
	syslog_done(&syslog);
	return status;
}
