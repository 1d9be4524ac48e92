check_PROGRAMS += %D%/test_ctrl_fsm
%C%_test_ctrl_fsm_SOURCES = %D%/test_ctrl_fsm.c %D%/unit.h
%C%_test_ctrl_fsm_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_ctrl_fsm_LDADD = libpptp.a libproto.a libbase.a $(CMOCKA_LIBS)

check_PROGRAMS += %D%/test_ctrl_conn
%C%_test_ctrl_conn_SOURCES = %D%/test_ctrl_conn.c %D%/unit.h
%C%_test_ctrl_conn_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_ctrl_conn_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=recv -Wl,--wrap=write -Wl,--wrap=outq_push
%C%_test_ctrl_conn_LDADD = libpptp.a libproto.a libbase.a $(EV_LIBS) $(CMOCKA_LIBS)

UNIT_PPTP_LIBS = libpptp.a libproto.a libbase.a $(EV_LIBS) $(CMOCKA_LIBS)

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
