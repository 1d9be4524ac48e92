/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pptpd: options, order of start and end, exit status. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "pptpd/addr_pool.h"
#include "pptpd/base/fdio.h"
#include "pptpd/base/log.h"
#include "pptpd/conf.h"
#include "pptpd/detach.h"
#include "pptpd/manager.h"
#include "pptpd/pidfile.h"
#include "pptpd/signer.h"
#include "pptpd/syslog.h"

struct sink {
	struct syslog_writer *syslog;
	bool to_stderr; /* errors go there too while somebody may read it */
	pid_t starter;  /* 0, or who waits for our start: until then lines are its own, as Poptop's
			 */
};

static void sink_line(void *context, int severity, const char *line)
{
	const struct sink *sink = context;

	syslog_write(sink->syslog, sink->starter ? sink->starter : getpid(), severity, line);
	if (sink->to_stderr && severity <= LOG_ERR)
		fprintf(stderr, "%s\n", line);
}

/*
 * A descriptor of ours with the number of a closed stdin, stdout or stderr would be taken for that,
 * by us and by every program that we start. These three are inherited, so not close-on-exec.
 */
static bool fill_standard_descriptors(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd < 0)
		return false;
	fdio_close(&fd);
	return true;
}

static void announce(const struct manager *manager)
{
	char id[NODE_ID_TEXT_LEN + 1];

	log_info("MGR: Manager process started");
	if (!manager->conf->delegate)
		log_info("MGR: Maximum of %zu connections available",
			 addr_pool_size(manager->pool));
	if (manager->signer)
		log_info("MGR: RRP node ID %s", node_id_text(signer_node_id(manager->signer), id));
	else if (manager->conf->rrp_listen_count)
		log_warning("MGR: rrp-security plain: tunnels are not encrypted, use it on trusted "
			    "networks only");
}

/* Opens everything, then lets go of who waits for our exit status. */
static bool start(struct manager *manager, struct sink *sink, int link)
{
	if (!manager_open(manager, manager->conf, sink->syslog))
		return false;
	sink->to_stderr = false;
	sink->starter = 0;
	if (link >= 0)
		detach_end(link);
	return true;
}

static int serve(const struct conf *conf, struct syslog_writer *syslog)
{
	struct sink sink = {.syslog = syslog, .to_stderr = true};
	struct manager manager = {.conf = conf};
	enum detach_side side = DETACH_DAEMON;
	bool good = false;
	int link = -1;

	log_init(sink_line, &sink, conf->debug);
	if (!conf->foreground)
		side = detach_begin(&link);
	if (side != DETACH_DAEMON)
		return side == DETACH_GOOD ? EXIT_SUCCESS : EXIT_FAILURE;
	sink.starter = conf->foreground ? 0 : getppid();
	if (start(&manager, &sink, link)) {
		announce(&manager);
		pidfile_write(conf->pidfile);
		good = manager_run(&manager);
		pidfile_remove(conf->pidfile);
	}
	manager_done(&manager);
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int check(const struct conf *conf)
{
	return manager_check(conf) ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	struct syslog_writer syslog;
	struct sink sink = {.syslog = &syslog, .to_stderr = true};
	struct conf conf;
	enum conf_command command;
	int status;

	if (!fill_standard_descriptors())
		return EXIT_FAILURE; /* and nowhere to say so */
	command = conf_from_arguments(&conf, argc, argv);
	status = command == CONF_EXIT_OK ? EXIT_SUCCESS : EXIT_FAILURE;
	syslog_init(&syslog);
	if (command == CONF_RUN || command == CONF_CHECK) {
		if (command == CONF_RUN)
			log_init(sink_line, &sink, false);
		if (conf_complete(&conf))
			status = command == CONF_CHECK ? check(&conf) : serve(&conf, &syslog);
	}
	conf_done(&conf);
	syslog_done(&syslog);
	return status;
}
