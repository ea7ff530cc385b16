/* A command that does the same as the screen, word by word: to be shown, and to be copied into a shell.
 *
 * Quoting is by text_shell_quote. What a screen could not show as it is (no UTF-8 here, a character that
 * lists replace) is written as $'\xNN', so that what is copied off the screen by hand selects the same too.
 * Threads: one at a time. Ownership: command_line_clear; returned texts are the caller's. */
#ifndef REFPOINT_UI_WIDGETS_COMMAND_LINE_H
#define REFPOINT_UI_WIDGETS_COMMAND_LINE_H

#include <stdbool.h>
#include <stddef.h>

struct command_line { /* zeroed = empty */
    char **words;     /* unquoted */
    size_t count;
};

/* "refpoint" and the options that choose the host; each NULL: it is found without. */
void command_line_begin(struct command_line *line, const char *host, const char *store, const char *config);
void command_line_add(struct command_line *line, const char *word);
void command_line_add_option(struct command_line *line, const char *option, const char *value);
void command_line_clear(struct command_line *line);
/* Quoted, on one line. */
char *command_line_text(const struct command_line *line);
/* Quoted, in lines of at most `columns` that end in " \" between words (an option stays with its value), so
 * that all of them together are the command. At most `limit` lines: where there would be more, the last one
 * ends in "…". Release with cells_free_lines. */
void command_line_wrap(const struct command_line *line, size_t columns, size_t limit, bool ascii,
                       char ***lines, size_t *count);

#endif
