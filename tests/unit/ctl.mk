# SPDX-License-Identifier: GPL-2.0-or-later
# pptpd-ctl's parts; the program as a whole is shown by tests/enrol/run.
CTL_TEST_LIBS = libctl.a libpptpd.a $(SIGNER_LIBS) $(CMOCKA_LIBS) $(EV_LIBS)

check_PROGRAMS += %D%/test_ctl_ask %D%/test_ctl_reach %D%/test_ctl_show %D%/test_ctl_times
%C%_test_ctl_ask_SOURCES = %D%/test_ctl_ask.c %D%/unit.h
%C%_test_ctl_ask_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_ctl_ask_LDADD = $(CTL_TEST_LIBS)

%C%_test_ctl_reach_SOURCES = %D%/test_ctl_reach.c %D%/unit.h
%C%_test_ctl_reach_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_ctl_reach_LDADD = $(CTL_TEST_LIBS)

%C%_test_ctl_show_SOURCES = %D%/test_ctl_show.c %D%/unit.h
%C%_test_ctl_show_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_ctl_show_LDADD = $(CTL_TEST_LIBS)

%C%_test_ctl_times_SOURCES = %D%/test_ctl_times.c %D%/unit.h
%C%_test_ctl_times_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_ctl_times_LDADD = $(CTL_TEST_LIBS)
