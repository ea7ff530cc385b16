/* Saving the file of the theme in use restyles the screen at once; see restyle.c. */
#ifndef REFPOINT_UI_APP_RESTYLE_H
#define REFPOINT_UI_APP_RESTYLE_H

struct app;

/* Readable when a theme of the user's was saved; -1: there is no directory of them. */
int restyle_watch(void);
void restyle_read_watch(struct app *app);

#endif
