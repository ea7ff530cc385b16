/* Text made comparable for filters: case, accents and compatibility forms folded (NFKC_Casefold without
 * marks): "büro" finds "BURO", and the other way round. What is no UTF-8 stays as it is. Threads: any. */
#ifndef REFPOINT_UI_DRAW_FOLD_H
#define REFPOINT_UI_DRAW_FOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

char *fold_text(const char *text); /* the caller's */

/* The same letter by letter, each with where it comes from. */
struct fold_letter {
    uint32_t code;
    uint16_t at; /* byte of the text */
    bool starts; /* a word */
};
struct fold_letters { /* zeroed = empty; free(items) */
    struct fold_letter *items;
    size_t count;
};
void fold_letters_add(struct fold_letters *letters, const char *text);

#endif
