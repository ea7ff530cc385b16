#include <string.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "ui/draw/parts.h"
#include "ui/screens/files/state.h"
#include "ui/widgets/problem.h"

#define MARGIN 1
#define PATH_ROW 1
#define TITLES_ROW 2
#define LIST_ROW 3
#define DETAIL_ROWS 5 /* heading too */
#define SIZE_COLUMNS 10
#define AGE_COLUMNS 12
#define LABEL_COLUMNS 6

const struct listing_entry *files_selected(const struct files *files)
{
    size_t row = list_view_row(&files->view);
    return row < files->listing.count ? &files->listing.items[row] : NULL;
}

static int list_rows(int rows)
{
    int left = rows - LIST_ROW - DETAIL_ROWS;
    return left > 1 ? left : 1;
}

static int field_columns(int columns)
{
    int room = columns - 2 * MARGIN - LABEL_COLUMNS - 2;
    return room > 1 ? room : 1;
}

void files_recalc(struct screen *screen, int rows, int columns)
{
    struct files *files = (struct files *)screen;
    files->columns = columns;
    list_view_fit(&files->view, list_rows(rows));
}

static void paint_field(const struct files *files, const struct canvas *body)
{
    struct line_editor editor = files->path; /* a picture changes nothing but its copy's scroll */
    struct line_view shown;
    int columns = field_columns(body->columns);
    int at = MARGIN + LABEL_COLUMNS;
    line_editor_view(&editor, (size_t)columns, canvas_is_ascii(body), &shown);
    canvas_text(body, PATH_ROW, MARGIN, ROLE_DIM, "Path");
    canvas_text(body, PATH_ROW, at, ROLE_NORMAL, shown.more_left ? "<" : "[");
    canvas_field(body, PATH_ROW, at + 1, columns, files->in_field ? ROLE_FIELD_FOCUSED : ROLE_FIELD,
                 shown.text);
    canvas_text(body, PATH_ROW, at + 1 + columns, ROLE_NORMAL, shown.more_right ? ">" : "]");
    mem_cleanup_free(&shown.text);
}

static void paint_entry(const struct files *files, const struct canvas *list, int row, size_t position)
{
    const struct listing_entry *entry = &files->listing.items[files->view.shown[position]];
    bool selected = position == files->view.selected;
    enum theme_role role = !selected         ? ROLE_NORMAL
                           : files->in_field ? ROLE_SELECTED_UNFOCUSED
                                             : ROLE_SELECTED;
    int age_at = list->columns - 1 - AGE_COLUMNS;
    int size_at = age_at - 1 - SIZE_COLUMNS;
    bool up = strcmp(entry->name, "..") == 0;
    CLEANUP_FREE char *name = mem_format("%s%s", entry->name, entry->directory ? "/" : "");
    canvas_field(list, row, 0, list->columns, role, selected ? ">" : "");
    canvas_field(list, row, MARGIN, size_at - MARGIN - 1, role, name);
    char text[32];
    if (!entry->directory && entry->known) {
        size_format(entry->size, text, sizeof text);
        part_number(list, row, size_at, SIZE_COLUMNS, role, text);
    }
    if (up || !entry->known)
        return;
    moment_format_ago(entry->modified, app_now(files->screen.app), text, sizeof text);
    part_number(list, row, age_at, AGE_COLUMNS, role, text);
}

static void paint_list(const struct files *files, const struct canvas *body)
{
    const struct list_view *view = &files->view;
    struct canvas list = canvas_part(body, LIST_ROW, 0, list_rows(body->rows), body->columns);
    int age_at = body->columns - 1 - AGE_COLUMNS;
    canvas_text(body, TITLES_ROW, MARGIN, ROLE_COLUMN, "NAME");
    canvas_field_right(body, TITLES_ROW, age_at - 1 - SIZE_COLUMNS, SIZE_COLUMNS, ROLE_COLUMN, "SIZE");
    canvas_field_right(body, TITLES_ROW, age_at, AGE_COLUMNS, ROLE_COLUMN, "CHANGED");
    for (int row = 0; row < list.rows && view->top + (size_t)row < view->count; row++)
        paint_entry(files, &list, row, view->top + (size_t)row);
    struct canvas within = canvas_part(&list, 0, MARGIN, list.rows, list.columns - 2 * MARGIN);
    if (view->count == 0 && files->listing.count > 0)
        canvas_text(&within, 0, 0, ROLE_DIM, "No name matches. Esc clears the filter.");
}

