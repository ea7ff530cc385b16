/* Lines of a label and a text: what a finished job, a failed one or a point is shown as. Wrapped to the width
 * at hand, scrolled by rows, copied as text. Ownership: facts_clear; zeroed is empty. Threads: one at a time.
 */
#ifndef REFPOINT_UI_WIDGETS_FACTS_H
#define REFPOINT_UI_WIDGETS_FACTS_H

#include "ui/draw/canvas.h"
#include "ui/keys/key.h"
#include "ui/widgets/command_line.h"

struct fact {
    const char *label; /* a constant: "What", "Next"; "" beneath another */
    char *text;        /* NULL: a command, to be wrapped as one */
    struct command_line command;
    enum theme_role role;
};

struct facts {
    struct fact *items;
    size_t count;
    int top;     /* first visible row */
    int total;   /* rows at the width of the last facts_fit */
    int visible; /* of them */
};

void facts_clear(struct facts *facts); /* keeps the place */
/* Takes text. Where lists and lines must replace a character of it ("?": terminals disagree on its width),
 * all of it stands beneath, spelled (cells.h). */
void facts_add(struct facts *facts, enum theme_role role, const char *label, char *text);
void facts_addf(struct facts *facts, enum theme_role role, const char *label, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The words of a command, unquoted; ends with NULL. */
void facts_add_command(struct facts *facts, const char *label, const char *const *words);

void facts_fit(struct facts *facts, int rows, int columns, bool ascii);
/* Where scrolling by an action leads: rows top..top+visible, of which the top one is at most `last`. */
int facts_target(enum ui_action action, int top, int visible, int last);
bool facts_move(struct facts *facts, enum ui_action action); /* false: not a move, or it was there */
void facts_paint(const struct facts *facts, const struct canvas *canvas);
/* All of it, a line for each: escaped, as it will be pasted somewhere. The caller's. */
char *facts_text(const struct facts *facts);

#endif
