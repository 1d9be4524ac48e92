UNIT_PPTP_LIBS = libpptp.a libproto.a libbase.a $(EV_LIBS) $(CMOCKA_LIBS)

CTRL_MACHINE = %D%/ctrl_machine.c %D%/ctrl_machine.h %D%/ctrl_words.h %D%/unit.h

check_PROGRAMS += %D%/test_ctrl_alive
%C%_test_ctrl_alive_SOURCES = %D%/test_ctrl_alive.c $(CTRL_MACHINE)
%C%_test_ctrl_alive_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_ctrl_alive_LDADD = $(UNIT_PPTP_LIBS)

check_PROGRAMS += %D%/test_ctrl_call
%C%_test_ctrl_call_SOURCES = %D%/test_ctrl_call.c $(CTRL_MACHINE)
%C%_test_ctrl_call_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_ctrl_call_LDADD = $(UNIT_PPTP_LIBS)

check_PROGRAMS += %D%/test_ctrl_fsm
%C%_test_ctrl_fsm_SOURCES = %D%/test_ctrl_fsm.c $(CTRL_MACHINE)
%C%_test_ctrl_fsm_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_ctrl_fsm_LDADD = $(UNIT_PPTP_LIBS)

# System calls and the queue are made to fail.
CTRL_PEER = %D%/ctrl_peer.c %D%/ctrl_peer.h %D%/ctrl_words.h %D%/unit.h
CTRL_PEER_WRAP = $(AM_LDFLAGS) -Wl,--wrap=recv -Wl,--wrap=write -Wl,--wrap=outq_push

check_PROGRAMS += %D%/test_ctrl_conn
%C%_test_ctrl_conn_SOURCES = %D%/test_ctrl_conn.c $(CTRL_PEER)
%C%_test_ctrl_conn_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_ctrl_conn_LDFLAGS = $(CTRL_PEER_WRAP)
%C%_test_ctrl_conn_LDADD = $(UNIT_PPTP_LIBS)

check_PROGRAMS += %D%/test_ctrl_owner
%C%_test_ctrl_owner_SOURCES = %D%/test_ctrl_owner.c $(CTRL_PEER)
%C%_test_ctrl_owner_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_ctrl_owner_LDFLAGS = $(CTRL_PEER_WRAP)
%C%_test_ctrl_owner_LDADD = $(UNIT_PPTP_LIBS)

check_PROGRAMS += %D%/test_gre_window
%C%_test_gre_window_SOURCES = %D%/test_gre_window.c %D%/unit.h
%C%_test_gre_window_CPPFLAGS = $(UNIT_CPPFLAGS)
# The allocations of the window are counted, and made to fail.
%C%_test_gre_window_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc -Wl,--wrap=free
%C%_test_gre_window_LDADD = $(UNIT_PPTP_LIBS)

check_PROGRAMS += %D%/test_gre_engine
%C%_test_gre_engine_SOURCES = %D%/test_gre_engine.c %D%/unit.h
%C%_test_gre_engine_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_gre_engine_LDADD = $(UNIT_PPTP_LIBS)

check_PROGRAMS += %D%/test_gre_raw
%C%_test_gre_raw_SOURCES = %D%/test_gre_raw.c %D%/unit.h
%C%_test_gre_raw_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_gre_raw_LDADD = $(UNIT_PPTP_LIBS)
