/* A line of text that is being edited, without curses: the value, the cursor, and what is visible of them.
 *
 * The cursor stands between grapheme clusters (cells.h), so that a key never leaves half a character behind.
 * What is typed or pasted loses its control characters; line_editor_set takes any text (a name that
 * completion found), shown escaped. Ownership: zeroed is valid and empty with no limit; line_editor_clear
 * releases. What a key costs does not grow with the line: beyond moving bytes, only what is around the cursor
 * and visible is looked at. Units: bytes for positions, columns for what is visible. Threads: one at a time.
 */
#ifndef REFPOINT_UI_WIDGETS_LINE_EDITOR_H
#define REFPOINT_UI_WIDGETS_LINE_EDITOR_H

#include <stdbool.h>
#include <stddef.h>

/* What the last key meant to put in and did not. */
struct line_loss {
    size_t line_breaks;
    size_t tabs;
    size_t controls; /* others */
    bool too_long;   /* nothing of it was taken */
};

struct line_editor {
    char *text; /* NULL or NUL-terminated; read it with line_editor_text */
    size_t length;
    size_t cursor;
    size_t limit;  /* most bytes; 0 = none */
    size_t scroll; /* first visible byte */
    size_t room;   /* bytes that text has; the editor's own */
    struct line_loss lost;
};

const char *line_editor_text(const struct line_editor *editor); /* never NULL; borrowed */
void line_editor_clear(struct line_editor *editor);             /* keeps the limit */
/* Replaces all, cut at a character to the limit; the cursor goes to the end. */
void line_editor_set(struct line_editor *editor, const char *text);
/* At the cursor. False: nothing was changed (nothing printable, or over the limit: all or nothing). */
bool line_editor_insert(struct line_editor *editor, const char *text);
/* What it lost of that, in words; NULL: nothing. The caller's. It is over with the next key
 * (line_editor_forget_loss). */
char *line_editor_loss(const struct line_editor *editor);
void line_editor_forget_loss(struct line_editor *editor);

enum line_editor_place {
    LINE_EDITOR_LEFT, /* by one cluster */
    LINE_EDITOR_RIGHT,
    LINE_EDITOR_WORD_LEFT, /* a word ends at blanks and punctuation, "/" above all */
    LINE_EDITOR_WORD_RIGHT,
    LINE_EDITOR_HOME,
    LINE_EDITOR_END
};
/* False: it was there already. */
bool line_editor_move(struct line_editor *editor, enum line_editor_place place);
/* From the cursor to that place: LEFT is Backspace, RIGHT is Delete. False: nothing there. */
bool line_editor_delete(struct line_editor *editor, enum line_editor_place place);

struct line_view {
    char *text;           /* safe, at most `columns` wide; the caller's */
    size_t columns;       /* that it takes */
    size_t cursor_column; /* less than the width asked for */
    bool more_left;
    bool more_right;
};
/* What fits into `columns` (at least 1), scrolled just as far as the cursor asks for. */
void line_editor_view(struct line_editor *editor, size_t columns, bool ascii, struct line_view *view);

#endif
