/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The privileged LAN sockets; see the header. */
#include "lrp/lan_sockets.h"

#include <errno.h>
#include <ifaddrs.h>
#include <linux/filter.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>

#include "pptpctrl/pptp/gre_raw.h"
#include "pptpctrl/proto/gre.h"
#include "pptpctrl/proto/pptp_msg.h"
#include "pptpd/base/address.h"
#include "pptpd/base/fdio.h"
#include "pptpd/base/log.h"

/* Connections that wait for accept(2); the limits that count are those after it. */
#define LISTEN_BACKLOG SOMAXCONN

static bool is_address_of(const struct ifaddrs *entry, const char *interface)
{
	return entry->ifa_addr && entry->ifa_addr->sa_family == AF_INET &&
	       strcmp(entry->ifa_name, interface) == 0;
}

static struct in_addr address_in(const struct ifaddrs *entry)
{
	struct sockaddr_in in;

	memcpy(&in, entry->ifa_addr, sizeof(in));
	return in.sin_addr;
}

/* The configured address, or the interface's first one. */
static bool find_address(const struct lrp_conf *conf, struct in_addr *ret_address)
{
	bool wanted_any = conf->listen.s_addr == htonl(INADDR_ANY);
	struct ifaddrs *all;
	bool found = false;

	if (!if_nametoindex(conf->interface)) {
		log_system(LOG_ERR, "interface %s", conf->interface);
		return false;
	}
	if (getifaddrs(&all)) {
		log_system(LOG_ERR, "cannot list the addresses of %s", conf->interface);
		return false;
	}
	for (const struct ifaddrs *entry = all; entry && !found; entry = entry->ifa_next) {
		if (!is_address_of(entry, conf->interface))
			continue;
		found = wanted_any || address_in(entry).s_addr == conf->listen.s_addr;
		if (found)
			*ret_address = address_in(entry);
	}
	freeifaddrs(all);
	if (!found && wanted_any)
		log_err("interface %s has no IPv4 address: give it one, or name one with listen",
			conf->interface);
	else if (!found)
		log_warning("the address to listen on is none of %s: GRE may arrive elsewhere",
			    conf->interface);
	if (!found)
		*ret_address = conf->listen;
	return found || !wanted_any;
}

/* A socket bound to `address`; -1 after a log line. */
static int open_bound(int type, int protocol, const struct address *address)
{
	char text[ADDRESS_TEXT_MAX];
	int on = 1;
	int fd = socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);

	if (fd >= 0 && !setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) &&
	    !bind(fd, &address->sa, address->len))
		return fd;
	log_system(LOG_ERR, "%s socket on %s", type == SOCK_RAW ? "raw GRE" : "TCP",
		   address_text_port(address, text));
	fdio_close(&fd);
	return -1;
}

static int open_listener(struct in_addr in)
{
	struct address address = address_from_in(in, PPTP_PORT);
	int fd = open_bound(SOCK_STREAM, IPPROTO_TCP, &address);

	if (fd >= 0 && listen(fd, LISTEN_BACKLOG)) {
		log_system(LOG_ERR, "listen");
		fdio_close(&fd);
	}
	return fd;
}

static int open_raw_gre(struct in_addr in)
{
	struct sock_filter drop_all[] = {BPF_STMT(BPF_RET | BPF_K, 0)};
	struct sock_fprog program = {.len = 1, .filter = drop_all};
	struct address address = address_from_in(in, 0);
	const int on = 1;
	int fd = open_bound(SOCK_RAW, GRE_IP_PROTOCOL, &address);
	int error;

	if (fd < 0)
		return -1;
	error = gre_raw_prepare(fd);
	if (error) {
		errno = -error;
		log_system(LOG_ERR, "options of the raw GRE socket");
		fdio_close(&fd);
		return -1;
	}
	/* Locked, so that who sends through it cannot see the LAN's GRE by taking it off. */
	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) ||
	    setsockopt(fd, SOL_SOCKET, SO_LOCK_FILTER, &on, sizeof(on))) {
		log_system(LOG_ERR, "filter of the raw GRE socket");
		fdio_close(&fd);
	}
	return fd;
}

bool lan_sockets_open(const struct lrp_conf *conf, struct lan_sockets *ret_sockets)
{
	struct lan_sockets sockets = {.listener = -1, .raw_gre = -1};

	if (!find_address(conf, &sockets.address))
		return false;
	sockets.raw_gre = open_raw_gre(sockets.address);
	if (sockets.raw_gre >= 0)
		sockets.listener = open_listener(sockets.address);
	if (sockets.listener < 0) {
		lan_sockets_close(&sockets);
		return false;
	}
	*ret_sockets = sockets;
	return true;
}

void lan_sockets_close(struct lan_sockets *sockets)
{
	fdio_close(&sockets->listener);
	fdio_close(&sockets->raw_gre);
}
