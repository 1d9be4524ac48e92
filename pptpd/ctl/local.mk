# SPDX-License-Identifier: GPL-2.0-or-later
# pptpd-ctl: the operator's commands. It shares files with the manager, and no process.
noinst_LIBRARIES += libctl.a
libctl_a_CFLAGS = $(AM_CFLAGS) $(GNUTLS_CFLAGS)
libctl_a_SOURCES = \
	%D%/ask.c %D%/ask.h \
	%D%/lrp.h %D%/lrp_add.c %D%/lrp_change.c %D%/lrp_show.c \
	%D%/options.c %D%/options.h \
	%D%/reach.c %D%/reach.h \
	%D%/show.c %D%/show.h %D%/show_json.c %D%/show_table.c \
	%D%/times.c %D%/times.h

sbin_PROGRAMS += pptpd/ctl/pptpd-ctl
pptpd_ctl_pptpd_ctl_SOURCES = %D%/main.c
pptpd_ctl_pptpd_ctl_LDADD = libctl.a libpptpd.a libsigner.a librrp.a libbase.a $(GNUTLS_LIBS) $(EV_LIBS)

man8_MANS += %D%/pptpd-ctl.8
EXTRA_DIST += %D%/pptpd-ctl.8
