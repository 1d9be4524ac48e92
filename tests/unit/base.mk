check_PROGRAMS += %D%/test_bytes
%C%_test_bytes_SOURCES = %D%/test_bytes.c %D%/unit.h
%C%_test_bytes_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_bytes_LDADD = libbase.a $(CMOCKA_LIBS)
