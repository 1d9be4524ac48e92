check_PROGRAMS += %D%/test_reassembly
%C%_test_reassembly_SOURCES = %D%/test_reassembly.c %D%/unit.h
%C%_test_reassembly_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_reassembly_LDADD = liblrp.a libbase.a $(CMOCKA_LIBS)
