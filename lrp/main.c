/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lrp: options, order of start-up, exit status. Everything else is in the library beside it. */
#include "config.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lrp/conf.h"
#include "lrp/conf_check.h"
#include "lrp/daemon.h"
#include "lrp/enrol.h"
#include "lrp/parent.h"
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
	"       lrp enrol LINE [OPTION]...\n"
	"Serves the PPTP clients of a LAN and carries their calls to a pptpd with an RRP "
	"listener.\n"
	"\"lrp enrol\" makes this box known to such a server; see lrp enrol --help.\n"
	"\n"
	"  -c, --conf FILE          the configuration (" LRP_CONF_FILE ")\n"
	"  -f, --foreground         stay in the foreground\n"
	"  -d, --debug              log what happens in detail\n"
	"      --log stderr|syslog  where to log: stderr in the foreground, else syslog\n"
	"      --check-config       read the configuration and its files, say what is wrong, and "
	"end\n"
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

/* What is to be done once the worker serves. */
struct readiness {
	const struct lrp_conf *conf;
	int starter; /* daemon_ready()'s, or -1 in the foreground */
	bool to_stderr;
	bool debug;
};

/* parent_settings' ready */
static bool on_ready(void *context)
{
	struct readiness *readiness = context;
	int error = pid_file_write(readiness->conf->pidfile);

	if (error) {
		log_err("cannot write %s: %s", readiness->conf->pidfile, strerror(-error));
		return false;
	}
	if (!readiness->to_stderr) {
		openlog("lrp", LOG_PID, LOG_DAEMON);
		log_init(log_sink_syslog, NULL, readiness->debug);
	}
	if (readiness->starter >= 0)
		daemon_ready(readiness->starter, readiness->to_stderr);
	readiness->starter = -1;
	return true;
}

static int start(const struct options *options, const struct lrp_conf *conf)
{
	bool to_stderr = options->log == LOG_TARGET_STDERR ||
			 (options->log == LOG_TARGET_DEFAULT && options->foreground);
	bool debug = options->debug || conf->debug;
	int starter = options->foreground ? -1 : daemon_detach();
	struct readiness readiness = {conf, starter, to_stderr, debug};
	const struct parent_settings settings = {
		.conf = conf,
		.debug = debug,
		.not_theirs = starter,
		.ready = on_ready,
		.context = &readiness,
	};
	bool good;
	int error;

	log_init(sink_stderr, NULL, debug); /* until all is open, whoever started us reads it */
	if (!options->foreground && starter < 0) {
		log_err("cannot detach: %s", strerror(-starter));
		return EXIT_FAILURE;
	}
	good = parent_run(&settings);
	error = pid_file_remove(conf->pidfile);
	if (error)
		log_warning("cannot remove %s: %s", conf->pidfile, strerror(-error));
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	struct options options;
	struct lrp_conf conf;

	/* Whatever else we were started with is nothing that our children should have. */
	(void)close_range(STDERR_FILENO + 1, ~0U, 0);
	if (argc > 1 && strcmp(argv[1], "enrol") == 0)
		return enrol_main(argc - 1, argv + 1);
	options = parse_options(argc, argv);
	if (!lrp_conf_load(options.file, print_error, (void *)options.file, &conf))
		return EXIT_FAILURE;
	if (options.check_only) {
		if (!lrp_conf_check(&conf, print_error, (void *)options.file))
			return EXIT_FAILURE;
		printf("%s: no errors\n", options.file);
		return EXIT_SUCCESS;
	}
	return start(&options, &conf);
}
