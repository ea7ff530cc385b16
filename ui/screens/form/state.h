/* The export form's screen from the inside, for its parts only: the screen itself (export_form_screen.c), its
 * keys (export_form_keys.c) and what it asks workers (export_form_asking.c). Threads: the one that owns
 * curses. */
#ifndef REFPOINT_UI_SCREENS_FORM_STATE_H
#define REFPOINT_UI_SCREENS_FORM_STATE_H

#include "ui/app/app.h"
#include "ui/screens/form/view.h"

struct asking { /* checks of one kind */
    int in_flight;
    int64_t since_ms;
};

struct form_screen {
    struct screen screen;
    struct object_path path;
    char *collection_name;
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

/* Asks what the form wants to know and is not being asked yet. */
void form_screen_ask(struct form_screen *self);
void form_screen_create_directory(struct form_screen *self);
void form_screen_open_review(struct form_screen *self);
unsigned form_screen_tick(struct screen *screen);

bool form_screen_takes_text(const struct form_screen *self);   /* a text field has the focus */
bool form_screen_is_on_button(const struct form_screen *self); /* what Enter presses */
unsigned form_screen_key(struct screen *screen, const struct key_event *event);
void form_screen_load(struct form_screen *self);

#endif
