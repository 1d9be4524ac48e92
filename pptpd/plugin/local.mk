# SPDX-License-Identifier: GPL-2.0-or-later
# What pppd loads. Its flags are its own: it is no program, and pppd is not built with sanitizers.
plugindir = $(libdir)/pptpd
EXTRA_DIST += %D%/channel_words.h

if PPPD_PLUGIN
plugin_PROGRAMS = %D%/pptpd-channel.so
endif
%C%_pptpd_channel_so_SOURCES = %D%/pptpd-channel.c %D%/channel_words.h
%C%_pptpd_channel_so_CPPFLAGS = $(AM_CPPFLAGS) $(PPPD_CPPFLAGS)
%C%_pptpd_channel_so_CFLAGS = -std=gnu11 -fPIC $(WARN_CFLAGS) -fstack-protector-strong
%C%_pptpd_channel_so_LDFLAGS = -shared -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack
