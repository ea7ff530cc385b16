/* Changing the theme while the screen is up; saving the file of the one in use does it too. See restyle.c.
 * Threads: the one that owns curses. */
#ifndef REFPOINT_UI_APP_RESTYLE_H
#define REFPOINT_UI_APP_RESTYLE_H

#include <stdbool.h>

#include "ui/draw/theme.h"

struct app;

/* At once. */
void restyle_to(struct app *app, const struct theme *theme);
/* Soon; `keep` makes it the choice in the configuration file. */
void restyle_use(struct app *app, const char *name, bool keep);

/* Readable when a theme of the user's was saved; -1: there is no directory of them. */
int restyle_watch(void);
void restyle_read_watch(struct app *app);

#endif
