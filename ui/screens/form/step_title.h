/* The title of a step of the export: which step, which point. Where there is no room for all of it, the words
 * of the step go first, then the end of the collection's name, with a mark; the point's time stays. Threads:
 * any; no curses. */
#ifndef REFPOINT_UI_SCREENS_FORM_STEP_TITLE_H
#define REFPOINT_UI_SCREENS_FORM_STEP_TITLE_H

#include <stdbool.h>
#include <stddef.h>

struct step_title {
    const char *step;  /* "EXPORT  step 1 of 3: settings" */
    const char *brief; /* "EXPORT 1/3" */
    const char *point; /* "web-prod @ 2026-09-24 02:00 +02:00"; without " @ " it is all name */
};

/* For a screen of so many columns; unescaped; the caller's. */
char *step_title_text(const struct step_title *title, int columns, bool ascii);
/* "web-prod @ 2026-09-24 02:00 +02:00 and 2 more"; the caller's. */
char *step_title_several(const char *point, size_t more);

#endif
