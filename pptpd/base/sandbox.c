/* SPDX-License-Identifier: GPL-2.0-or-later */
/* System call filters by libseccomp; see the header. The one file that knows that library's calls.
 */
#include "pptpd/base/sandbox.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/prctl.h>

#include "pptpd/base/util.h"

static const enum scmp_compare comparisons[] = {
	[SANDBOX_EQUAL] = SCMP_CMP_EQ,
	[SANDBOX_MASKED_EQUAL] = SCMP_CMP_MASKED_EQ,
};

/* A filter at address 0 is a fault where there are filters, and no such option where not. */
static int probe_kernel(void)
{
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, NULL, 0UL, 0UL) == 0 || errno == EFAULT)
		return 0;
	return errno == EINVAL ? -ENOSYS : -errno;
}

static int add_rule(scmp_filter_ctx filter, uint32_t action, const struct sandbox_rule *rule)
{
	struct scmp_arg_cmp conditions[SANDBOX_CONDITIONS_MAX];
	unsigned count = 0;

	for (size_t i = 0; i < SANDBOX_CONDITIONS_MAX; i++) {
		const struct sandbox_condition *one = &rule->conditions[i];
		bool masked = one->comparison == SANDBOX_MASKED_EQUAL;

		if (one->comparison == SANDBOX_ANY)
			continue;
		conditions[count++] = (struct scmp_arg_cmp){
			.arg = one->argument,
			.op = comparisons[one->comparison],
			.datum_a = masked ? one->mask : one->value,
			.datum_b = masked ? one->value : 0,
		};
	}
	return seccomp_rule_add_array(filter, action, rule->call, count, conditions);
}

static int add_groups(scmp_filter_ctx filter, uint32_t action, const struct sandbox_group *groups,
		      size_t count)
{
	int error = 0;

	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < groups[i].count && !error; j++)
			error = add_rule(filter, action, &groups[i].rules[j]);
	}
	return error;
}

/* What a call is answered with that is refused. */
static uint32_t refusal(bool lenient)
{
	return lenient || SANITIZED ? SCMP_ACT_LOG : SCMP_ACT_ERRNO(EPERM);
}

/* Calls of the table get `listed`, others `otherwise`, and those of another architecture `alien`.
 */
static int load(const struct sandbox_group *groups, size_t count, uint32_t listed,
		uint32_t otherwise, uint32_t alien)
{
	int error = probe_kernel();
	scmp_filter_ctx filter;

	if (error)
		return error;
	filter = seccomp_init(otherwise);
	if (!filter)
		return -ENOMEM;
	/* They have other numbers: none of them is in the table. */
	error = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, alien);
	/* That is our caller's: libseccomp shall fail without it instead of setting it. */
	if (!error)
		error = seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 0);
	if (!error)
		error = add_groups(filter, listed, groups, count);
	if (!error)
		error = seccomp_load(filter);
	seccomp_release(filter);
	return error;
}

int sandbox_enter(const struct sandbox_group *groups, size_t count, enum sandbox_mode mode)
{
	uint32_t otherwise = refusal(mode == SANDBOX_LOG);

	if (mode == SANDBOX_OFF)
		return 0;
	return load(groups, count, SCMP_ACT_ALLOW, otherwise, otherwise);
}

int sandbox_forbid(const struct sandbox_group *groups, size_t count)
{
	return load(groups, count, refusal(false), SCMP_ACT_ALLOW, refusal(false));
}

bool sandbox_is_entered(void)
{
	return prctl(PR_GET_SECCOMP, 0UL, 0UL, 0UL, 0UL) == SECCOMP_MODE_FILTER;
}
