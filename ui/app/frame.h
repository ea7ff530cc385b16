/* Painting what is around every screen: title bar, strip of running jobs, footer (layout.h has
 * where). Threads: any; no curses. */
#ifndef REFPOINT_UI_APP_FRAME_H
#define REFPOINT_UI_APP_FRAME_H

#include "core/job/job.h"
#include "ui/draw/canvas.h"
#include "ui/draw/layout.h"
#include "ui/keys/hint.h"
#include "ui/keys/keymap.h"

struct frame_keys { /* which keys are told */
    const struct keymap *keymap;
    bool text; /* characters are text: only other keys */
};

/* The title bar: the program's name, left and right text and, always, which key shows help. */
void frame_paint_title(const struct canvas *whole, const char *left, const char *right,
                       const struct frame_keys *keys);
/* What the keys do: as many hints as fit, one with a word too long in its action's own, help always. */
void frame_paint_footer(const struct canvas *whole, const struct layout_frame *frame,
                        const struct screen_hint *hints, const struct frame_keys *keys);
/* What the hint in this column of it stands for; ACTION_NONE: there is none. */
enum ui_action frame_footer_action(const struct canvas *whole, const struct screen_hint *hints,
                                   const struct frame_keys *keys, int column);
/* In the footer's place; a long one covers what is above it, for the moment it is there. */
void frame_paint_message(const struct canvas *whole, const struct layout_frame *frame, enum theme_role role,
                         const char *message);
void frame_paint_strip(const struct canvas *whole, const struct layout_frame *frame,
                       const struct job_snapshot *const *jobs, size_t count);
void frame_paint_too_small(const struct canvas *whole);

#endif
