/* The one line that is in the footer's place for a few seconds. Ownership: texts that are put are taken over.
 * Threads: the one that owns curses. */
#ifndef REFPOINT_UI_APP_MESSAGE_H
#define REFPOINT_UI_APP_MESSAGE_H

#include "core/base/guid.h"
#include "ui/draw/theme.h"

struct app;

void message_put(struct app *app, enum theme_role role, char *text);
/* About what a job is about to do; see app_say_of_job. */
void message_put_of_job(struct app *app, const struct guid *job, uint32_t moot, char *text);
/* Takes it back where it is about a job of which it is not true any more. */
void message_take_back(struct app *app);
void message_drop(struct app *app); /* it has been seen */

#endif
