/* A question before something in the store goes: what depends on it is read first, the command that does the
 * same is shown, No has the focus, and a refusal stands above what was asked. What is asked is the screen's
 * that embeds this as its first member.
 *
 * Ownership: question_clear, in the screen's close. Threads: the one that owns curses. */
#ifndef REFPOINT_UI_SCREENS_QUESTION_QUESTION_H
#define REFPOINT_UI_SCREENS_QUESTION_QUESTION_H

#include "ui/app/app.h"
#include "ui/widgets/form_page.h"
#include "ui/widgets/page_parts.h"

#define QUESTION_LABEL_COLUMNS 11

struct question;

struct question_words {
    const char *heading; /* "Remove this machine?" */
    const char *yes;     /* of the button */
    const char *busy;    /* in its place meanwhile */
    const char *reading; /* before what depends on it is known */
    const char *left;    /* said when it is left while the host is at it */
    /* Posts work: its `done` calls question_is_read, or question_is_answered, which return its effects. */
    void (*read)(struct question *question);
    void (*act)(struct question *question);
    void (*tell)(const struct question *question, struct page *page); /* the facts, once they are read */
};

struct question {
    struct screen screen;
    const struct question_words *words;
    bool is_read;
    bool busy;
    struct error read_error;
    struct error refusal;
    struct command_line command;
    struct form_page page;
};

/* err: NULL = it was read; command: then, the words behind the program's, which end with NULL. */
unsigned question_is_read(struct question *question, const struct error *err, const char *const *command);
/* err: NULL = done, and the screen has said so. */
unsigned question_is_answered(struct question *question, const struct error *err);
void question_clear(struct question *question);

/* For the screen's table. */
void question_open(struct screen *screen);
unsigned question_key(struct screen *screen, const struct key_event *event);
bool question_holds_key(const struct screen *screen, const struct key_event *event);
void question_recalc(struct screen *screen, int rows, int columns);
void question_repaint(const struct screen *screen, const struct canvas *body);
struct screen_spot question_cursor(const struct screen *screen);
const struct screen_hint *question_hints(const struct screen *screen);

#endif
