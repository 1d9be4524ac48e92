check_PROGRAMS += %D%/test_hdlc
%C%_test_hdlc_SOURCES = %D%/test_hdlc.c %D%/unit.h tests/hdlc_least.h
%C%_test_hdlc_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_hdlc_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc
%C%_test_hdlc_LDADD = libpptpctrl.a libbase.a $(CMOCKA_LIBS)

check_PROGRAMS += %D%/test_pppd_status
%C%_test_pppd_status_SOURCES = %D%/test_pppd_status.c %D%/unit.h
%C%_test_pppd_status_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_pppd_status_LDADD = libpptpctrl.a libbase.a $(CMOCKA_LIBS)

check_PROGRAMS += %D%/test_chan_pty
%C%_test_chan_pty_SOURCES = %D%/test_chan_pty.c %D%/unit.h
%C%_test_chan_pty_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_chan_pty_LDADD = libpptpctrl.a libbase.a $(CMOCKA_LIBS) $(EV_LIBS)

check_PROGRAMS += %D%/test_fronts
%C%_test_fronts_SOURCES = %D%/test_fronts.c %D%/pptpctrl_tls.c %D%/pptpctrl_tls.h %D%/unit.h
%C%_test_fronts_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_fronts_LDADD = $(PPTPCTRL_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += %D%/test_pptpctrl_title
%C%_test_pptpctrl_title_SOURCES = %D%/test_pptpctrl_title.c %D%/unit.h
%C%_test_pptpctrl_title_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_pptpctrl_title_LDADD = libpptpctrl.a $(CMOCKA_LIBS)

# Time is moved, not waited for.
check_PROGRAMS += %D%/test_pptpctrl_direct_log
%C%_test_pptpctrl_direct_log_SOURCES = %D%/test_pptpctrl_direct_log.c $(PPTPD_TEST_HELP)
%C%_test_pptpctrl_direct_log_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_pptpctrl_direct_log_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=mono_now
%C%_test_pptpctrl_direct_log_LDADD = libpptpctrl.a libpptp.a libproto.a libbase.a $(CMOCKA_LIBS) $(EV_LIBS)

# The test plays the manager, at the other end of the real messages.
PPTPCTRL_MANAGER = %D%/pptpctrl_manager.c %D%/pptpctrl_manager.h $(PPTPD_TEST_HELP)
PPTPCTRL_TEST_LIBS = $(PPTPCTRL_LIBS) $(CMOCKA_LIBS)
PPTPCTRL_TLS = %D%/pptpctrl_tls.c %D%/pptpctrl_tls.h

check_PROGRAMS += %D%/test_pptpctrl_manager_link
%C%_test_pptpctrl_manager_link_SOURCES = %D%/test_pptpctrl_manager_link.c $(PPTPCTRL_MANAGER)
%C%_test_pptpctrl_manager_link_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_pptpctrl_manager_link_LDADD = $(PPTPCTRL_TEST_LIBS)

# Writes are made to do less than they could.
check_PROGRAMS += %D%/test_pptpctrl_chan_pty
%C%_test_pptpctrl_chan_pty_SOURCES = %D%/test_pptpctrl_chan_pty.c %D%/unit.h
%C%_test_pptpctrl_chan_pty_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_pptpctrl_chan_pty_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=write -Wl,--wrap=read
%C%_test_pptpctrl_chan_pty_LDADD = libpptpctrl.a libbase.a $(CMOCKA_LIBS) $(EV_LIBS)

# Making a channel is made to fail.
check_PROGRAMS += %D%/test_pptpctrl_session
%C%_test_pptpctrl_session_SOURCES = %D%/test_pptpctrl_session.c $(PPTPCTRL_MANAGER)
%C%_test_pptpctrl_session_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_pptpctrl_session_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=ppp_channel_pty,--wrap=pppoe_link_new
%C%_test_pptpctrl_session_LDADD = $(PPTPCTRL_TEST_LIBS)

# A front side as main.c drives it, between a manager, a pppd and a peer that the test plays.
PPTPCTRL_WORLD = %D%/pptpctrl_world.c %D%/pptpctrl_world.h $(PPTPCTRL_MANAGER)

# Takes the place of the raw socket.
check_PROGRAMS += %D%/test_pptpctrl_direct
%C%_test_pptpctrl_direct_SOURCES = %D%/test_pptpctrl_direct.c $(PPTPCTRL_WORLD)
%C%_test_pptpctrl_direct_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_pptpctrl_direct_LDADD = $(PPTPCTRL_TEST_LIBS)

check_PROGRAMS += %D%/test_pptpctrl_tunnel
%C%_test_pptpctrl_tunnel_SOURCES = %D%/test_pptpctrl_tunnel.c $(PPTPCTRL_WORLD) $(PPTPCTRL_TLS) $(RRP_SIDE)
%C%_test_pptpctrl_tunnel_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_pptpctrl_tunnel_LDADD = $(PPTPCTRL_TEST_LIBS)

# Takes the place of TLS.
check_PROGRAMS += %D%/test_pptpctrl_entry
%C%_test_pptpctrl_entry_SOURCES = %D%/test_pptpctrl_entry.c $(PPTPCTRL_WORLD) $(PPTPCTRL_TLS) $(RRP_SIDE)
%C%_test_pptpctrl_entry_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_pptpctrl_entry_LDADD = $(PPTPCTRL_TEST_LIBS)

check_PROGRAMS += %D%/test_pptpctrl_ppp_frame
%C%_test_pptpctrl_ppp_frame_SOURCES = %D%/test_pptpctrl_ppp_frame.c %D%/unit.h
%C%_test_pptpctrl_ppp_frame_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_pptpctrl_ppp_frame_LDADD = libpptpctrl.a libbase.a $(CMOCKA_LIBS)

# The program itself, and the one that turns bad; with real signing helpers.
check_PROGRAMS += %D%/test_pptpctrl_process
%C%_test_pptpctrl_process_SOURCES = %D%/test_pptpctrl_process.c %D%/pptpctrl_program.c %D%/pptpctrl_program.h \
	%D%/confined_child.c %D%/confined_child.h %D%/rrp_side.c %D%/rrp_side.h $(PPTPCTRL_MANAGER) $(TLS_WORLD)
%C%_test_pptpctrl_process_CPPFLAGS = $(UNIT_CPPFLAGS) -DBUILD='"$(abs_top_builddir)"'
%C%_test_pptpctrl_process_LDADD = libsigner.a $(PPTPCTRL_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += %D%/test_pptpctrl_link
%C%_test_pptpctrl_link_SOURCES = %D%/test_pptpctrl_link.c $(PPTPD_TEST_HELP)
%C%_test_pptpctrl_link_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_pptpctrl_link_LDADD = libpptpctrl.a libproto.a libbase.a $(CMOCKA_LIBS) $(EV_LIBS)

# Both ends of a link with rings: what the manager makes, and what pptpctrl does with it.
check_PROGRAMS += %D%/test_link_ring
%C%_test_link_ring_SOURCES = %D%/test_link_ring.c $(PPTPD_TEST_HELP)
%C%_test_link_ring_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_link_ring_LDADD = libpptpctrl.a libpptpd.a libproto.a libsandbox.a libbase.a \
	$(CMOCKA_LIBS) $(EV_LIBS) $(SECCOMP_LIBS)

# Takes the place of the messages with the manager.
check_PROGRAMS += %D%/test_pptpctrl_reorder
%C%_test_pptpctrl_reorder_SOURCES = %D%/test_pptpctrl_reorder.c $(PPTPD_TEST_HELP)
%C%_test_pptpctrl_reorder_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_pptpctrl_reorder_LDADD = libpptpctrl.a libproto.a libbase.a $(CMOCKA_LIBS) $(EV_LIBS)

# What the kernel takes from links of both kinds.
check_PROGRAMS += %D%/test_link_filter
%C%_test_link_filter_SOURCES = %D%/test_link_filter.c $(PPTPD_TEST_HELP)
%C%_test_link_filter_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_link_filter_LDADD = libpptpctrl.a libpptpd.a libproto.a libbase.a $(CMOCKA_LIBS) $(EV_LIBS)
