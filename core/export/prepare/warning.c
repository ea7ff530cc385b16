#include "core/export/prepare/warning.h"

#include "core/base/mem.h"
#include "core/base/strbuf.h"

static void add_unproven(const struct export_task *task, struct strbuf *text)
{
    for (size_t i = 0; i < task->disk_count; i++) {
        const struct member_point *member = &task->point.members[task->disks[i].member];
        const struct disk_point *disk = &member->disks[task->disks[i].disk];
        if (disk->unproven)
            strbuf_addf(text, "%s%s/%s", text->length ? ", " : "", member->machine.name, disk->disk_id);
    }
    if (text->length)
        strbuf_add(text,
                   ": a layer was taken without a proof (store adopt --unproven): nothing proves that it is "
                   "what was frozen, and the package's record says so");
}

char *export_warning(const struct export_task *task, const struct base_package *base)
{
    struct strbuf text = {0};
    add_unproven(task, &text);
    CLEANUP_FREE char *chain = base ? base_package_warning(base) : NULL;
    if (chain)
        strbuf_addf(&text, "%s%s", text.length ? "; " : "", chain);
    return text.length ? strbuf_take(&text) : NULL;
}
