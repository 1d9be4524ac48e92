/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ppp-channel; see the header. */
#include "pptpd/channel_choice.h"

#include <stdio.h>
#include <string.h>

#include "pptpd/base/util.h"

#define BLANKS " \t"

static const char *const wish_words[] = {
	[CHANNEL_AUTO] = "auto",
	[CHANNEL_KERNEL] = "kernel",
	[CHANNEL_PPPOE] = "pppoe",
	[CHANNEL_PTY] = "pty",
};

static bool parse_wish(const char *word, enum channel_wish *ret_wish,
		       char ret_problem[CHANNEL_PROBLEM_MAX])
{
	for (size_t i = 0; i < ARRAY_SIZE(wish_words); i++) {
		if (strcmp(wish_words[i], word) == 0) {
			*ret_wish = (enum channel_wish)i;
			return true;
		}
	}
	(void)snprintf(ret_problem, CHANNEL_PROBLEM_MAX,
		       "'%.32s' is none of auto, kernel, pppoe, pty", word);
	return false;
}

static bool same_net(const struct net *a, const struct net *b)
{
	return a->bits == b->bits && net_has(a, &b->address);
}

static bool add_rule(struct channel_choice *choice, const char *text, enum channel_wish wish,
		     char ret_problem[CHANNEL_PROBLEM_MAX])
{
	struct net net;

	if (!net_parse(text, &net)) {
		(void)snprintf(ret_problem, CHANNEL_PROBLEM_MAX,
			       "'%.48s' is no network, expected ADDRESS[/BITS]", text);
		return false;
	}
	for (size_t i = 0; i < choice->count; i++) {
		if (same_net(&choice->rules[i].net, &net))
			return true;
	}
	if (choice->count == CHANNEL_RULES_MAX) {
		(void)snprintf(ret_problem, CHANNEL_PROBLEM_MAX, "more than %d networks",
			       CHANNEL_RULES_MAX);
		return false;
	}
	choice->rules[choice->count++] = (struct channel_rule){.net = net, .wish = wish};
	return true;
}

bool channel_choice_add(struct channel_choice *choice, const char *value,
			char ret_problem[CHANNEL_PROBLEM_MAX])
{
	size_t len = strcspn(value, BLANKS);
	const char *last = value + len + strspn(value + len, BLANKS);
	char net[NET_TEXT_MAX];
	enum channel_wish wish;

	if (!*last) {
		if (!parse_wish(value, &wish, ret_problem))
			return false;
		if (!choice->given)
			choice->wish = wish;
		choice->given = true;
		return true;
	}
	(void)snprintf(net, sizeof(net), "%.*s", (int)MIN(len, sizeof(net)), value);
	return parse_wish(last, &wish, ret_problem) && add_rule(choice, net, wish, ret_problem);
}

enum channel_wish channel_choice_find(const struct channel_choice *choice,
				      const struct address *source, enum channel_wish otherwise)
{
	const struct channel_rule *best = NULL;

	for (size_t i = 0; i < choice->count; i++) {
		const struct channel_rule *rule = &choice->rules[i];

		if (net_has(&rule->net, source) && (!best || rule->net.bits > best->net.bits))
			best = rule;
	}
	if (best)
		return best->wish;
	return choice->given ? choice->wish : otherwise;
}

bool channel_choice_needs_plugin(const struct channel_choice *choice, enum channel_wish otherwise)
{
	for (size_t i = 0; i < choice->count; i++) {
		if (choice->rules[i].wish != CHANNEL_PTY)
			return true;
	}
	return (choice->given ? choice->wish : otherwise) != CHANNEL_PTY;
}

size_t channel_choice_ladder(enum channel_wish wish, enum ipc_kind kind, bool reordered,
			     enum ipc_channel ret_rungs[CHANNEL_RUNGS_MAX])
{
	size_t count = 0;

	if (kind == IPC_KIND_DIRECT &&
	    (wish == CHANNEL_KERNEL || (wish == CHANNEL_AUTO && !reordered)))
		ret_rungs[count++] = IPC_CHANNEL_KERNEL;
	if (wish != CHANNEL_PTY)
		ret_rungs[count++] = IPC_CHANNEL_PPPOE;
	ret_rungs[count++] = IPC_CHANNEL_PTY;
	return count;
}

const char *channel_choice_name(enum ipc_channel channel)
{
	static const enum channel_wish wishes[] = {
		[IPC_CHANNEL_PTY] = CHANNEL_PTY,
		[IPC_CHANNEL_PPPOE] = CHANNEL_PPPOE,
		[IPC_CHANNEL_KERNEL] = CHANNEL_KERNEL,
	};

	return wish_words[wishes[channel]];
}
