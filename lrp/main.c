/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lrp: options, order of start-up, exit status. Everything else is in the library beside it. */
#include "config.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lrp/conf.h"
#include "lrp/daemon.h"
#include "lrp/service.h"
#include "pptpd/base/log.h"
#include "pptpd/base/pid_file.h"

enum log_target {
	LOG_TARGET_DEFAULT, /* stderr in the foreground, else syslog */
	LOG_TARGET_STDERR,
	LOG_TARGET_SYSLOG,
};

struct options {
	const char *file;
	bool foreground;
	bool debug;
	bool check_only;
	enum log_target log;
};

enum {
	OPTION_LOG = 256,
	OPTION_CHECK,
	OPTION_VERSION,
	OPTION_HELP
};

static const struct option long_options[] = {
	{"conf", required_argument, NULL, 'c'},
	{"foreground", no_argument, NULL, 'f'},
	{"debug", no_argument, NULL, 'd'},
	{"log", required_argument, NULL, OPTION_LOG},
	{"check-config", no_argument, NULL, OPTION_CHECK},
	{"version", no_argument, NULL, OPTION_VERSION},
	{"help", no_argument, NULL, OPTION_HELP},
	{NULL, 0, NULL, 0},
};

static const char help[] =
	"Usage: lrp [OPTION]...\n"
	"Serves the PPTP clients of a LAN and carries their calls to a pptpd with an RRP "
	"listener.\n"
	"\n"
	"  -c, --conf FILE          the configuration (" LRP_CONF_FILE ")\n"
	"  -f, --foreground         stay in the foreground\n"
	"  -d, --debug              log what happens in detail\n"
	"      --log stderr|syslog  where to log: stderr in the foreground, else syslog\n"
	"      --check-config       read the configuration, say what is wrong with it, and end\n"
	"      --version            print the version and end\n"
	"      --help               print this and end\n";

static bool parse_log_target(const char *text, enum log_target *ret_target)
{
	if (strcmp(text, "stderr") == 0)
		*ret_target = LOG_TARGET_STDERR;
	else if (strcmp(text, "syslog") == 0)
		*ret_target = LOG_TARGET_SYSLOG;
	else
		return false;
	return true;
}

static void end_with_usage(void) __attribute__((noreturn));

static void end_with_usage(void)
{
	fprintf(stderr, "Try 'lrp --help'.\n");
	exit(EXIT_FAILURE);
}

/* Ends the program for --help, --version and errors. */
static struct options parse_options(int argc, char **argv)
{
	struct options options = {.file = LRP_CONF_FILE};
	int option;

	while ((option = getopt_long(argc, argv, "c:fd", long_options, NULL)) >= 0) {
		if (option == 'c') {
			options.file = optarg;
		} else if (option == 'f') {
			options.foreground = true;
		} else if (option == 'd') {
			options.debug = true;
		} else if (option == OPTION_CHECK) {
			options.check_only = true;
		} else if (option == OPTION_VERSION) {
			puts("lrp " PACKAGE_VERSION);
			exit(EXIT_SUCCESS);
		} else if (option == OPTION_HELP) {
			fputs(help, stdout);
			exit(EXIT_SUCCESS);
		} else if (option != OPTION_LOG) {
			end_with_usage(); /* getopt said what is wrong */
		} else if (!parse_log_target(optarg, &options.log)) {
			fprintf(stderr, "lrp: --log takes stderr or syslog, not '%s'\n", optarg);
			end_with_usage();
		}
	}
	if (optind < argc) {
		fprintf(stderr, "lrp: '%s' is no option\n", argv[optind]);
		end_with_usage();
	}
	return options;
}

/* lrp_conf_report */
static void print_error(void *context, unsigned line, const char *text)
{
	const char *file = context;

	if (line)
		fprintf(stderr, "lrp: %s:%u: %s\n", file, line, text);
	else
		fprintf(stderr, "lrp: %s: %s\n", file, text);
}

static void sink_stderr(void *context, int severity, const char *line)
{
	char prefixed[LOG_LINE_MAX + 8];

	(void)snprintf(prefixed, sizeof(prefixed), "lrp: %s", line);
	log_sink_stderr(context, severity, prefixed);
}

/* Everything is open and the log is where it belongs: serve, with the pid file in place. */
static int serve(struct service *service, const struct lrp_conf *conf)
{
	bool served = service_run(service);
	int error;

	error = pid_file_remove(conf->pidfile);
	if (error)
		log_warning("cannot remove %s: %s", conf->pidfile, strerror(-error));
	return served ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int start(const struct options *options, const struct lrp_conf *conf)
{
	bool to_stderr = options->log == LOG_TARGET_STDERR ||
			 (options->log == LOG_TARGET_DEFAULT && options->foreground);
	bool debug = options->debug || conf->debug;
	int ready = options->foreground ? -1 : daemon_detach();
	struct service *service;
	int error, status;

	log_init(sink_stderr, NULL, debug); /* until all is open, whoever started us reads it */
	if (!options->foreground && ready < 0) {
		log_err("cannot detach: %s", strerror(-ready));
		return EXIT_FAILURE;
	}
	service = service_open(conf);
	if (!service)
		return EXIT_FAILURE;
	error = pid_file_write(conf->pidfile);
	if (error) {
		log_err("cannot write %s: %s", conf->pidfile, strerror(-error));
		service_free(service);
		return EXIT_FAILURE;
	}
	if (!to_stderr) {
		openlog("lrp", LOG_PID, LOG_DAEMON);
		log_init(log_sink_syslog, NULL, debug);
	}
	if (!options->foreground)
		daemon_ready(ready, to_stderr);
	status = serve(service, conf);
	service_free(service);
	return status;
}

int main(int argc, char **argv)
{
	struct options options = parse_options(argc, argv);
	struct lrp_conf conf;

	if (!lrp_conf_load(options.file, print_error, (void *)options.file, &conf))
		return EXIT_FAILURE;
	if (options.check_only) {
		printf("%s: no errors\n", options.file);
		return EXIT_SUCCESS;
	}
	return start(&options, &conf);
}
