/* The terminal: set-up and restore, styles, and the one flush per turn. Only this module includes curses.
 *
 * Curses is used for what it is good at (what must be sent to make this screen that one); keys are read by
 * input.h. The terminal's palette is never changed; without colours start_color is not even called. While it
 * is open, descriptor 2 is a log file: what libraries write to stderr never reaches the screen. Nothing here
 * waits for a terminal that does not read (outlet.h), but for its end, which waits a moment. Threads: one
 * terminal at a time, the thread that opened it. */
#ifndef REFPOINT_UI_TERMINAL_TERMINAL_H
#define REFPOINT_UI_TERMINAL_TERMINAL_H

#include "core/base/error.h"
#include "ui/draw/canvas.h"
#include "ui/terminal/input.h"

struct terminal;

struct terminal_options {
    bool no_colour;       /* NO_COLOR: no colour sequence at all, whatever the theme */
    bool mouse;           /* ask for its presses, where the terminal knows how */
    const char *log_path; /* where descriptor 2 goes */
};

/* Looks at TERM first; a terminal that cannot be used is refused before anything is sent to it. */
struct terminal *terminal_open(const struct terminal_options *options, struct error *err);
/* Gives the terminal back. False: it does not read, and a sentence to it could be waited for without end. */
bool terminal_close(struct terminal *terminal);

void terminal_size(const struct terminal *terminal, int *rows, int *columns);
/* Asks the system for the size; true when it differs from before. */
bool terminal_update_size(struct terminal *terminal);
void terminal_set_theme(struct terminal *terminal, const struct theme *theme);
/* Makes the terminal show the surface, cursor at that place. Sends only what differs. Not while it is behind:
 * pictures would pile up that nobody will have seen. */
void terminal_show(struct terminal *terminal, const struct canvas_surface *surface, int row, int column);
/* The terminal has not taken all of the last picture yet; terminal_push goes on with it, when there is room
 * (POLLOUT) at terminal_fd. */
bool terminal_is_behind(const struct terminal *terminal);
int terminal_fd(const struct terminal *terminal);
void terminal_push(struct terminal *terminal);
/* Everything is sent again at the next terminal_show. */
void terminal_invalidate(struct terminal *terminal);

/* For job control: gives the terminal back for a while, and takes it again. */
void terminal_suspend(struct terminal *terminal);
void terminal_resume(struct terminal *terminal);

void terminal_teach_keys(const struct terminal *terminal, struct input *input);
/* Asks for the background, and for what every terminal answers right behind it (answers.h). False: this
 * terminal is not known to understand that, and nothing is sent. */
bool terminal_ask_background(struct terminal *terminal, int64_t until_ms);
/* All that was asked has been answered. Until then the terminal is given back only at until_ms, and what came
 * in the meantime is dropped: the shell would take it for typed. */
void terminal_answered(struct terminal *terminal);
/* At most 64 KiB of text; false: this terminal is not known to have a clipboard. */
bool terminal_set_clipboard(struct terminal *terminal, const char *text);
/* Of the window; sent only when it differs from the last one, and only where it is understood. */
void terminal_set_title(struct terminal *terminal, const char *title);
void terminal_bell(struct terminal *terminal);

#endif
