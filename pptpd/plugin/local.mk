# SPDX-License-Identifier: GPL-2.0-or-later
# What pppd loads. Its flags are its own: it is no program, and pppd is not built with sanitizers.
# Beside Poptop's pptpd-logwtmp.so, whose place no --libdir changes.
plugindir = $(prefix)/lib/pptpd
EXTRA_DIST += %D%/channel_words.h

if PPPD_PLUGIN
plugin_PROGRAMS = %D%/pptpd-channel.so
endif
%C%_pptpd_channel_so_SOURCES = %D%/pptpd-channel.c %D%/channel_words.h
%C%_pptpd_channel_so_CPPFLAGS = $(AM_CPPFLAGS) $(PPPD_CPPFLAGS)
%C%_pptpd_channel_so_CFLAGS = -std=gnu11 -fPIC $(WARN_CFLAGS) -fstack-protector-strong
%C%_pptpd_channel_so_LDFLAGS = -shared -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack

# The branch for the other series, of which no package can be installed beside the one in use:
# make check-plugin-2.5 PPPD_2_5_INCLUDE=FOLDER, which has pppd/pppd.h and pppd/pppdconf.h.
PPPD_2_5_INCLUDE =
.PHONY: check-plugin-2.5
check-plugin-2.5:
	test -e "$(PPPD_2_5_INCLUDE)/pppd/pppdconf.h"
	$(CC) -std=gnu11 $(WARN_CFLAGS) -Werror -fsyntax-only -I$(top_srcdir) \
		-isystem "$(PPPD_2_5_INCLUDE)" $(top_srcdir)/%D%/pptpd-channel.c
