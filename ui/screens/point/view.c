#include "ui/screens/point/view.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "ui/screens/point/facts.h"
#include "ui/widgets/page_parts.h"

#define TEXT_COLUMN 11 /* " Created   " */
#define LINE_ROWS 4

static void add_facts(struct page *page, struct facts *facts)
{
    page_add_facts(page, TEXT_COLUMN, facts);
    facts_clear(facts);
}

static const struct exported_package *packages_of(const struct point_view *view, size_t *count)
{
    return exported_find(view->exported, &view->point->id, count);
}

/* What was not found is not said to be nowhere: somebody may have exported it from elsewhere. */
static const char *without_packages(const struct point_view *view)
{
    return view->exported_known ? "no package of it is known here" : "looking for its packages ...";
}

static void add_exports(struct page *page, const struct point_view *view)
{
    size_t count = 0;
    const struct exported_package *packages = packages_of(view, &count);
    CLEANUP_FREE char *summary =
        count > 0 ? mem_format("%zu package%s", count, count == 1 ? "" : "s") : mem_strdup("");
    page_heading(page, "Exported", summary);
    if (count == 0)
        page_wrap(page, PAGE_MARGIN, LINE_ROWS, view->exported_known ? ROLE_WARNING : ROLE_DIM,
                  without_packages(view));
    for (size_t i = 0; i < count; i++) {
        struct export_line line = export_line_of(&packages[i], view->now);
        page_sign(page, page->rows, PAGE_MARGIN, line.role, line.sign);
        page_wrap(page, PAGE_MARGIN + 2, LINE_ROWS, line.role, line.text);
        free(line.text);
    }
}

void point_view_build(const struct point_view *view, struct page *page)
{
    struct facts facts = {0};
    page_heading(page, "Point", "");
    point_facts_properties(&facts, view->collection, view->point, view->now);
    add_facts(page, &facts);
    add_exports(page, view);
    page_heading(page, "Chain", "");
    point_facts_chain(&facts, view->point, view->all);
    add_facts(page, &facts);
    CLEANUP_FREE char *machines = mem_format("%zu", view->point->member_count);
    page_heading(page, "Machines", machines);
    point_facts_machines(&facts, view->point);
    add_facts(page, &facts);
}

char *point_view_text(const struct point_view *view)
{
    struct facts facts = {0};
    size_t count = 0;
    const struct exported_package *packages = packages_of(view, &count);
    point_facts_properties(&facts, view->collection, view->point, view->now);
    point_facts_chain(&facts, view->point, view->all);
    for (size_t i = 0; i < count; i++)
        facts_add(&facts, ROLE_NORMAL, i == 0 ? "Exported" : "",
                  export_line_of(&packages[i], view->now).text);
    if (count == 0)
        facts_addf(&facts, ROLE_NORMAL, "Exported", "%s", without_packages(view));
    point_facts_machines(&facts, view->point);
    char *text = facts_text(&facts);
    facts_clear(&facts);
    return text;
}
