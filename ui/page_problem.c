#include "ui/page_problem.h"

#include "core/base/mem.h"
#include "core/model/return_code.h"

#define HEAD_ROWS 4
#define NEXT_ROWS 3

void page_add_problem(struct page *page, int column, const struct error *err)
{
    const char *word = return_code_word(METHOD_EXPORT_REFERENCE_POINT, err->code);
    CLEANUP_FREE char *head = mem_format("%u %s: %s%s%s", (unsigned)err->code, word, err->what,
                                         *err->cause ? ": " : "", err->cause);
    int row = page->rows;
    page_wrap(page, column + 2, HEAD_ROWS, ROLE_ERROR, head);
    page_text(page, row, column, ROLE_ERROR, "!");
    page_wrap(page, column + 2, NEXT_ROWS, ROLE_NORMAL, err->next);
}
