/* A real terminal for tests: the program runs on a pseudo-terminal of fixed size, libvterm interprets what it
 * writes.
 *
 * No sleeps: terminal_sync asks the program, on the test descriptor, and waits until it says that it has
 * consumed all keys sent so far, has no request in flight and has drawn what it knows; terminal_wait_text
 * waits for the program's output. Every function fails the cmocka test, with the screen in the message, after
 * minutes in vain: only what hangs takes that long, however busy the machine is. Threads: one. Ownership:
 * terminal_close ends the program (it must have been told to, or it is killed) and frees. */
#ifndef REFPOINT_TESTS_SCREEN_TERMINAL_H
#define REFPOINT_TESTS_SCREEN_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct terminal;

struct terminal_spec {
    const char *const *argv;
    const char *const *environment; /* "NAME=value" on top of a clean one; NULL-terminated */
    const char *term;               /* NULL = xterm-256color */
    int rows;
    int columns;
    bool silent; /* it answers no question by itself */
};

struct terminal *terminal_open(const struct terminal_spec *spec);
/* Ends it with SIGKILL if it still runs; returns the wait status. */
int terminal_close(struct terminal *terminal);

/* Keys by name, separated by spaces: "e Tab Down Enter Esc Ctrl-L F1 Space BackSpace PgDn"; anything else of
 * one character is that character. */
void terminal_keys(struct terminal *terminal, const char *keys);
/* Each character is one key. UTF-8. */
void terminal_type(struct terminal *terminal, const char *text);
/* The same for ASCII text, as fast as the terminal takes it. */
void terminal_pour(struct terminal *terminal, const char *text);
/* As a terminal sends what is pasted, with its brackets: one key. */
void terminal_paste(struct terminal *terminal, const char *text);
/* What a terminal sends by itself: bytes that are no key. Not waited for. */
void terminal_answer(struct terminal *terminal, const char *bytes);
/* A mouse, at a cell from 0: pressed and released, so many times as fast as can be; or its wheel by one
 * notch. */
void terminal_click(struct terminal *terminal, int row, int column, int times);
void terminal_wheel(struct terminal *terminal, int row, int column, bool down);
/* Where this text stands, first from above. */
void terminal_find(struct terminal *terminal, const char *text, int *row, int *column);
/* What the program has taken for keys is what was sent as keys: nothing more. */
bool terminal_saw_only_keys(struct terminal *terminal);
/* Until the program has written this. */
void terminal_wait_stream(struct terminal *terminal, const char *bytes);
/* Until all keys and resizes sent are consumed, no request is in flight, and the screen is whole: what was
 * waited for with terminal_wait_text may be the first part of a picture. */
void terminal_sync(struct terminal *terminal);
/* The same, until they have had their effect (terminal_sync). */
void terminal_press(struct terminal *terminal, const char *keys);
void terminal_enter(struct terminal *terminal, const char *text);
void terminal_resize(struct terminal *terminal, int rows, int columns);

void terminal_wait_text(struct terminal *terminal, const char *text);
void terminal_wait_no_text(struct terminal *terminal, const char *text);
/* Takes what the program has written, and waits for it at most that long, for what measures: true when there
 * was something, false also at the program's end. */
bool terminal_read(struct terminal *terminal, int patience_ms);
/* As a frozen window does: nobody reads any more, and pictures are asked for until one is stuck. Whatever
 * waits for the program's output reads again. */
void terminal_stall(struct terminal *terminal);
/* The program's end while nobody reads; false: it did not come within that time. */
bool terminal_ends_unread(struct terminal *terminal, int patience_ms);
/* The program's end; the wait status. */
int terminal_wait_end(struct terminal *terminal);
bool terminal_has_text(struct terminal *terminal, const char *text);
/* Rows joined by newlines, trailing blanks cut; the caller's. */
char *terminal_text(struct terminal *terminal);
void terminal_cursor(struct terminal *terminal, int *row, int *column);
/* The row the hardware cursor is on, as text; the caller's. */
char *terminal_cursor_row(struct terminal *terminal);
/* Presses Down until the cursor's row starts like that. */
void terminal_go_to_row(struct terminal *terminal, const char *start);
pid_t terminal_pid(const struct terminal *terminal);
/* Processor time of the program so far, of all its threads. */
long terminal_processor_ms(const struct terminal *terminal);
/* Bytes the program has written to the terminal so far. */
size_t terminal_bytes(const struct terminal *terminal);
/* All that was written, for looking at sequences; borrowed, not NUL-terminated. */
const char *terminal_stream(const struct terminal *terminal, size_t *length);

/* When REFPOINT_SCREENSHOTS names a directory: NAME.svg and NAME.png there. */
void terminal_screenshot(struct terminal *terminal, const char *name);
/* The same of all that is written from now on: NAME.cast. Before the program has begun to draw. */
void terminal_record(struct terminal *terminal, const char *name);

#endif
