#include "ui/widgets/page_parts.h"

#include <stdarg.h>

#include "core/base/mem.h"
#include "ui/draw/cells.h"
#include "ui/widgets/problem.h"

#define HEAD_ROWS 4
#define NEXT_ROWS 3
#define FACT_ROWS 6
#define ALL_ROWS 1000

void page_add_problem(struct page *page, int column, const struct error *err)
{
    CLEANUP_FREE char *head = problem_sentence(METHOD_EXPORT_REFERENCE_POINT, err);
    int row = page->rows;
    page_wrap(page, column + 2, HEAD_ROWS, ROLE_ERROR, head);
    page_text(page, row, column, ROLE_ERROR, "!");
    page_wrap(page, column + 2, NEXT_ROWS, ROLE_NORMAL, err->next);
}

void page_add_command(struct page *page, int limit, const struct command_line *line)
{
    char **lines = NULL;
    size_t count = 0;
    int room = page->columns > 2 * PAGE_MARGIN ? page->columns - 2 * PAGE_MARGIN : 1;
    page_heading(page, "Same as", "");
    command_line_wrap(line, (size_t)room, (size_t)(limit > 0 ? limit : 0), page->ascii, &lines, &count);
    for (size_t i = 0; i < count; i++)
        page_text(page, page_add_row(page), PAGE_MARGIN, ROLE_DIM, lines[i]);
    cells_free_lines(lines, count);
    page_end_section(page);
}

void page_add_fact(struct page *page, const char *label, int column, enum theme_role role, const char *text)
{
    int row = page->rows;
    page_wrap(page, column, FACT_ROWS, role, text);
    if (page->rows > row)
        page_text(page, row, PAGE_MARGIN, ROLE_DIM, label);
}

void page_add_factf(struct page *page, const char *label, int column, enum theme_role role,
                    const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    CLEANUP_FREE char *text = mem_vformat(format, arguments);
    va_end(arguments);
    page_add_fact(page, label, column, role, text);
}

void page_add_facts(struct page *page, int column, const struct facts *facts)
{
    for (size_t i = 0; i < facts->count; i++) {
        const struct fact *fact = &facts->items[i];
        int row = page->rows;
        CLEANUP_FREE char *command = fact->text ? NULL : command_line_text(&fact->command);
        page_wrap(page, column, ALL_ROWS, fact->role, fact->text ? fact->text : command);
        if (page->rows == row)
            page_add_row(page);
        page_text(page, row, PAGE_MARGIN, ROLE_DIM, fact->label);
    }
}

int page_add_button(struct page *page, int row, int column, unsigned id, const char *text, bool disabled)
{
    int behind = page_textf(page, row, column, disabled ? ROLE_DISABLED : ROLE_BUTTON, "< %s >", text);
    page_add_stop(page, &(struct page_stop){.focus = {.id = id},
                                            .row = row,
                                            .column = column,
                                            .columns = behind - column,
                                            .role = ROLE_BUTTON_FOCUSED,
                                            .cursor = 2});
    return behind;
}
