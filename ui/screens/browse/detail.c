#include "ui/screens/browse/detail.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "ui/app/data/chain.h"
#include "ui/draw/cells.h"

#define PACKAGES_SHOWN 3

struct detail_task {
    struct host *host;
    struct object_path path;
    struct reference_point point;
    bool ok;
};

static void task_run(void *argument)
{
    struct detail_task *task = argument;
    struct error ignored = {0}; /* the point's own screen says why */
    task->ok = task->host->ops->read_point(task->host, &task->path, &task->point, &ignored);
}

static unsigned task_done(struct screen *screen, void *argument)
{
    struct browse *browse = (struct browse *)screen;
    struct detail_task *task = argument;
    browse->detail.ticket = 0;
    reference_point_clear(&browse->detail.whole);
    if (task->ok) {
        browse->detail.whole = task->point;
        task->point = (struct reference_point){0};
    }
    browse_detail_ask(browse); /* the selection may have moved on */
    return EFFECT_REDRAW;
}

static void task_release(void *argument)
{
    struct detail_task *task = argument;
    reference_point_clear(&task->point);
    free(task);
}

void browse_detail_ask(struct browse *browse)
{
    static const struct work_ops ops = {.run = task_run, .done = task_done, .release = task_release};
    const struct reference_point *point = browse_point(browse);
    struct browse_detail *detail = &browse->detail;
    if (!point || detail->ticket || guid_equal(&detail->point, &point->id))
        return;
    struct app *app = browse->screen.app;
    struct detail_task *task = mem_alloc(sizeof *task);
    task->host = app_host(app);
    task->path = (struct object_path){.point_id = point->id, .collection_id = point->collection_id};
    detail->point = point->id;
    detail->ticket = app_post(app, &browse->screen, &ops, task);
}

void browse_detail_forget(struct browse *browse)
{
    browse->detail.point = (struct guid){0};
}

void browse_detail_clear(struct browse_detail *detail)
{
    free(detail->name);
    facts_clear(&detail->facts);
    reference_point_clear(&detail->whole);
    *detail = (struct browse_detail){0};
}

static struct facts *begin(struct browse *browse, const char *name)
{
    free(browse->detail.name);
    browse->detail.name = mem_strdup(name);
    facts_clear(&browse->detail.facts);
    browse->detail.facts.top = 0;
    return &browse->detail.facts;
}

static char *when_text(struct moment moment, struct moment now)
{
    char time[32];
    char offset[16];
    char age[32];
    moment_format_list(moment, true, time, sizeof time);
    moment_format_offset(moment, offset, sizeof offset);
    moment_format_age(moment, now, age, sizeof age);
    return mem_format("%s %s (%s)", time, offset, age);
}

/* --- a collection --- */

static void tell_newest(const struct browse *browse, const struct catalogue_row *collection,
                        struct facts *facts)
{
    const struct overview_row *overview = overview_find(&browse->overview, &collection->id);
    if (!overview)
        return;
    if (guid_is_none(&overview->newest)) {
        facts_addf(facts, ROLE_WARNING, "Points", "none yet: nothing of it can be exported");
        return;
    }
    CLEANUP_FREE char *when = when_text(overview->created, app_now(browse->screen.app));
    facts_addf(facts, ROLE_NORMAL, "Points", "%zu, the newest of %s", overview->points, when);
    struct safety safety = safety_of(&browse->exported, &overview->newest, browse->exported_known);
    if (safety.package)
        facts_addf(facts, safety.role, "Exported", "%s, %s", safety.package->path,
                   exported_state_word(safety.package->state));
    else if (browse->exported_known)
        facts_addf(facts, ROLE_WARNING, "Exported", "the newest point is not, as far as is known here");
}

static void tell_collection(struct browse *browse, const struct catalogue_row *collection)
{
    struct facts *facts = begin(browse, collection->name);
    char size[32];
    facts_addf(facts, ROLE_NORMAL, "Name", "%s", collection->name);
    if (collection->problem) {
        facts_addf(facts, ROLE_ERROR, "Damaged", "%s", collection->problem);
        facts_addf(facts, ROLE_NORMAL, "Next", "\"refpoint store check\" tells all that is damaged");
        return;
    }
    tell_newest(browse, collection, facts);
    size_format(collection->size, size, sizeof size);
    if (collection->sized)
        facts_addf(facts, ROLE_NORMAL, "Size", "%s in the disks of %zu machine%s", size, collection->machines,
                   collection->machines == 1 ? "" : "s");
    if (collection->missing)
        facts_addf(facts, ROLE_ERROR, "Missing", "%zu of its machines are gone", collection->missing);
    if (collection->damaged)
        facts_addf(facts, ROLE_ERROR, "Damaged", "the records of %zu of its machines", collection->damaged);
    member_states_tell(&collection->states, "Machines", app_is_ascii(browse->screen.app), facts);
}

/* --- a point --- */

