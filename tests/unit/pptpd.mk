# SPDX-License-Identifier: GPL-2.0-or-later
# The manager's tests. Those that need root leave with status 77 without it.
PPTPD_TEST_LIBS = libpptpd.a libipc.a libbase.a $(CMOCKA_LIBS) $(EV_LIBS) $(WRAP_LIBS)
PPTPD_TEST_HELP = %D%/unit.h %D%/pptpd_help.c %D%/pptpd_help.h
PPTPD_STANDIN = %D%/pptpd_standin.c %D%/pptpd_standin.h
PPTPD_PROCESS = %D%/pptpd_process.c %D%/pptpd_process.h
PPTPD_CLOCK = %D%/pptpd_clock.c %D%/pptpd_clock.h
PPTPD_SANDBOX = %D%/pptpd_sandbox.c %D%/pptpd_sandbox.h

check_PROGRAMS += %D%/test_pptpd_ip_spec
%C%_test_pptpd_ip_spec_SOURCES = %D%/test_pptpd_ip_spec.c %D%/unit.h
%C%_test_pptpd_ip_spec_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_pptpd_ip_spec_LDADD = $(PPTPD_TEST_LIBS)

check_PROGRAMS += %D%/test_pptpd_addr_pool
%C%_test_pptpd_addr_pool_SOURCES = %D%/test_pptpd_addr_pool.c %D%/unit.h
%C%_test_pptpd_addr_pool_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_pptpd_addr_pool_LDADD = $(PPTPD_TEST_LIBS)

check_PROGRAMS += %D%/test_pptpd_conf
%C%_test_pptpd_conf_SOURCES = %D%/test_pptpd_conf.c $(PPTPD_TEST_HELP)
%C%_test_pptpd_conf_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_pptpd_conf_LDADD = $(PPTPD_TEST_LIBS)

check_PROGRAMS += %D%/test_pptpd_conf_args
%C%_test_pptpd_conf_args_SOURCES = %D%/test_pptpd_conf_args.c $(PPTPD_TEST_HELP)
%C%_test_pptpd_conf_args_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_pptpd_conf_args_LDADD = $(PPTPD_TEST_LIBS)

check_PROGRAMS += %D%/test_pptpd_pool_conf
%C%_test_pptpd_pool_conf_SOURCES = %D%/test_pptpd_pool_conf.c $(PPTPD_TEST_HELP)
%C%_test_pptpd_pool_conf_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_pptpd_pool_conf_LDADD = $(PPTPD_TEST_LIBS)

check_PROGRAMS += %D%/test_pptpd_pppd
%C%_test_pptpd_pppd_SOURCES = %D%/test_pptpd_pppd.c $(PPTPD_TEST_HELP) $(PPTPD_STANDIN)
%C%_test_pptpd_pppd_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_pptpd_pppd_LDADD = $(PPTPD_TEST_LIBS)

check_PROGRAMS += %D%/test_ipc
%C%_test_ipc_SOURCES = %D%/test_ipc.c $(PPTPD_TEST_HELP)
%C%_test_ipc_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_ipc_LDADD = $(PPTPD_TEST_LIBS)

check_PROGRAMS += %D%/test_ipc_port
%C%_test_ipc_port_SOURCES = %D%/test_ipc_port.c $(PPTPD_TEST_HELP)
%C%_test_ipc_port_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_ipc_port_LDADD = $(PPTPD_TEST_LIBS)

check_PROGRAMS += %D%/test_pptpd_session_store
%C%_test_pptpd_session_store_SOURCES = %D%/test_pptpd_session_store.c $(PPTPD_TEST_HELP)
%C%_test_pptpd_session_store_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_pptpd_session_store_LDADD = $(PPTPD_TEST_LIBS)

check_PROGRAMS += %D%/test_pptpd_admission
%C%_test_pptpd_admission_SOURCES = %D%/test_pptpd_admission.c $(PPTPD_TEST_HELP)
%C%_test_pptpd_admission_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_pptpd_admission_LDADD = $(PPTPD_TEST_LIBS)

check_PROGRAMS += %D%/test_pptpd_peer_limits
%C%_test_pptpd_peer_limits_SOURCES = %D%/test_pptpd_peer_limits.c %D%/unit.h
%C%_test_pptpd_peer_limits_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_pptpd_peer_limits_LDADD = $(PPTPD_TEST_LIBS)

check_PROGRAMS += %D%/test_pptpd_known_sources
%C%_test_pptpd_known_sources_SOURCES = %D%/test_pptpd_known_sources.c %D%/unit.h
%C%_test_pptpd_known_sources_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_pptpd_known_sources_LDADD = $(PPTPD_TEST_LIBS)

check_PROGRAMS += %D%/test_pptpd_channel_choice
%C%_test_pptpd_channel_choice_SOURCES = %D%/test_pptpd_channel_choice.c %D%/unit.h
%C%_test_pptpd_channel_choice_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_pptpd_channel_choice_LDADD = $(PPTPD_TEST_LIBS)

check_PROGRAMS += %D%/test_pptpd_channel_trust
%C%_test_pptpd_channel_trust_SOURCES = %D%/test_pptpd_channel_trust.c $(PPTPD_TEST_HELP)
%C%_test_pptpd_channel_trust_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_pptpd_channel_trust_LDADD = $(PPTPD_TEST_LIBS)

