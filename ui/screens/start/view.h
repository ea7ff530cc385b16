/* A demo that is to be made, or a store that is to be opened, as a page. Pure; tested as text. Threads: one
 * at a time. */
#ifndef REFPOINT_UI_SCREENS_START_VIEW_H
#define REFPOINT_UI_SCREENS_START_VIEW_H

#include "core/base/error.h"
#include "ui/screens/start/work.h"
#include "ui/widgets/command_line.h"
#include "ui/widgets/form_page.h"
#include "ui/widgets/line_editor.h"

enum start_field { START_PATH, START_BACK, START_GO };

struct start_view {
    bool demo;
    struct line_editor path;
    const struct completion *candidates;
    struct error refusal;
    bool looked;          /* at the path that is in the field */
    enum store_kind kind; /* of what is there */
    struct error look_err;
    bool busy;
    int64_t busy_seconds;
    char step[DEMO_STEP_BYTES];
    bool stopping;
    struct command_line command;
};

/* What is in the way, for the button; NULL: nothing. */
const char *start_view_missing(const struct start_view *view);
/* Between form_page_begin and _end. */
void start_view_build(struct form_page *page, struct start_view *view);

#endif
