/* The signs of states: always beside a word, never alone.
 *
 * Source: look.md ("Principles", 5). On a canvas that is ASCII, or of a terminal whose fonts are known not to
 * have them, each is one ASCII character. Threads: any; constant. */
#ifndef REFPOINT_UI_DRAW_SIGNS_H
#define REFPOINT_UI_DRAW_SIGNS_H

#include "ui/draw/canvas.h"

enum sign {
    SIGN_GOOD,
    SIGN_RUNNING,
    SIGN_PAUSED,
    SIGN_WARNING,
    SIGN_BAD,
    SIGN_INTERRUPTED,
    SIGN_ABSENT,
    SIGN_NONE
};

/* What comes after goes to what stands behind it: "->" where there is no arrow. */
const char *sign_arrow(const struct canvas *canvas);
const char *sign_mark(const struct canvas *canvas, enum sign sign); /* one column; SIGN_NONE: a blank */

/* The same without a canvas. */
const char *sign_arrow_among(enum canvas_signs signs);
const char *sign_among(enum canvas_signs signs, enum sign sign);

#endif
