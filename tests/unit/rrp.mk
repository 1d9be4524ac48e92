check_PROGRAMS += %D%/test_rrp_tunnel
%C%_test_rrp_tunnel_SOURCES = %D%/test_rrp_tunnel.c %D%/rrp_side.c %D%/rrp_side.h %D%/unit.h
%C%_test_rrp_tunnel_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_rrp_tunnel_LDADD = librrp.a libbase.a $(CMOCKA_LIBS) $(EV_LIBS)
