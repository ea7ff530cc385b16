/* Keeping a text in a file that the person names: a field at the bottom of a screen, written by a worker. A
 * file that is there is never written over. Threads: the one that owns curses. */
#ifndef REFPOINT_UI_SCREENS_JOB_KEEP_H
#define REFPOINT_UI_SCREENS_JOB_KEEP_H

#include "core/base/error.h"
#include "ui/app/screen.h"
#include "ui/widgets/line_editor.h"

struct keep { /* part of the screen; zeroed: closed */
    bool asking;
    struct line_editor path;
    struct error err; /* why it was not written; code 0: nothing is wrong */
    uint64_t ticket;
};
void keep_clear(struct keep *keep);
void keep_ask(struct keep *keep, const char *path); /* that is proposed */
/* While it asks it has every key; Enter writes what `text` makes, Esc closes. */
typedef char *keep_text(const struct screen *screen);
unsigned keep_key(struct keep *keep, struct screen *screen, const struct key_event *event, keep_text *text);
int keep_rows(const struct keep *keep, int columns, bool ascii); /* 0: closed */
void keep_paint(const struct keep *keep, const struct canvas *canvas);
struct screen_spot keep_cursor(const struct keep *keep, int columns, bool ascii); /* in its own rows */
const struct screen_hint *keep_hints(void);

#endif
