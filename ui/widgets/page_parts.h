/* A refusal or failure within a page: "! 32773 Invalid parameter: what: cause." and, beneath, what to do
 * next. Threads: any. */
#ifndef REFPOINT_UI_WIDGETS_PAGE_PARTS_H
#define REFPOINT_UI_WIDGETS_PAGE_PARTS_H

#include "core/base/error.h"
#include "ui/draw/page.h"
#include "ui/widgets/command_line.h"

/* A refusal or failure: "! 32773 Invalid parameter: what: cause" and, beneath, what to do next; the words
 * stand two columns further than the "!". */
void page_add_problem(struct page *page, int column, const struct error *err);
/* The command behind its label, in at most `limit` rows. */
void page_add_command(struct page *page, const char *label, int column, int limit,
                      const struct command_line *line);

#endif
