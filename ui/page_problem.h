/* A refusal or failure within a page: "! 32773 Invalid parameter: what: cause." and, beneath, what to do
 * next. Threads: any. */
#ifndef REFPOINT_UI_PAGE_PROBLEM_H
#define REFPOINT_UI_PAGE_PROBLEM_H

#include "core/base/error.h"
#include "ui/page.h"

/* New rows at the end; "!" stands at `column`, the words two columns further. */
void page_add_problem(struct page *page, int column, const struct error *err);

#endif
