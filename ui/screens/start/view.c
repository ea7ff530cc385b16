#include "ui/screens/start/view.h"

#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "core/base/units.h"
#include "ui/widgets/page_fields.h"
#include "ui/widgets/page_parts.h"

#define LABEL_COLUMNS 11
#define COMMAND_ROWS 6
#define REASON_ROWS 4

const char *start_view_missing(const struct start_view *view)
{
    const char *text = line_editor_text(&view->path);
    if (*text == '\0')
        return "Directory is missing";
    if (*text != '/' && *text != '~')
        return "a whole path is needed";
    if (!view->looked)
        return "looking at it";
    if (view->kind == STORE_UNREADABLE)
        return "Directory must be mended";
    if (view->demo)
        return view->kind == STORE_THERE || view->kind == STORE_OTHER ? "Directory must be mended" : NULL;
    return view->kind == STORE_OTHER || view->kind == STORE_UNFINISHED ? "Directory must be mended" : NULL;
}

static void add_reason(struct page *page, enum theme_role role, const char *text)
{
    page_wrap(page, LABEL_COLUMNS, REASON_ROWS, role, text);
}

static void add_look(struct page *page, const struct start_view *view)
{
    const char *text = line_editor_text(&view->path);
    if (*text != '/' && *text != '~') {
        add_reason(page, *text ? ROLE_ERROR : ROLE_DIM,
                   *text ? "! a whole path is needed, from / or ~/ on" : "Tab completes what is typed");
        return;
    }
    if (!view->looked) {
        add_reason(page, ROLE_DIM, "being looked at ...");
        return;
    }
    switch (view->kind) {
    case STORE_THERE:
        add_reason(page, view->demo ? ROLE_ERROR : ROLE_SUCCESS,
                   view->demo ? "! there is a store already: name a directory that does not exist yet"
                              : "there is a store");
        return;
    case STORE_EMPTY:
        add_reason(page, ROLE_NORMAL,
                   view->demo ? "an empty directory" : "an empty directory: a new store begins there");
        return;
    case STORE_ABSENT:
        add_reason(page, ROLE_NORMAL,
                   view->demo ? "does not exist yet: it is made"
                              : "does not exist yet: a new store begins there");
        return;
    case STORE_UNFINISHED:
        add_reason(page, view->demo ? ROLE_NORMAL : ROLE_ERROR,
                   view->demo ? "a demo that was not made to its end: it is replaced"
                              : "! a demo that was not made to its end");
        return;
    case STORE_OTHER:
        add_reason(page, ROLE_ERROR,
                   view->demo ? "! it is not empty: name a directory that does not exist yet"
                              : "! it is no store: there are other files in it. A store has the directories "
                                "machines and collections");
        return;
    default: {
        CLEANUP_FREE char *why = error_text(&view->look_err);
        CLEANUP_FREE char *marked = mem_format("! %s", why);
        add_reason(page, ROLE_ERROR, marked);
    }
    }
}

static void add_candidates(struct page *page, const struct start_view *view)
{
    CLEANUP_STRBUF struct strbuf text = {0};
    if (!view->candidates)
        return;
    for (size_t i = 0; i < view->candidates->candidate_count; i++)
        strbuf_addf(&text, "%s%s/", i ? "  " : "", view->candidates->candidates[i]);
    if (text.length)
        add_reason(page, ROLE_INFO, text.data);
}

static void add_busy(struct page *page, const struct start_view *view)
{
    char time[32];
    duration_format(view->busy_seconds, time, sizeof time);
    page_add_row(page);
    if (!view->demo) {
        page_add_fact(page, "Opening", LABEL_COLUMNS, ROLE_INFO, line_editor_text(&view->path));
        return;
    }
    page_add_factf(page, "At work", LABEL_COLUMNS, ROLE_JOB_RUNNING, "%s  %s", time,
                   view->stopping ? "stopping, and taking away what was made ..."
                   : *view->step  ? view->step
                                  : "beginning ...");
    page_add_fact(page, "", LABEL_COLUMNS, ROLE_DIM,
                  view->stopping ? "Esc goes back; it is taken away all the same"
                                 : "Esc stops it; what was made is then taken away again");
}

void start_view_build(struct form_page *form_page, struct start_view *view)
{
    struct page *page = &form_page->page;
    const char *missing = start_view_missing(view);
    int room = page->columns - LABEL_COLUMNS - 2;
    if (view->refusal.code)
        page_add_problem(page, PAGE_MARGIN, &view->refusal);
    page_add_row(page);
    int row = page_add_row(page);
    page_text(page, row, PAGE_MARGIN, ROLE_DIM, "Directory");
    page_add_text_field(page, START_PATH, &view->path, row, LABEL_COLUMNS, room > 8 ? room : 8);
    page_add_loss(page, &view->path, LABEL_COLUMNS);
    add_candidates(page, view);
    if (view->busy) {
        add_busy(page, view);
    } else {
        add_look(page, view);
        page_add_row(page);
        if (view->demo)
            page_add_fact(page, "Makes", LABEL_COLUMNS, ROLE_NORMAL,
                          "two collections, five machines with real qcow2 images (some hundreds of MiB), and "
                          "points of them. Less than a minute.");
        page_add_fact(page, "Then", LABEL_COLUMNS, ROLE_NORMAL,
                      view->demo ? "its store is shown; the one that is shown now stays as it is"
                                 : "this store is shown; the one that is shown now stays as it is");
    }
    page_add_row(page);
    page_add_command(page, COMMAND_ROWS, &view->command);
    CLEANUP_FREE char *text = view->busy ? mem_strdup(view->demo ? "Making it ..." : "Opening it ...")
                              : missing  ? mem_format("%s: %s", view->demo ? "Make" : "Open", missing)
                                         : mem_strdup(view->demo ? "Make the demo" : "Open the store");
    row = form_page_buttons(form_page);
    int behind = page_add_button(page, row, PAGE_MARGIN, START_BACK, "Back", false);
    page_add_button(page, row, behind + 2, START_GO, text, view->busy || missing);
}
