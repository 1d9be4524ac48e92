# SPDX-License-Identifier: GPL-2.0-or-later
# One fuzzer for each decoder. `make check` replays the corpora with any compiler; with
# --enable-fuzzers (clang) there are the libFuzzer programs too:
#   tests/fuzz/fuzz_gre NEW_FINDS tests/fuzz/corpus/gre
EXTRA_DIST += %D%/corpus

check_PROGRAMS += \
	%D%/replay_pptp \
	%D%/replay_gre \
	%D%/replay_gre_window \
	%D%/replay_pppoe \
	%D%/replay_reassembly \
	%D%/replay_hdlc \
	%D%/replay_conf_file \
	%D%/replay_ctrl_conn \
	%D%/replay_rrp_frame \
	%D%/replay_rrp_server \
	%D%/replay_rrp_client \
	%D%/replay_signer

%C%_replay_pptp_SOURCES = %D%/replay.c %D%/fuzz_pptp.c %D%/fuzz.h
%C%_replay_pptp_CPPFLAGS = $(AM_CPPFLAGS) -DCORPUS='"$(abs_top_srcdir)/%D%/corpus/pptp"'
%C%_replay_pptp_LDADD = libproto.a libbase.a

%C%_replay_gre_SOURCES = %D%/replay.c %D%/fuzz_gre.c %D%/fuzz.h
%C%_replay_gre_CPPFLAGS = $(AM_CPPFLAGS) -DCORPUS='"$(abs_top_srcdir)/%D%/corpus/gre"'
%C%_replay_gre_LDADD = libproto.a libbase.a

%C%_replay_gre_window_SOURCES = %D%/replay.c %D%/fuzz_gre_window.c %D%/fuzz.h
%C%_replay_gre_window_CPPFLAGS = $(AM_CPPFLAGS) -DCORPUS='"$(abs_top_srcdir)/%D%/corpus/gre_window"'
%C%_replay_gre_window_LDADD = libpptp.a libbase.a

%C%_replay_pppoe_SOURCES = %D%/replay.c %D%/fuzz_pppoe.c %D%/fuzz.h
%C%_replay_pppoe_CPPFLAGS = $(AM_CPPFLAGS) -DCORPUS='"$(abs_top_srcdir)/%D%/corpus/pppoe"'
%C%_replay_pppoe_LDADD = libproto.a libbase.a

%C%_replay_reassembly_SOURCES = %D%/replay.c %D%/fuzz_reassembly.c %D%/fuzz.h
%C%_replay_reassembly_CPPFLAGS = $(AM_CPPFLAGS) -DCORPUS='"$(abs_top_srcdir)/%D%/corpus/reassembly"'
%C%_replay_reassembly_LDADD = liblrp.a libproto.a libbase.a

%C%_replay_hdlc_SOURCES = %D%/replay.c %D%/fuzz_hdlc.c %D%/fuzz.h
%C%_replay_hdlc_CPPFLAGS = $(AM_CPPFLAGS) -DCORPUS='"$(abs_top_srcdir)/%D%/corpus/hdlc"'
%C%_replay_hdlc_LDADD = libpptpctrl.a libbase.a

%C%_replay_conf_file_SOURCES = %D%/replay.c %D%/fuzz_conf_file.c %D%/fuzz.h
%C%_replay_conf_file_CPPFLAGS = $(AM_CPPFLAGS) -DCORPUS='"$(abs_top_srcdir)/%D%/corpus/conf_file"'
%C%_replay_conf_file_LDADD = libbase.a

%C%_replay_ctrl_conn_SOURCES = %D%/replay.c %D%/fuzz_ctrl_conn.c %D%/fuzz.h
%C%_replay_ctrl_conn_CPPFLAGS = $(AM_CPPFLAGS) -DCORPUS='"$(abs_top_srcdir)/%D%/corpus/ctrl_conn"'
%C%_replay_ctrl_conn_LDADD = libpptp.a libproto.a libbase.a $(EV_LIBS)

%C%_replay_rrp_frame_SOURCES = %D%/replay.c %D%/fuzz_rrp_frame.c %D%/fuzz.h
%C%_replay_rrp_frame_CPPFLAGS = $(AM_CPPFLAGS) -DCORPUS='"$(abs_top_srcdir)/%D%/corpus/rrp_frame"'
%C%_replay_rrp_frame_LDADD = librrp.a libbase.a

%C%_replay_rrp_server_SOURCES = %D%/replay.c %D%/fuzz_rrp_server.c %D%/fuzz.h %D%/rrp_run.c %D%/rrp_run.h
%C%_replay_rrp_server_CPPFLAGS = $(AM_CPPFLAGS) -DCORPUS='"$(abs_top_srcdir)/%D%/corpus/rrp_server"'
%C%_replay_rrp_server_LDADD = librrp.a libbase.a

%C%_replay_rrp_client_SOURCES = %D%/replay.c %D%/fuzz_rrp_client.c %D%/fuzz.h %D%/rrp_run.c %D%/rrp_run.h
%C%_replay_rrp_client_CPPFLAGS = $(AM_CPPFLAGS) -DCORPUS='"$(abs_top_srcdir)/%D%/corpus/rrp_client"'
%C%_replay_rrp_client_LDADD = librrp.a libbase.a

