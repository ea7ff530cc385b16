#include "ui/widgets/page_fields.h"

#include <stdlib.h>

#include "core/base/mem.h"

#define LOSS_ROWS 2

static struct page_stop *add_stop(struct page *page, unsigned id, int row, int column, int columns,
                                  enum theme_role role)
{
    page_add_stop(page, &(struct page_stop){.focus = {.id = id},
                                            .row = row,
                                            .column = column,
                                            .columns = columns,
                                            .role = role,
                                            .cursor = columns > 1 ? 1 : 0});
    return &page->stops[page->stop_count - 1];
}

/* A field is seen by its background; where there may be none, by brackets. */
int page_add_text_field(struct page *page, unsigned id, struct line_editor *editor, int row, int column,
                        int columns)
{
    struct line_view shown;
    const char *begin = page->ascii ? "[" : " ";
    const char *end = page->ascii ? "]" : " ";
    line_editor_view(editor, (size_t)columns, page->ascii, &shown);
    page_textf(page, row, column, ROLE_FIELD, "%s%s%*s%s", shown.more_left ? "<" : begin, shown.text,
               columns - (int)shown.columns, "", shown.more_right ? ">" : end);
    add_stop(page, id, row, column, columns + 2, ROLE_FIELD_FOCUSED)->cursor = (int)shown.cursor_column + 1;
    free(shown.text);
    return column + columns + 2;
}

void page_add_loss(struct page *page, const struct line_editor *editor, int column)
{
    CLEANUP_FREE char *loss = line_editor_loss(editor);
    if (loss)
        page_wrap(page, column, LOSS_ROWS, ROLE_WARNING, loss);
}

int page_add_choice(struct page *page, unsigned id, int row, int column, const struct page_choice *choices,
                    size_t count)
{
    for (size_t i = 0; i < count; i++) {
        bool chosen = choices[i].chosen;
        int behind = page_textf(page, row, column, chosen ? ROLE_MARKED : ROLE_NORMAL, "(%c) %s",
                                chosen ? 'o' : ' ', choices[i].word);
        if (chosen)
            add_stop(page, id, row, column, behind - column, ROLE_SELECTED);
        column = behind + (i + 1 < count ? 2 : 0);
    }
    return column;
}

int page_add_tick_box(struct page *page, unsigned id, int row, int column, bool ticked)
{
    page_text(page, row, column, ticked ? ROLE_MARKED : ROLE_NORMAL, ticked ? "[x]" : "[ ]");
    add_stop(page, id, row, column, 3, ROLE_SELECTED);
    return column + 3;
}
