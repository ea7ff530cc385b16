/* Choosing a file: a directory as a list, the selected file with what it is, and a field for a path with
 * completion. Nothing is opened for writing. Told: files. Threads: the one that owns curses. */
#ifndef REFPOINT_UI_SCREENS_FILES_FILES_H
#define REFPOINT_UI_SCREENS_FILES_FILES_H

#include "ui/app/screen.h"

struct files_request {
    const char *title; /* "Image of web01/vda"; copied */
    /* Where to begin: a directory, or a file, which is then selected; "" the home directory. Copied. */
    const char *start;
    /* Called once, with the path that was chosen, before the screen closes; not where it is left by Esc. */
    void (*chosen)(struct screen *opener, const char *path);
    struct screen *opener; /* it stays beneath */
};

struct screen *files_screen_new(const struct screen_argument *argument);

#endif
