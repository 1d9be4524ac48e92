/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Edit distance over a list of words; see the header. */
#include "lrp/nearest_word.h"

#include <string.h>

#include "pptpd/base/util.h"

/* Longer words are never suggested nor compared. */
#define WORD_MAX 32

/* Single-letter changes that make `a` from `b`; both are at most WORD_MAX long. */
static size_t edit_distance(const char *a, const char *b)
{
	size_t b_len = strlen(b);
	size_t row[WORD_MAX + 1]; /* distances of a's beginning so far to each beginning of b */

	for (size_t j = 0; j <= b_len; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1]; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			size_t replaced = diagonal + (a[i - 1] != b[j - 1]);
			size_t changed = MIN(row[j], row[j - 1]) + 1;

			diagonal = row[j];
			row[j] = MIN(replaced, changed);
		}
	}
	return row[b_len];
}

const char *nearest_word(const char *word, nearest_word_at *at)
{
	const char *best = NULL;
	size_t best_distance = 0;
	const char *known;

	if (strlen(word) > WORD_MAX)
		return NULL;
	for (size_t i = 0; (known = at(i)); i++) {
		size_t distance;

		if (strlen(known) > WORD_MAX)
			continue;
		distance = edit_distance(word, known);
		if (distance > MAX(strlen(known) / 3, (size_t)2))
			continue;
		if (!best || distance < best_distance) {
			best = known;
			best_distance = distance;
		}
	}
	return best;
}
