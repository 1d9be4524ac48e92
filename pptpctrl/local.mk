noinst_LIBRARIES += libpptpctrl.a
libpptpctrl_a_SOURCES = \
	%D%/chan_kernel.c \
	%D%/chan_pppoe.c \
	%D%/chan_pty.c \
	%D%/direct.c %D%/direct_private.h \
	%D%/direct_call.c \
	%D%/direct_log.c %D%/direct_log.h \
	%D%/enrol_front.c %D%/enrol_front.h \
	%D%/fcs16.c %D%/fcs16.h \
	%D%/frame_hold.c %D%/frame_hold.h \
	%D%/front.h \
	%D%/hdlc.c %D%/hdlc.h \
	%D%/hdlc_bytes.c %D%/hdlc_bytes.h \
	%D%/lane.h \
	%D%/link_io.h %D%/link_ring_io.c %D%/link_tap_io.c \
	%D%/manager_link.c %D%/manager_link.h \
	%D%/pppd_status.c %D%/pppd_status.h \
	%D%/ppp_channel.h \
	%D%/pppoe_link.c %D%/pppoe_link.h \
	%D%/ppp_frame.c %D%/ppp_frame.h \
	%D%/ppp_session.c %D%/ppp_session.h \
	%D%/reorder_judge.c %D%/reorder_judge.h \
	%D%/reorder_watch.c %D%/reorder_watch.h \
	%D%/process.c %D%/process.h \
	%D%/sandbox.c %D%/sandbox.h \
	%D%/title.c %D%/title.h \
	%D%/tunnel_entry.c %D%/tunnel_entry.h \
	%D%/tunnel_front.c
libpptpctrl_a_CPPFLAGS = $(AM_CPPFLAGS) $(SECCOMP_CFLAGS)

sbin_PROGRAMS += pptpctrl/pptpctrl pptpctrl/pptpctrl-tunnel
PPTPCTRL_LIBS = libpptpctrl.a librrp.a libpptp.a libproto.a libipc.a libsandbox.a libbase.a \
	$(EV_LIBS) $(SECCOMP_LIBS) $(GNUTLS_LIBS)

# Each client's process starts and ends with the client: it has none of what only tunnels need.
pptpctrl_pptpctrl_SOURCES = %D%/main.c
pptpctrl_pptpctrl_LDADD = libpptpctrl.a libpptp.a libproto.a libipc.a libsandbox.a libbase.a \
	$(EV_LIBS) $(SECCOMP_LIBS)

pptpctrl_pptpctrl_tunnel_SOURCES = %D%/tunnel_main.c
pptpctrl_pptpctrl_tunnel_LDADD = $(PPTPCTRL_LIBS)

man8_MANS += %D%/pptpctrl.8 %D%/pptpctrl-tunnel.8
EXTRA_DIST += %D%/pptpctrl.8 %D%/pptpctrl-tunnel.8
