/* What a terminal answers to questions, told from keys.
 *
 * OSC 11 ; ? asks for the background (xterm, "Operating System Commands"); the answer is OSC 11 ; and a
 * colour of X11 (XParseColor(3): rgb:R/G/B of one to four hexadecimal digits each, or #RGB...), to BEL or ST.
 * CSI c (DA1) asked right behind it is answered by nearly every terminal, and in order: when that has come,
 * no colour will. Threads: any, each its own value. Units: a colour's parts from 0 to 65535. */
#ifndef REFPOINT_UI_TERMINAL_ANSWERS_H
#define REFPOINT_UI_TERMINAL_ANSWERS_H

#include <stdbool.h>
#include <stddef.h>

#define ANSWERS_BACKGROUND_QUESTION "\033]11;?\033\\"
#define ANSWERS_END_QUESTION "\033[c"

struct answers {
    unsigned red;
    unsigned green;
    unsigned blue;
    bool background; /* the three are known */
    bool end;        /* what was asked last has been answered */
};

/* Bytes behind ESC: the answer about the background, or the beginning of one, however little. */
bool answers_may_begin(const char *at, size_t left);
/* The same, beyond doubt: "]11;" has come. */
bool answers_has_begun(const char *at, size_t left);
/* A whole string from "]" to its end; true: it was the answer, understood or not. */
bool answers_take_string(struct answers *answers, const char *at, size_t length);
/* A whole CSI sequence from "[" to its final byte; the same. */
bool answers_take_sequence(struct answers *answers, const char *at, size_t length);

#endif
