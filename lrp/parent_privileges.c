/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parent, which stays root, keeps of what root may do: a predicate for each capability. */
#include "lrp/parent_private.h"

#include <errno.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "pptpd/base/util.h"

/* Words of capability bits in the kernel's current format. */
#define WORDS _LINUX_CAPABILITY_U32S_3

static const struct {
	unsigned number;
	const char *why;
} kept[] = {
	{CAP_NET_RAW, "the capture is opened anew for each worker"},
	{CAP_SETUID, "each child becomes the unprivileged user"},
	{CAP_SETGID, "the same, for its group and for no other group"},
	{CAP_SETPCAP, "each child empties its bounding set"},
	{CAP_KILL, "children, which are another user's, are ended when they hang"},
};

/* Files (the pid file, the key's folder) are root's own, so no capability is needed for them. */
static bool is_kept(unsigned number)
{
	for (size_t i = 0; i < ARRAY_SIZE(kept); i++) {
		if (kept[i].number == number)
			return true;
	}
	return false;
}

int parent_privileges_limit(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct sets[WORDS];

	if (syscall(SYS_capget, &header, sets) != 0)
		return -errno;
	/* The kernel knows its capabilities by number and says EINVAL behind the last. */
	for (unsigned number = 0; prctl(PR_CAPBSET_READ, number, 0UL, 0UL, 0UL) >= 0; number++) {
		uint32_t bit = 1U << number % 32;

		if (is_kept(number))
			continue;
		if (prctl(PR_CAPBSET_DROP, number, 0UL, 0UL, 0UL) != 0)
			return -errno;
		sets[number / 32].effective &= ~bit;
		sets[number / 32].permitted &= ~bit;
		sets[number / 32].inheritable &= ~bit;
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1UL, 0UL, 0UL, 0UL) != 0)
		return -errno;
	return syscall(SYS_capset, &header, sets) == 0 ? 0 : -errno;
}
