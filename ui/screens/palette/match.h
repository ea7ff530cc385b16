/* How well a word fits a text: the whole of it, its beginning, the beginning of a word in it, somewhere in
 * it, or its letters in their order from the beginning of a word on. Letters are folded (ui/draw/fold.h).
 * Threads: any. */
#ifndef REFPOINT_UI_SCREENS_PALETTE_MATCH_H
#define REFPOINT_UI_SCREENS_PALETTE_MATCH_H

#include "ui/draw/fold.h"

#define MATCH_WORDS 8
#define MATCH_WORD_LETTERS 64

struct match_word {
    uint32_t letters[MATCH_WORD_LETTERS];
    size_t count;
};
struct match_query { /* words that are separated by blanks */
    struct match_word words[MATCH_WORDS];
    size_t count;
};
void match_query_read(struct match_query *query, const char *text);

struct match_text {
    const struct fold_letter *letters;
    size_t count;
};
/* More is better; 0: it does not. hits: which letters of the text it took, one a letter of the word; NULL. */
unsigned match_word(const struct match_text *text, const struct match_word *word, size_t *hits);

#endif
