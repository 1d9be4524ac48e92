UNIT_PPTP_LIBS = libpptp.a libproto.a libbase.a $(EV_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += %D%/test_gre_window
%C%_test_gre_window_SOURCES = %D%/test_gre_window.c %D%/unit.h
%C%_test_gre_window_CPPFLAGS = $(UNIT_CPPFLAGS)
# The allocations of the window are counted, and made to fail.
%C%_test_gre_window_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc -Wl,--wrap=free
%C%_test_gre_window_LDADD = $(UNIT_PPTP_LIBS)
