/* The theme where the operator has chosen none: dark or light, by the terminal's background.
 *
 * The terminal is asked at the start, and the first picture waits for the answer, for at most 100 ms; where
 * none comes, COLORFGBG tells ("15;0": the last number is the background's), and where nothing does the
 * neutral theme stays. Not asked: a console or a VT, which have no such question, a terminal without colours,
 * and GNU screen, which answers questions out of order. Threads: the one that owns curses. */
#ifndef REFPOINT_UI_APP_BACKGROUND_H
#define REFPOINT_UI_APP_BACKGROUND_H

#include <stdbool.h>
#include <stdint.h>

#include "ui/draw/theme.h"

struct app;

struct background {
    struct theme dark;
    struct theme light;
    int64_t until_ms; /* when the answer is given up */
    bool wanted;      /* no theme was chosen, and both are read */
    bool asked;       /* no answer yet, and it is waited for */
};

/* Reads both themes: before the screen is up. */
void background_prepare(struct app *app);
/* With the terminal and the input there. */
void background_ask(struct app *app);
bool background_is_awaited(const struct app *app);
/* Takes what has come so far. */
void background_settle(struct app *app);

#endif
