#include "ui/widgets/page_parts.h"

#include "core/base/mem.h"
#include "core/base/return_code.h"
#include "ui/draw/cells.h"

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

void page_add_command(struct page *page, const char *label, int column, int limit,
                      const struct command_line *line)
{
    char **lines = NULL;
    size_t count = 0;
    int room = page->columns > column ? page->columns - column : 1;
    command_line_wrap(line, (size_t)room, (size_t)(limit > 0 ? limit : 0), page->ascii, &lines, &count);
    for (size_t i = 0; i < count; i++) {
        int row = page_add_row(page);
        page_text(page, row, 0, ROLE_DIM, i == 0 ? label : "");
        page_text(page, row, column, ROLE_DIM, lines[i]);
    }
    cells_free_lines(lines, count);
}