static void tell_packages(const struct browse *browse, const struct reference_point *point,
                          struct facts *facts)
{
    struct safety safety = safety_of(&browse->exported, &point->id, browse->exported_known);
    if (!safety.package) {
        if (browse->exported_known)
            facts_addf(facts, ROLE_WARNING, "Packages", "none that is known here");
        return;
    }
    for (size_t i = 0; i < safety.packages && i < PACKAGES_SHOWN; i++) {
        struct export_line line = export_line_of(&safety.package[i], app_now(browse->screen.app));
        facts_add(facts, line.role, i == 0 ? "Packages" : "", line.text);
    }
    if (safety.packages > PACKAGES_SHOWN)
        facts_addf(facts, ROLE_DIM, "", "and %zu more", safety.packages - PACKAGES_SHOWN);
}

static void tell_member(const struct member_point *member, size_t columns, bool first, bool ascii,
                        struct facts *facts)
{
    const struct machine *machine = &member->machine;
    CLEANUP_FREE char *name = member_name_padded(machine->name ? machine->name : "", columns, ascii);
    CLEANUP_STRBUF struct strbuf text = {0};
    char size[32];
    strbuf_addf(&text, "%s ", name);
    for (size_t i = 0; i < member->disk_count; i++) {
        const char *id = member->disks[i].disk_id;
        size_format(member->disks[i].virtual_size, size, sizeof size);
        strbuf_addf(&text, "%s %s %s", i ? "," : "", id ? id : "", size);
    }
    if (machine->settings.cpus)
        strbuf_addf(&text, "; %" PRIu32 " cpu%s", machine->settings.cpus,
                    machine->settings.cpus == 1 ? "" : "s");
    size_format(machine->settings.memory, size, sizeof size);
    if (machine->settings.memory)
        strbuf_addf(&text, ", %s", size);
    facts_addf(facts, ROLE_NORMAL, first ? "Machines" : "", "%s", text.data);
}

static void tell_members(const struct reference_point *whole, bool ascii, struct facts *facts)
{
    size_t columns = 0;
    for (size_t i = 0; i < whole->member_count; i++) {
        const char *name = whole->members[i].machine.name;
        size_t width = name ? cells_width(name, ascii) : 0;
        columns = width > columns ? width : columns;
    }
    for (size_t i = 0; i < whole->member_count; i++)
        tell_member(&whole->members[i], columns, i == 0, ascii, facts);
}

/* Nothing in silence: how much of the machines is not in the point; the point's own screen names each. */
static void tell_left_out(const struct reference_point *whole, struct facts *facts)
{
    size_t count = 0;
    for (size_t i = 0; i < whole->member_count; i++) {
        const struct machine *machine = &whole->members[i].machine;
        count += machine->left_out_count;
        for (size_t f = 0; f < machine->file_count; f++)
            count += machine->files[f].sha256 == NULL;
    }
    if (count > 0)
        facts_addf(facts, ROLE_WARNING, "Not in it",
                   "%zu device%s or file%s of its machines: Enter names them", count, count == 1 ? "" : "s",
                   count == 1 ? "" : "s");
}

static void tell_point(struct browse *browse, const struct reference_point *point)
{
    struct facts *facts = begin(browse, point->name ? point->name : point->id.text);
    const struct reference_point *whole = &browse->detail.whole;
    CLEANUP_FREE char *created = when_text(point->created, app_now(browse->screen.app));
    CLEANUP_FREE char *chain = chain_text(&browse->points, point);
    bool newest = !reference_point_after(&browse->points, point->sequence);
    char size[32];
    facts_addf(facts, ROLE_NORMAL, "Name", "%s", point->name ? point->name : "");
    facts_addf(facts, ROLE_NORMAL, "Created", "%s, %s consistent", created,
               consistency_level_word(point->consistency_level));
    size_format(point->log_size, size, sizeof size);
    if (point->has_associated_log)
        facts_addf(facts, ROLE_NORMAL, "Data", "%s kept, %s based", size,
                   reference_point_type_word(point->type));
    else if (reference_point_log_removed(point->type, point->has_associated_log))
        facts_addf(facts, ROLE_WARNING, "Data",
                   "removed: it cannot be exported any more, but it is still a base");
    facts_addf(facts, ROLE_NORMAL, "Chain", "%s%s", chain, newest ? "; nothing depends on it" : "");
    tell_packages(browse, point, facts);
    if (!guid_equal(&whole->id, &point->id))
        return;
    tell_members(whole, app_is_ascii(browse->screen.app), facts);
    tell_left_out(whole, facts);
}

static void tell_damaged_point(struct browse *browse, const struct damaged_record *point)
{
    struct facts *facts = begin(browse, damaged_record_name(point));
    facts_addf(facts, ROLE_ERROR, "Damaged", "%s", point->problem);
    facts_addf(facts, ROLE_NORMAL, "Next", "\"refpoint store check\" tells all that is damaged");
}

void browse_detail_make(struct browse *browse)
{
    const struct catalogue_row *collection = browse_collection(browse);
    const struct reference_point *point = browse->focus == FOCUS_POINTS ? browse_point(browse) : NULL;
    const struct damaged_record *damaged =
        browse->focus == FOCUS_POINTS ? browse_damaged_point(browse) : NULL;
    if (point)
        tell_point(browse, point);
    else if (damaged)
        tell_damaged_point(browse, damaged);
    else if (collection)
        tell_collection(browse, collection);
    else
        begin(browse, "");
}
