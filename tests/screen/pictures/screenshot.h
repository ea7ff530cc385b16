/* A terminal's screen as SVG and PNG: the pictures in screenshots/ are made by this from the running program,
 * never drawn by hand. Needs rsvg-convert. Threads: one. */
#ifndef REFPOINT_TESTS_SCREEN_PICTURES_SCREENSHOT_H
#define REFPOINT_TESTS_SCREEN_PICTURES_SCREENSHOT_H

#include <stdbool.h>
#include <vterm.h>

struct screenshot {
    VTermScreen *screen;
    int rows;
    int columns;
    int cursor_row;
    int cursor_column;
};

/* directory/name.svg and directory/name.png, in a window; false with a sentence on stderr. */
bool screenshot_write(const struct screenshot *shot, const char *directory, const char *name);

#endif
