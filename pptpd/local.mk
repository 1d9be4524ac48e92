noinst_LIBRARIES += libipc.a libpptpd.a

# Shared with pptpctrl: the messages between the two.
libipc_a_SOURCES = \
	%D%/ipc.c %D%/ipc.h \
	%D%/ipc_port.c %D%/ipc_port.h

libpptpd_a_SOURCES = \
	%D%/access.c %D%/access.h \
	%D%/access_check.c %D%/access_check.h \
	%D%/addr_pool.c %D%/addr_pool.h \
	%D%/admission.c %D%/admission.h \
	%D%/bcrelay.c %D%/bcrelay.h \
	%D%/call.c %D%/call.h \
	%D%/call_policy.c %D%/call_policy.h \
	%D%/call_table.c %D%/call_table.h \
	%D%/channel.c %D%/channel.h \
	%D%/channel_choice.c %D%/channel_choice.h \
	%D%/channel_kernel.c %D%/channel_kernel.h \
	%D%/channel_pppoe.c %D%/channel_pppoe.h \
	%D%/channel_probe.c %D%/channel_probe.h \
	%D%/channel_trust.c %D%/channel_trust.h \
	%D%/child.c %D%/child.h \
	%D%/conf.c %D%/conf.h \
	%D%/conf_args.c \
	%D%/conf_keyword.h \
	%D%/control.c %D%/control.h \
	%D%/control_msg.h \
	%D%/detach.c %D%/detach.h \
	%D%/errand.c %D%/errand.h \
	%D%/gate.c %D%/gate.h \
	%D%/gre_socket.c %D%/gre_socket.h \
	%D%/ip_spec.c %D%/ip_spec.h \
	%D%/line_file.c %D%/line_file.h \
	%D%/known_sources.c %D%/known_sources.h \
	%D%/link.c %D%/link.h \
	%D%/link_choice.c %D%/link_choice.h \
	%D%/link_device.c %D%/link_device.h \
	%D%/link_filter.c %D%/link_filter.h \
	%D%/link_ring.c %D%/link_ring.h \
	%D%/link_tap.c %D%/link_tap.h \
	%D%/listeners.c %D%/listeners.h \
	%D%/lrp_edit.c %D%/lrp_edit.h \
	%D%/lrp_list.c %D%/lrp_list.h %D%/lrp_read.c \
	%D%/manager.c %D%/manager.h \
	%D%/nodes.c %D%/nodes.h \
	%D%/peer_limits.c %D%/peer_limits.h \
	%D%/peer_log.c %D%/peer_log.h \
	%D%/pidfile.c %D%/pidfile.h \
	%D%/pool_conf.c %D%/pool_conf.h \
	%D%/pppd.c %D%/pppd.h \
	%D%/reordered_sources.c %D%/reordered_sources.h \
	%D%/requests.c %D%/requests.h \
	%D%/requests_calls.c %D%/requests_nodes.c %D%/requests_private.h \
	%D%/route_message.c %D%/route_message.h \
	%D%/route_writer.c %D%/route_writer.h \
	%D%/session_store.c %D%/session_store.h \
	%D%/signer.c %D%/signer.h \
	%D%/start_queue.c %D%/start_queue.h \
	%D%/syslog.c %D%/syslog.h \
	%D%/unproven.c %D%/unproven.h

sbin_PROGRAMS += pptpd/pptpd
pptpd_pptpd_SOURCES = %D%/main.c
pptpd_pptpd_LDADD = libpptpd.a libipc.a libbase.a $(EV_LIBS) $(WRAP_LIBS)

man8_MANS += %D%/pptpd.8
man5_MANS += %D%/pptpd.conf.5
EXTRA_DIST += %D%/pptpd.8 %D%/pptpd.conf.5

# Read by udev wherever it runs; nobody else minds.
systemdlinkdir = $(prefix)/lib/systemd/network
dist_systemdlink_DATA = %D%/systemd/73-rrp-links.link

fail2bandir = $(docdir)/examples/fail2ban
dist_fail2ban_DATA = %D%/fail2ban/filter.conf %D%/fail2ban/jail.conf