check_PROGRAMS += %D%/test_pptpd_pidfile
%C%_test_pptpd_pidfile_SOURCES = %D%/test_pptpd_pidfile.c $(PPTPD_TEST_HELP)
%C%_test_pptpd_pidfile_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_pptpd_pidfile_LDADD = $(PPTPD_TEST_LIBS)

check_PROGRAMS += %D%/test_pptpd_requests
%C%_test_pptpd_requests_SOURCES = %D%/test_pptpd_requests.c $(PPTPD_TEST_HELP) $(PPTPD_STANDIN)
%C%_test_pptpd_requests_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_pptpd_requests_LDADD = $(PPTPD_TEST_LIBS)
%C%_test_pptpd_requests_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=channel_kernel_open

check_PROGRAMS += %D%/test_pptpd_syslog
%C%_test_pptpd_syslog_SOURCES = %D%/test_pptpd_syslog.c $(PPTPD_TEST_HELP) $(PPTPD_SANDBOX)
%C%_test_pptpd_syslog_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_pptpd_syslog_LDADD = $(PPTPD_TEST_LIBS)

check_PROGRAMS += %D%/test_pptpd_manager
%C%_test_pptpd_manager_SOURCES = %D%/test_pptpd_manager.c $(PPTPD_TEST_HELP) $(PPTPD_STANDIN) $(PPTPD_SANDBOX) $(PPTPD_PROCESS)
%C%_test_pptpd_manager_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_pptpd_manager_LDADD = $(PPTPD_TEST_LIBS)

check_PROGRAMS += %D%/test_pptpd_main
%C%_test_pptpd_main_SOURCES = %D%/test_pptpd_main.c $(PPTPD_TEST_HELP) $(PPTPD_STANDIN) $(PPTPD_SANDBOX)
%C%_test_pptpd_main_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_pptpd_main_LDADD = $(PPTPD_TEST_LIBS)
EXTRA_%C%_test_pptpd_main_DEPENDENCIES = pptpd/pptpd$(EXEEXT)

check_PROGRAMS += %D%/test_pptpd_lrp_list
%C%_test_pptpd_lrp_list_SOURCES = %D%/test_pptpd_lrp_list.c $(PPTPD_TEST_HELP)
%C%_test_pptpd_lrp_list_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_pptpd_lrp_list_LDADD = $(PPTPD_TEST_LIBS)

check_PROGRAMS += %D%/test_pptpd_lrp_edit
%C%_test_pptpd_lrp_edit_SOURCES = %D%/test_pptpd_lrp_edit.c $(PPTPD_TEST_HELP)
%C%_test_pptpd_lrp_edit_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_pptpd_lrp_edit_LDADD = $(PPTPD_TEST_LIBS)

check_PROGRAMS += %D%/test_pptpd_call_policy
%C%_test_pptpd_call_policy_SOURCES = %D%/test_pptpd_call_policy.c $(PPTPD_TEST_HELP)
%C%_test_pptpd_call_policy_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_pptpd_call_policy_LDADD = $(PPTPD_TEST_LIBS)

check_PROGRAMS += %D%/test_pptpd_nodes
%C%_test_pptpd_nodes_SOURCES = %D%/test_pptpd_nodes.c $(PPTPD_TEST_HELP)
%C%_test_pptpd_nodes_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_pptpd_nodes_LDADD = $(PPTPD_TEST_LIBS)

check_PROGRAMS += %D%/test_pptpd_tunnels
%C%_test_pptpd_tunnels_SOURCES = %D%/test_pptpd_tunnels.c $(PPTPD_TEST_HELP) $(PPTPD_STANDIN) $(PPTPD_SANDBOX) $(PPTPD_PROCESS) $(PPTPD_CLOCK)
%C%_test_pptpd_tunnels_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_pptpd_tunnels_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=mono_now
%C%_test_pptpd_tunnels_LDADD = $(PPTPD_TEST_LIBS)

check_PROGRAMS += %D%/test_pptpd_limits
%C%_test_pptpd_limits_SOURCES = %D%/test_pptpd_limits.c $(PPTPD_TEST_HELP) $(PPTPD_STANDIN) $(PPTPD_SANDBOX) $(PPTPD_PROCESS) $(PPTPD_CLOCK)
%C%_test_pptpd_limits_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_pptpd_limits_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=mono_now
%C%_test_pptpd_limits_LDADD = $(PPTPD_TEST_LIBS)

check_PROGRAMS += %D%/test_pptpd_start_queue
%C%_test_pptpd_start_queue_SOURCES = %D%/test_pptpd_start_queue.c $(PPTPD_TEST_HELP)
%C%_test_pptpd_start_queue_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_pptpd_start_queue_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=mono_now
%C%_test_pptpd_start_queue_LDADD = $(PPTPD_TEST_LIBS)

check_PROGRAMS += %D%/test_pptpd_unproven
%C%_test_pptpd_unproven_SOURCES = %D%/test_pptpd_unproven.c %D%/unit.h
%C%_test_pptpd_unproven_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_pptpd_unproven_LDADD = $(PPTPD_TEST_LIBS)

check_PROGRAMS += %D%/test_link_choice
%C%_test_link_choice_SOURCES = %D%/test_link_choice.c $(PPTPD_TEST_HELP)
%C%_test_link_choice_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_link_choice_LDADD = $(PPTPD_TEST_LIBS)
%C%_test_link_choice_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=link_open
