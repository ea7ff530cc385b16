/* The title of a step of the export: what is exported, and which step. Where there is no room for all of it,
 * the words of the step go first, then the end of what is exported, with a mark. Threads: any; no curses. */
#ifndef REFPOINT_UI_SCREENS_FORM_STEP_TITLE_H
#define REFPOINT_UI_SCREENS_FORM_STEP_TITLE_H

#include <stdbool.h>
#include <stddef.h>

struct step_title {
    const char *subject; /* "web-prod @ tuesday" */
    const char *number;  /* "1 of 3" */
    const char *word;    /* "settings" */
};

/* "Export   web-prod @ tuesday   1 of 3 settings", for a screen of so many columns; unescaped; the caller's.
 */
char *step_title_text(const struct step_title *title, int columns, bool ascii);
/* "web-prod @ 2026-09-24 02:00 +02:00 and 2 more"; the caller's. */
char *step_title_several(const char *point, size_t more);

#endif