%C%_replay_signer_SOURCES = %D%/replay.c %D%/fuzz_signer.c %D%/fuzz.h
%C%_replay_signer_CPPFLAGS = $(AM_CPPFLAGS) -DCORPUS='"$(abs_top_srcdir)/%D%/corpus/signer"'
%C%_replay_signer_LDADD = librrp.a libbase.a

if FUZZERS
noinst_PROGRAMS += \
	%D%/fuzz_pptp \
	%D%/fuzz_gre \
	%D%/fuzz_gre_window \
	%D%/fuzz_pppoe \
	%D%/fuzz_reassembly \
	%D%/fuzz_hdlc \
	%D%/fuzz_conf_file \
	%D%/fuzz_ctrl_conn \
	%D%/fuzz_rrp_frame \
	%D%/fuzz_rrp_server \
	%D%/fuzz_rrp_client \
	%D%/fuzz_signer
LIBFUZZER = -fsanitize=fuzzer

%C%_fuzz_pptp_SOURCES = %D%/fuzz_pptp.c %D%/fuzz.h
%C%_fuzz_pptp_LDFLAGS = $(AM_LDFLAGS) $(LIBFUZZER)
%C%_fuzz_pptp_LDADD = libproto.a libbase.a

%C%_fuzz_gre_SOURCES = %D%/fuzz_gre.c %D%/fuzz.h
%C%_fuzz_gre_LDFLAGS = $(AM_LDFLAGS) $(LIBFUZZER)
%C%_fuzz_gre_LDADD = libproto.a libbase.a

%C%_fuzz_gre_window_SOURCES = %D%/fuzz_gre_window.c %D%/fuzz.h
%C%_fuzz_gre_window_LDFLAGS = $(AM_LDFLAGS) $(LIBFUZZER)
%C%_fuzz_gre_window_LDADD = libpptp.a libbase.a

%C%_fuzz_pppoe_SOURCES = %D%/fuzz_pppoe.c %D%/fuzz.h
%C%_fuzz_pppoe_LDFLAGS = $(AM_LDFLAGS) $(LIBFUZZER)
%C%_fuzz_pppoe_LDADD = libproto.a libbase.a

%C%_fuzz_reassembly_SOURCES = %D%/fuzz_reassembly.c %D%/fuzz.h
%C%_fuzz_reassembly_LDFLAGS = $(AM_LDFLAGS) $(LIBFUZZER)
%C%_fuzz_reassembly_LDADD = liblrp.a libproto.a libbase.a

%C%_fuzz_hdlc_SOURCES = %D%/fuzz_hdlc.c %D%/fuzz.h
%C%_fuzz_hdlc_LDFLAGS = $(AM_LDFLAGS) $(LIBFUZZER)
%C%_fuzz_hdlc_LDADD = libpptpctrl.a libbase.a

%C%_fuzz_conf_file_SOURCES = %D%/fuzz_conf_file.c %D%/fuzz.h
%C%_fuzz_conf_file_LDFLAGS = $(AM_LDFLAGS) $(LIBFUZZER)
%C%_fuzz_conf_file_LDADD = libbase.a

%C%_fuzz_ctrl_conn_SOURCES = %D%/fuzz_ctrl_conn.c %D%/fuzz.h
%C%_fuzz_ctrl_conn_LDFLAGS = $(AM_LDFLAGS) $(LIBFUZZER)
%C%_fuzz_ctrl_conn_LDADD = libpptp.a libproto.a libbase.a $(EV_LIBS)

%C%_fuzz_rrp_frame_SOURCES = %D%/fuzz_rrp_frame.c %D%/fuzz.h
%C%_fuzz_rrp_frame_LDFLAGS = $(AM_LDFLAGS) $(LIBFUZZER)
%C%_fuzz_rrp_frame_LDADD = librrp.a libbase.a

%C%_fuzz_rrp_server_SOURCES = %D%/fuzz_rrp_server.c %D%/fuzz.h %D%/rrp_run.c %D%/rrp_run.h
%C%_fuzz_rrp_server_LDFLAGS = $(AM_LDFLAGS) $(LIBFUZZER)
%C%_fuzz_rrp_server_LDADD = librrp.a libbase.a

%C%_fuzz_rrp_client_SOURCES = %D%/fuzz_rrp_client.c %D%/fuzz.h %D%/rrp_run.c %D%/rrp_run.h
%C%_fuzz_rrp_client_LDFLAGS = $(AM_LDFLAGS) $(LIBFUZZER)
%C%_fuzz_rrp_client_LDADD = librrp.a libbase.a

%C%_fuzz_signer_SOURCES = %D%/fuzz_signer.c %D%/fuzz.h
%C%_fuzz_signer_LDFLAGS = $(AM_LDFLAGS) $(LIBFUZZER)
%C%_fuzz_signer_LDADD = librrp.a libbase.a
endif
