/* A question with buttons, over the screen that asks it. A dialog is a screen: nothing waits for it. The
 * button that changes nothing comes preselected where the others destroy something; Esc is that button.
 * Threads: the one that owns curses. */
#ifndef REFPOINT_UI_SCREENS_DIALOG_DIALOG_H
#define REFPOINT_UI_SCREENS_DIALOG_DIALOG_H

#include "ui/app/screen.h"

#define DIALOG_BUTTONS 4

struct dialog {
    const char *title; /* texts are copied */
    const char *text;
    const char *buttons[DIALOG_BUTTONS]; /* ends with NULL, or is full */
    size_t selected;
    size_t escape; /* what Esc means */
    /* Called once, when the dialog has been answered and is about to close; `screen` is the dialog (for its
     * app). context is released with free. */
    void (*chosen)(struct screen *screen, size_t button, void *context);
    void *context;
};

/* Told: dialog. */
struct screen *dialog_screen_new(const struct screen_argument *argument);

#endif
