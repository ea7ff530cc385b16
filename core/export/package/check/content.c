#include "core/export/package/check/content.h"

#include <fcntl.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/export/copy/content.h"
#include "core/export/copy/window_digest.h"
#include "core/export/plan/plan.h"
#include "core/job/halt.h"
#include "core/job/workers.h"

static bool passed(void *context, uint64_t bytes)
{
    return package_progress_step(context, bytes);
}

/* The clusters that count are those that an export would copy: of a difference, what the image itself holds.
 */
static bool plan_own(const struct package_disk *disk, const struct package_chain *chain, struct halt *halt,
                     struct run_list *runs, struct error *err)
{
    struct plan_totals totals;
    struct plan_spec plan = {.layers = chain->layers,
                             .layer_count = chain->count,
                             .base_layer = 1,
                             .differential = disk->differential,
                             .base_virtual_size = disk->virtual_size,
                             .virtual_size = disk->virtual_size,
                             .label = disk->file,
                             .halt = halt};
    return plan_disk(&plan, runs, NULL, &totals, err);
}

static bool read_again(const struct package_disk *disk, const struct package_chain *chain, struct halt *halt,
                       struct package_progress *progress, const struct run_list *runs,
                       const struct spool *digests, char digest[DISK_DIGEST_TEXT], struct error *err)
{
    struct source *source;
    struct source_nbd_spec spec = {.layers = chain->layers,
                                   .layer_count = chain->count,
                                   .readers = workers_count(),
                                   .label = disk->file,
                                   .halt = halt};
    if (!source_nbd_open(&spec, &source, err))
        return false;
    struct content_spec content = {.source = source,
                                   .runs = runs,
                                   .digests = digests,
                                   .passed = passed,
                                   .context = progress,
                                   .halt = halt,
                                   .workers = spec.readers};
    bool ok = content_digest_make(&content, digest, err);
    if (!ok && !halt_is_asked(halt))
        source->ops->explain(source, err);
    source->ops->close(source);
    return ok;
}

bool package_content_check(const struct package_disk *disk, const struct package_chain *chain,
                           const char *label, struct package_progress *progress,
                           struct package_problems *problems, struct error *err)
{
    struct halt halt = {.job = progress->job};
    struct run_list runs = {0};
    struct spool digests = {.fd = -1};
    struct error failure = {0};
    char digest[DISK_DIGEST_TEXT];
    if (!disk->data_xxh3)
        return true;
    if (!spool_open(&digests, AT_FDCWD, sizeof(struct window_digest), err))
        return false;
    bool ok = run_list_open(&runs, AT_FDCWD, &failure) && plan_own(disk, chain, &halt, &runs, &failure) &&
              read_again(disk, chain, &halt, progress, &runs, &digests, digest, &failure);
    run_list_close(&runs);
    spool_close(&digests);
    if (!ok && halt_is_cancelled(&halt))
        return halt_cancelled(err);
    if (!ok) {
        CLEANUP_FREE char *why = error_text(&failure);
        package_problems_add(problems, disk->file, "%s%s cannot be read: %s", label, disk->file, why);
    } else if (strcmp(digest, disk->data_xxh3) != 0) {
        package_problems_add(problems, disk->file,
                             "%s%s does not read what was read at the point: its data_xxh3 is not the "
                             "recorded one",
                             label, disk->file);
    }
    return true;
}
