check_PROGRAMS += %D%/test_reassembly
%C%_test_reassembly_SOURCES = %D%/test_reassembly.c %D%/unit.h
%C%_test_reassembly_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_reassembly_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc,--wrap=realloc
%C%_test_reassembly_LDADD = liblrp.a libbase.a $(CMOCKA_LIBS)
# No tunnel and no control connection is linked to these: what they test stands alone.
UNIT_LRP_LIBS = liblrp.a libsandbox.a libbase.a $(CMOCKA_LIBS) $(EV_LIBS)

check_PROGRAMS += %D%/test_lrp_backoff %D%/test_lrp_call_hosts %D%/test_lrp_calls %D%/test_lrp_conf \
	%D%/test_lrp_lan %D%/test_lrp_lan_sources %D%/test_lrp_link_header %D%/test_lrp_resolve

%C%_test_lrp_backoff_SOURCES = %D%/test_lrp_backoff.c %D%/unit.h
%C%_test_lrp_backoff_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_lrp_backoff_LDADD = $(UNIT_LRP_LIBS)

%C%_test_lrp_call_hosts_SOURCES = %D%/test_lrp_call_hosts.c %D%/unit.h
%C%_test_lrp_call_hosts_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_lrp_call_hosts_LDADD = $(UNIT_LRP_LIBS)

# Itself takes the place of the tunnel, the control connection and the GRE engine.
%C%_test_lrp_calls_SOURCES = %D%/test_lrp_calls.c %D%/unit.h
%C%_test_lrp_calls_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_lrp_calls_LDADD = $(UNIT_LRP_LIBS)

%C%_test_lrp_conf_SOURCES = %D%/test_lrp_conf.c %D%/unit.h
%C%_test_lrp_conf_CPPFLAGS = $(UNIT_CPPFLAGS) -DTOP_SRCDIR='"$(abs_top_srcdir)"'
%C%_test_lrp_conf_LDADD = $(UNIT_LRP_LIBS)

# Takes the place of the control connections and of the calls.
%C%_test_lrp_lan_SOURCES = %D%/test_lrp_lan.c %D%/unit.h
%C%_test_lrp_lan_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_lrp_lan_LDADD = $(UNIT_LRP_LIBS)

%C%_test_lrp_lan_sources_SOURCES = %D%/test_lrp_lan_sources.c %D%/unit.h
%C%_test_lrp_lan_sources_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_lrp_lan_sources_LDADD = $(UNIT_LRP_LIBS)

%C%_test_lrp_link_header_SOURCES = %D%/test_lrp_link_header.c %D%/unit.h
%C%_test_lrp_link_header_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_lrp_link_header_LDADD = $(UNIT_LRP_LIBS)

%C%_test_lrp_resolve_SOURCES = %D%/test_lrp_resolve.c %D%/unit.h
%C%_test_lrp_resolve_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_lrp_resolve_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=getaddrinfo
%C%_test_lrp_resolve_LDADD = $(UNIT_LRP_LIBS) $(SECCOMP_LIBS)

check_PROGRAMS += %D%/test_lrp_enrol_conf %D%/test_lrp_enrol_interface %D%/test_lrp_enrol_options
%C%_test_lrp_enrol_conf_SOURCES = %D%/test_lrp_enrol_conf.c %D%/unit.h
%C%_test_lrp_enrol_conf_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_lrp_enrol_conf_LDADD = $(UNIT_LRP_LIBS)

%C%_test_lrp_enrol_interface_SOURCES = %D%/test_lrp_enrol_interface.c %D%/unit.h
%C%_test_lrp_enrol_interface_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_lrp_enrol_interface_LDADD = $(UNIT_LRP_LIBS)

%C%_test_lrp_enrol_options_SOURCES = %D%/test_lrp_enrol_options.c %D%/unit.h
%C%_test_lrp_enrol_options_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_lrp_enrol_options_LDADD = liblrp.a librrp.a libbase.a $(CMOCKA_LIBS) $(EV_LIBS)

check_PROGRAMS += %D%/test_lrp_worker
%C%_test_lrp_worker_SOURCES = %D%/test_lrp_worker.c %D%/confined_child.c %D%/confined_child.h %D%/unit.h
%C%_test_lrp_worker_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_lrp_worker_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=tls_identity_new
%C%_test_lrp_worker_LDADD = $(LRP_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += %D%/test_lrp_conf_check
%C%_test_lrp_conf_check_SOURCES = %D%/test_lrp_conf_check.c %D%/unit.h
%C%_test_lrp_conf_check_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_lrp_conf_check_LDADD = $(LRP_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += %D%/test_lrp_gre_lan
%C%_test_lrp_gre_lan_SOURCES = %D%/test_lrp_gre_lan.c $(PPTPD_TEST_HELP)
%C%_test_lrp_gre_lan_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_lrp_gre_lan_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=mono_now,--wrap=ev_timer_start
%C%_test_lrp_gre_lan_LDADD = liblrp.a libpptp.a libproto.a libbase.a $(CMOCKA_LIBS) $(EV_LIBS)
