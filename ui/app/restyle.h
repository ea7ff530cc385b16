/* Which theme: the one that suits the terminal, or another while the screen is up; saving the file of the one
 * in use does it too. See restyle.c. Threads: the one that owns curses. */
#ifndef REFPOINT_UI_APP_RESTYLE_H
#define REFPOINT_UI_APP_RESTYLE_H

#include <stdbool.h>
#include <stdint.h>

#include "ui/draw/theme.h"

struct app;

/* Where the operator has chosen no theme: dark or light, as the terminal is. It is asked at the start, and
 * the first picture waits for the answer, for at most 100 ms; where none comes the environment tells, and
 * where that does not either the neutral theme stays. */
struct restyle_suited {
    struct theme dark;
    struct theme light;
    int64_t until_ms; /* when the answer is given up */
    bool wanted;      /* no theme was chosen, and both are read */
    bool asked;       /* and not answered yet */
};
/* Reads both: before the screen is up. */
void restyle_prepare(struct app *app);
/* With the terminal and the input there. */
void restyle_ask(struct app *app);
/* Takes what has come so far, until it is enough. */
void restyle_settle(struct app *app);

/* Readable when a theme of the user's was saved; -1: there is no directory of them. */
int restyle_watch(void);
void restyle_read_watch(struct app *app);

#endif