static char *candidates_text(const struct completion *candidates)
{
    struct strbuf text = {0};
    for (size_t i = 0; i < candidates->candidate_count; i++)
        strbuf_addf(&text, "%s%s/", i ? "  " : "", candidates->candidates[i]);
    return strbuf_take(&text);
}

static char *about_selected(const struct files *files)
{
    const struct listing_entry *entry = files_selected(files);
    if (!entry)
        return mem_strdup("");
    if (entry->directory)
        return mem_strdup("a directory: Enter goes into it");
    CLEANUP_FREE char *path = listing_path(&files->listing, list_view_row(&files->view));
    if (!files->look.path || strcmp(files->look.path, path) != 0)
        return mem_strdup("Looking at it ...");
    return file_look_text(&files->look);
}

static void paint_about(const struct files *files, const struct canvas *box)
{
    const struct listing_entry *entry = files_selected(files);
    CLEANUP_FREE char *about = about_selected(files);
    bool bad = entry && !entry->directory && files->look.path &&
               (files->look.problem || (!files->look.usable && !files->look.definition));
    int row = canvas_wrap(box, 0, 0, box->rows, box->columns, bad ? ROLE_WARNING : ROLE_NORMAL, about);
    const char *user = entry && !entry->directory ? file_users_find(&files->users, &files->look) : NULL;
    if (user && row < box->rows)
        canvas_textf(box, row, 0, ROLE_WARNING, "! a machine of this store has it: %s", user);
}

/* What is missing from the list above it, in the heading's other end. */
static char *left_out_text(const struct files *files)
{
    if (files->listing.more)
        return mem_format("only the first %d names", LISTING_ENTRIES);
    return files->listing.hidden ? mem_format("%zu hidden", files->listing.hidden) : mem_strdup("");
}

static void paint_detail(const struct files *files, const struct canvas *body)
{
    int at = LIST_ROW + list_rows(body->rows);
    const struct listing_entry *entry = files_selected(files);
    struct canvas box = canvas_part(body, at + 1, MARGIN, body->rows - at - 1, body->columns - 2 * MARGIN);
    const char *name = files->err.code                     ? "Cannot be shown"
                       : files->candidates.candidate_count ? "Go on with"
                       : entry                             ? entry->name
                                                           : "Nothing here";
    part_heading(body, at, 0, body->columns, &(struct part_heading){.name = name});
    if (files->err.code) {
        problem_paint(&box, 0, METHOD_EXPORT_REFERENCE_POINT, &files->err);
        return;
    }
    if (files->candidates.candidate_count) {
        CLEANUP_FREE char *text = candidates_text(&files->candidates);
        canvas_wrap(&box, 0, 0, box.rows, box.columns, ROLE_INFO, text);
        return;
    }
    if (files->reading)
        canvas_textf(&box, 0, 0, ROLE_DIM, "Reading %s ...  Esc goes back", files->asked);
    else
        paint_about(files, &box);
}

void files_repaint(const struct screen *screen, const struct canvas *body)
{
    const struct files *files = (const struct files *)screen;
    CLEANUP_FREE char *summary = list_view_summary(&files->view);
    CLEANUP_FREE char *left_out = left_out_text(files);
    part_heading(
        body, 0, 0, body->columns,
        &(struct part_heading){.name = files->title,
                               .more = summary,
                               .more_role = list_view_is_filtered(&files->view) ? ROLE_FILTER : ROLE_DIM,
                               .right = left_out,
                               .focused = true});
    paint_field(files, body);
    paint_list(files, body);
    paint_detail(files, body);
}

struct screen_spot files_cursor(const struct screen *screen)
{
    const struct files *files = (const struct files *)screen;
    struct line_editor editor = files->path;
    struct line_view shown;
    if (!files->in_field)
        return (struct screen_spot){.row = LIST_ROW + (int)(files->view.selected - files->view.top)};
    line_editor_view(&editor, (size_t)field_columns(files->columns), app_is_ascii(screen->app), &shown);
    mem_cleanup_free(&shown.text);
    return (struct screen_spot){.row = PATH_ROW,
                                .column = MARGIN + LABEL_COLUMNS + 1 + (int)shown.cursor_column};
}
