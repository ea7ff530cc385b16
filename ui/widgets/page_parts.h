/* What pages are made of: refusals, labelled facts, buttons, commands. Threads: any. */
#ifndef REFPOINT_UI_WIDGETS_PAGE_PARTS_H
#define REFPOINT_UI_WIDGETS_PAGE_PARTS_H

#include "core/base/error.h"
#include "ui/draw/page.h"
#include "ui/widgets/command_line.h"
#include "ui/widgets/facts.h"

/* A refusal or failure (problem.h) and, beneath, what to do next; the words stand two columns further than
 * the "!". */
void page_add_problem(struct page *page, int column, const struct error *err);
/* " Label     text", wrapped under itself from `column` on. */
void page_add_fact(struct page *page, const char *label, int column, enum theme_role role, const char *text);
void page_add_factf(struct page *page, const char *label, int column, enum theme_role role,
                    const char *format, ...) __attribute__((format(printf, 5, 6)));
/* All of them, in as many rows as they take. */
void page_add_facts(struct page *page, int column, const struct facts *facts);
/* "< text >" with a stop of its own; disabled: none may press it now. The column behind it. */
int page_add_button(struct page *page, int row, int column, unsigned id, const char *text, bool disabled);
/* The command that does the same, in a section of its own, in at most `limit` rows. */
void page_add_command(struct page *page, int limit, const struct command_line *line);

#endif
