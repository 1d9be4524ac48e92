# SPDX-License-Identifier: GPL-2.0-or-later
# Built on demand: make tests/bench/tunnel_cost
EXTRA_PROGRAMS += %D%/tunnel_cost
%C%_tunnel_cost_SOURCES = %D%/tunnel_cost.c $(TLS_WORLD)
%C%_tunnel_cost_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_tunnel_cost_LDADD = $(TLS_LIBS)
