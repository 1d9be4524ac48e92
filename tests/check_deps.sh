#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Enforces which room may include what (docs/architecture.md): programs never include each other,
# leaf libraries know nothing above them, one file sees libpcap, few see GnuTLS, the manager links
# no codec, and nobody but the signing helper what reads a private key.
set -u
cd "$(dirname "$0")/.." || exit 1
bad=0

complain() {
	printf '%s\n' "$1" >&2
	bad=1
}

# room FOLDER ALLOWED: every project header that the folder's own files include matches ALLOWED.
room() {
	for file in "$1"/*.[ch]; do
		[ -e "$file" ] || continue
		for header in $(sed -n 's/^#[[:space:]]*include "\(.*\)"$/\1/p' "$file"); do
			[ "$header" = config.h ] && continue
			printf '%s\n' "$header" | grep -Eq "^($2)\$" ||
				complain "$file may not include \"$header\""
		done
	done
}

base='pptpd/base/[a-z0-9_]+\.h'
proto='pptpctrl/proto/[a-z0-9_]+\.h'
pptp='pptpctrl/pptp/[a-z0-9_]+\.h'
rrp='rrp/[a-z0-9_]+\.h'
ipc='pptpd/ipc(_port)?\.h'

room pptpd/base "$base"
room pptpctrl/proto "pptpd/base/(bytes|util)\.h|$proto"
room pptpctrl/pptp "$base|$proto|$pptp"
room rrp "$base|$proto|$rrp"
room pptpd "$base|pptpd/[a-z0-9_]+\.h|pptpd/plugin/channel_words\.h"
room pptpd/plugin "pptpd/plugin/channel_words\.h"
room pptpd/ctl "$base|$rrp|pptpd/(addr_pool|conf|control_msg|lrp_edit|lrp_list|pool_conf)\.h|pptpd/ctl/[a-z0-9_]+\.h"
room pptpctrl "$base|$proto|$pptp|$rrp|$ipc|pptpctrl/[a-z0-9_]+\.h"
room lrp "$base|$proto|$pptp|$rrp|lrp/[a-z0-9_]+\.h"

# libpcap is seen by one file.
for file in $(grep -lE '^#[[:space:]]*include <pcap' -r pptpd pptpctrl rrp lrp --include='*.[ch]'); do
	[ "$file" = lrp/capture.c ] || complain "$file may not include libpcap's header"
done

# Cryptography is TLS's, the signing helper's, and that of an invitation's secret.
for file in $(grep -lE '^#[[:space:]]*include <gnutls/' -r pptpd pptpctrl rrp lrp --include='*.[ch]'); do
	case $file in
	rrp/tls*.[ch] | rrp/signer*.[ch] | rrp/node_key*.[ch]) ;;
	rrp/enrol_server.c | pptpd/ctl/lrp_add.c) ;;
	*) complain "$file may not include GnuTLS's headers" ;;
	esac
done

# The private key is the signing helper's: the processes that parse a peer's bytes do not link what
# reads one, nor does the manager.
for folder in pptpd pptpctrl; do
	grep -Eq 'libsigner\.a|SIGNER_LIBS' "$folder/local.mk" &&
		complain "$folder/local.mk: only the signing helper may link libsigner.a"
done
for file in $(grep -lE '^#[[:space:]]*include "rrp/(signer|node_key)\.h"' -r pptpd pptpctrl --include='*.[ch]'); do
	case $file in
	pptpd/ctl/*) ;; # the administrator's own program, which makes the key if there is none
	*) complain "$file may not include what a private key is for" ;;
	esac
done

# libseccomp is seen by the sandbox, and by the lists of calls that are given to it.
for file in $(grep -lE '^#[[:space:]]*include <seccomp' -r pptpd pptpctrl rrp lrp --include='*.[ch]'); do
	case $file in
	pptpd/base/sandbox.c | */sandbox.[ch] | */*_sandbox.c) ;;
	*) complain "$file may not include libseccomp's header" ;;
	esac
done

# The one process that is root and sees every request filters nothing and needs no libseccomp.
if sed -n '/^pptpd_pptpd_LDADD/,/[^\\]$/p' pptpd/local.mk | grep -Eq 'libsandbox\.a|SECCOMP'; then
	complain "pptpd/local.mk: the manager may not link libseccomp"
fi

# Codecs and their library know neither sockets nor the loop.
for file in $(grep -lE '^#[[:space:]]*include <(ev|sys/socket|unistd|fcntl)\.h>' pptpctrl/proto/*.[ch]); do
	complain "$file: a codec knows no sockets and no loop"
done

# The manager parses no byte of a peer: it links no library that could.
if sed -n '/^pptpd_pptpd_LDADD/,/[^\\]$/p' pptpd/local.mk | grep -Eq 'lib(proto|pptp|rrp|pptpctrl|lrp)\.a'; then
	complain "pptpd/local.mk: the manager may not link a codec"
fi

[ "$bad" = 0 ] && echo "check_deps: every room keeps to its own"
exit "$bad"
