/* Text in terminal columns: names, paths and messages that other people wrote, fitted into a given width.
 *
 * What comes out is safe to send to a terminal: controls and broken UTF-8 are escaped (text_escape), grapheme
 * clusters are kept whole, and every cluster has a width that terminals, ncurses and the C library agree on.
 * What they are known to disagree on (emoji newer than 2016, ZWJ, VS16 and flag sequences, piles of combining
 * marks, a mark on nothing) is shown as "?": a list whose columns slip hides more than one character. The
 * C library's opinion is that of LC_CTYPE, which is ncurses' too; without a UTF-8 locale use `ascii`.
 *
 * No curses here. Units: columns. Threads: any. Returned strings are the caller's. */
#ifndef REFPOINT_UI_DRAW_CELLS_H
#define REFPOINT_UI_DRAW_CELLS_H

#include <stdbool.h>
#include <stddef.h>

/* One grapheme cluster of a source text and how it is shown. */
struct cells_piece {
    size_t bytes; /* of the source; 0 at its end */
    size_t columns;
    char shown[80]; /* NUL-terminated */
};

/* The piece that begins at `text`. ascii: everything else is escaped as \u{NNNN}. */
void cells_next_piece(const char *text, bool ascii, struct cells_piece *piece);

/* The last place not after `position` where a piece begins or the text ends. Reads the piece around it and no
 * more, however long the text is. position: at most the text's length. */
size_t cells_boundary(const char *text, size_t position);

/* All of it, safe, whatever its width. */
char *cells_safe(const char *text, bool ascii);
/* The same with the code points of what is shown as "?" only because terminals disagree on it; NULL: there is
 * nothing of the kind in it. */
char *cells_spelled(const char *text);
/* Columns of all of it, as cells_safe would show it. */
size_t cells_width(const char *text, bool ascii);

enum cells_align { CELLS_LEFT, CELLS_RIGHT };
enum cells_cut {
    CELLS_CUT_END,    /* "long na…" */
    CELLS_CUT_MIDDLE, /* "/backup/…/web": for paths, whose ends tell most */
    CELLS_CUT_START   /* "…ckup/web" */
};

struct cells_format {
    size_t columns;
    enum cells_align align;
    enum cells_cut cut;
    bool ascii;  /* ".." instead of "…", escapes instead of characters */
    bool no_pad; /* as short as it is; otherwise exactly `columns` wide */
};
char *cells_fit(const char *text, const struct cells_format *format);

/* Breaks at blanks (inside a word only where it alone is too long) into lines of at most `columns`. At most
 * `limit` lines; where there would be more, the last one ends in "…". *lines and each line are the caller's:
 * cells_free_lines. An empty text has no lines. */
void cells_wrap(const char *text, size_t columns, size_t limit, bool ascii, char ***lines, size_t *count);
void cells_free_lines(char **lines, size_t count);

#endif
