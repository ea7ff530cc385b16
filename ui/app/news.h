/* What jobs and the clock bring to the screens, to the terminal's title and to its bell. Threads: the one
 * that owns curses. */
#ifndef REFPOINT_UI_APP_NEWS_H
#define REFPOINT_UI_APP_NEWS_H

struct app;

/* Calls jobs_changed of every screen on the stack. */
void news_tell_jobs(struct app *app);
/* Calls tick of every screen on the stack, and shows what has waited for it. */
void news_tick(struct app *app);

#endif
