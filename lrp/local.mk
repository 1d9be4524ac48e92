noinst_LIBRARIES += liblrp.a
liblrp_a_SOURCES = \
	%D%/backoff.c %D%/backoff.h \
	%D%/call_hosts.c %D%/call_hosts.h \
	%D%/calls.c %D%/calls.h \
	%D%/capture.c %D%/capture.h \
	%D%/child.c %D%/child.h \
	%D%/conf.c %D%/conf.h %D%/conf_server.c \
	%D%/conf_check.c %D%/conf_check.h \
	%D%/daemon.c %D%/daemon.h \
	%D%/enrol.c %D%/enrol.h \
	%D%/enrol_conf.c %D%/enrol_conf.h \
	%D%/enrol_interface.c %D%/enrol_interface.h \
	%D%/enrol_options.c %D%/enrol_options.h \
	%D%/enrol_talk.c %D%/enrol_talk.h \
	%D%/gre_lan.c %D%/gre_lan.h \
	%D%/interface_watch.c %D%/interface_watch.h \
	%D%/lan.c %D%/lan.h \
	%D%/lan_sockets.c %D%/lan_sockets.h \
	%D%/lan_sources.c %D%/lan_sources.h \
	%D%/link_header.c %D%/link_header.h \
	%D%/messages.c %D%/messages.h \
	%D%/nearest_word.c %D%/nearest_word.h \
	%D%/parent.c %D%/parent.h %D%/parent_private.h \
	%D%/parent_link.c %D%/parent_link.h \
	%D%/parent_privileges.c %D%/parent_requests.c %D%/parent_signer.c \
	%D%/reassembly.c %D%/reassembly.h \
	%D%/resolve.c %D%/resolve.h \
	%D%/resolve_sandbox.c %D%/resolve_sandbox.h \
	%D%/sandbox.c %D%/sandbox.h \
	%D%/signer_process.c %D%/signer_process.h \
	%D%/service.c %D%/service.h \
	%D%/upstream.c %D%/upstream.h %D%/upstream_private.h \
	%D%/upstream_connect.c %D%/upstream_tunnel.c \
	%D%/worker.c %D%/worker.h %D%/worker_serve.c
liblrp_a_CFLAGS = $(AM_CFLAGS) $(PCAP_CFLAGS) $(SECCOMP_CFLAGS)

sbin_PROGRAMS += lrp/lrp
lrp_lrp_SOURCES = %D%/main.c
LRP_LIBS = liblrp.a libpptp.a libproto.a $(SIGNER_LIBS) $(PCAP_LIBS) $(EV_LIBS)
lrp_lrp_LDADD = $(LRP_LIBS)

man8_MANS += %D%/lrp.8
man5_MANS += %D%/lrp.conf.5
EXTRA_DIST += %D%/lrp.8 %D%/lrp.conf.5
lrpexamplesdir = $(docdir)/examples
dist_lrpexamples_DATA = %D%/lrp.conf.example

include tests/lrp/local.mk
include tests/compromised/lrp/local.mk
