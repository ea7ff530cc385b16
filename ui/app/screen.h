/* A screen: a const table of functions and its own state, on a stack (style.md, "Absorb" 3 to 5).
 *
 * A concrete screen embeds `struct screen` as its first member; its constructor (browse_screen_new(...), in
 * the table of screens) makes it, app_open puts it on the stack and hands it over. Per turn of the loop:
 * handlers (key, tick, result) change state and return effects; then, if anything asked for it, recalc (state
 * to lines, no terminal) → repaint (lines to canvas) → cursor → one flush. Handlers never draw, never block,
 * never run a loop of their own: a dialog is a screen with `overlay`.
 *
 * The frame around a screen (title line, strip of running jobs, footer with keys) is the app's: the canvas a
 * screen gets is the body between them. Threads: the one that owns curses. */
#ifndef REFPOINT_UI_APP_SCREEN_H
#define REFPOINT_UI_APP_SCREEN_H

#include "core/base/guid.h"
#include "core/base/strbuf.h"
#include "core/base/units.h"
#include "ui/app/screen_table.h"
#include "ui/draw/canvas.h"
#include "ui/keys/hint.h"
#include "ui/keys/key.h"
#include "ui/keys/pointer.h"

struct app;
struct screen;

enum screen_effect {
    EFFECT_NONE = 0,
    EFFECT_REDRAW = 1 << 0,
    EFFECT_CLOSE = 1 << 1,     /* take this screen off the stack */
    EFFECT_UNHANDLED = 1 << 2, /* the app may act on it: help, jobs, redraw, back, quit */
};

/* Where the hardware cursor goes, in the body's coordinates: always on the focused row. */
struct screen_spot {
    int row;
    int column;
};

/* Where the first screen is to go. */
struct place_to_go {
    struct guid collection; /* none: nowhere */
    struct guid point;      /* none: the collection itself */
    enum ui_action action;  /* to be done there; ACTION_NONE */
};

/* A collection, or a point of one, as the first screen knows it. Borrowed while it is told. */
struct told_object {
    const struct guid *collection;
    const struct guid *point; /* NULL: the collection itself */
    const char *name;
    const char *collection_name;
    struct moment created; /* of the point */
};
struct told_objects {
    void (*add)(void *context, const struct told_object *object);
    void *context;
};

struct screen_ops {
    const char *name; /* title of its help: "Browse" */
    bool overlay;     /* the screen beneath stays visible */
    bool scrolls;     /* up and down walk through a list or a text: so does a wheel */
    /* On the stack for the first time: asks for what it shows. NULL allowed, as for all but key, recalc,
     * repaint, cursor, title, hints, close. */
    void (*open)(struct screen *screen);
    /* Releases everything, the screen itself too. Work it posted is forgotten by the app. */
    void (*close)(struct screen *screen);
    /* On top again, after what was above it closed. */
    unsigned (*uncovered)(struct screen *screen);
    /* The body has another size now; recalc follows. */
    void (*resize)(struct screen *screen, int rows, int columns);
    void (*theme_changed)(struct screen *screen);
    unsigned (*key)(struct screen *screen, const struct key_event *event); /* enum screen_effect flags */
    /* Pointed at with a mouse: focuses and selects what is there, for a wheel the pane alone; what follows
     * from it (moving, opening) comes as an action. EFFECT_UNHANDLED: nothing is there. NULL: clicks mean
     * nothing. */
    unsigned (*point)(struct screen *screen, const struct pointer_event *event);
    /* Not ready for this key: the app keeps it, and presses it when the screen is. NULL: always ready. */
    bool (*holds_key)(const struct screen *screen, const struct key_event *event);
    /* Once a second, with the turn's clock (app_now_ms). Redraw only when something shown changed. */
    unsigned (*tick)(struct screen *screen);
    /* The app's list of jobs changed (app_jobs). */
    unsigned (*jobs_changed)(struct screen *screen);
    /* It shows this job itself: the strip need not. */
    bool (*shows_job)(const struct screen *screen, const struct guid *job);
    void (*recalc)(struct screen *screen, int rows, int columns);
    void (*repaint)(const struct screen *screen, const struct canvas *body);
    struct screen_spot (*cursor)(const struct screen *screen);
    /* Left part of the title line; and what stands at its right before "? help" (NULL: nothing). */
    void (*title)(const struct screen *screen, struct strbuf *left, struct strbuf *right);
    const struct screen_hint *(*hints)(const struct screen *screen);
    /* Of the first screen alone: it goes there, and what there is to go to. */
    unsigned (*go)(struct screen *screen, const struct place_to_go *place);
    void (*tell_objects)(const struct screen *screen, struct told_objects *objects);
    /* A text field has the keys: characters are text, and only other keys are told. NULL: never. */
    bool (*takes_text)(const struct screen *screen);
};

struct screen {
    const struct screen_ops *ops;
    struct app *app; /* this and the next are set by app_open */
    enum screen_id id;
};

#endif
