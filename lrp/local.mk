noinst_LIBRARIES += liblrp.a
liblrp_a_SOURCES = \
	%D%/backoff.c %D%/backoff.h \
	%D%/calls.c %D%/calls.h \
	%D%/capture.c %D%/capture.h \
	%D%/conf.c %D%/conf.h \
	%D%/daemon.c %D%/daemon.h \
	%D%/gre_lan.c %D%/gre_lan.h \
	%D%/lan.c %D%/lan.h \
	%D%/lan_sockets.c %D%/lan_sockets.h \
	%D%/lan_sources.c %D%/lan_sources.h \
	%D%/link_header.c %D%/link_header.h \
	%D%/nearest_word.c %D%/nearest_word.h \
	%D%/reassembly.c %D%/reassembly.h \
	%D%/resolve.c %D%/resolve.h \
	%D%/service.c %D%/service.h \
	%D%/upstream.c %D%/upstream.h
liblrp_a_CFLAGS = $(AM_CFLAGS) $(PCAP_CFLAGS)

sbin_PROGRAMS += lrp/lrp
lrp_lrp_SOURCES = %D%/main.c
lrp_lrp_LDADD = liblrp.a librrp.a libpptp.a libproto.a libbase.a $(PCAP_LIBS) $(EV_LIBS)

man8_MANS += %D%/lrp.8
man5_MANS += %D%/lrp.conf.5
EXTRA_DIST += %D%/lrp.conf.example %D%/lrp.8 %D%/lrp.conf.5

include tests/lrp/local.mk
