/* A field for a directory in which Tab completes: while that changes the text or lists candidates, otherwise
 * Tab goes on. The screen embeds it. Completing is a worker's; a second Tab does not wait for it.
 *
 * Ownership: path_field_clear. Threads: the one that owns curses. */
#ifndef REFPOINT_UI_SCREENS_PACKAGE_PATH_FIELD_H
#define REFPOINT_UI_SCREENS_PACKAGE_PATH_FIELD_H

#include "ui/app/app.h"
#include "ui/widgets/completion.h"
#include "ui/widgets/line_editor.h"

struct path_field {
    struct line_editor editor;
    struct completion candidates;
    bool typed; /* since the focus came */
    uint64_t ticket;
    unsigned (*move_on)(struct screen *screen); /* Tab had nothing to complete */
    void (*changed)(struct screen *screen);     /* the text is another; NULL: nobody asks */
};

void path_field_clear(struct path_field *field);
/* Candidates are not shown any more; what is being completed does not matter. */
void path_field_forget(struct path_field *field, struct app *app);
bool path_field_lists(const struct path_field *field); /* there are candidates to show */
/* Characters and editing keys; false: it is another key. */
bool path_field_edit(struct path_field *field, struct screen *screen, const struct key_event *event);
unsigned path_field_tab(struct path_field *field, struct screen *screen);
/* One line of names; the caller's. */
char *path_field_candidates(const struct path_field *field, bool ascii);
/* What was typed as an absolute path; the caller's, "" while nothing was. */
char *path_field_path(const struct path_field *field);

#endif
