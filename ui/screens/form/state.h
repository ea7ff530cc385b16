/* The export form's screen from the inside: what the screen itself, its keys (keys.c), what it reads (load.c)
 * and what it asks workers (asking.c) share. Threads: the one that owns curses. */
#ifndef REFPOINT_UI_SCREENS_FORM_STATE_H
#define REFPOINT_UI_SCREENS_FORM_STATE_H

#include "ui/app/app.h"
#include "ui/screens/form/view_page.h"

struct asking { /* checks of one kind */
    int in_flight;
    int64_t since_ms;
    uint64_t revision; /* of the form, when the last one was asked for */
    uint64_t ticket;
};

struct form_screen {
    struct screen screen;
    struct object_path path;
    char *collection_name;
    struct guid *also;
    size_t also_count;
    bool failed; /* to load */
    struct error load_error;
    struct export_form *form; /* NULL: not loaded yet */
    struct export_form_view view;
    struct export_form_view_input input;
    int scroll;
    struct completion candidates;
    uint64_t completion; /* ticket; 0 = none under way */
    bool typed;          /* the focused field was changed since it got the focus */
    bool was_reviewed;   /* since the last look at the world */
    struct asking directory;
    struct asking whole;
};

#endif
