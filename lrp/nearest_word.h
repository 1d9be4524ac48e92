/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which known word a misspelt one was probably meant to be. Pure. */
#ifndef LRP_NEAREST_WORD_H
#define LRP_NEAREST_WORD_H

#include <stddef.h>

/* The `index`th known word, or NULL behind the last. */
typedef const char *nearest_word_at(size_t index);

/*
 * The known word that takes the fewest inserted, left out or replaced letters to write `word`;
 * NULL if even that one needs more than a third of its letters (and more than two) changed, since
 * then it is no help.
 */
const char *nearest_word(const char *word, nearest_word_at *at);

#endif
