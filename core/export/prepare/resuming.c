#include "core/export/prepare/resuming.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/export/package/path.h"
#include "core/export/prepare/plan_key.h"
#include "core/system/fs.h"

#define ANEW                                                                                                 \
    "Nothing was changed. Start the job from the beginning (`refpoint job resume --anew`), or discard it."

bool resuming_is_possible(const struct export_task *task)
{
    return plan_key_is_possible(task);
}

static const char *base_of(const struct prepared *prepared)
{
    return prepared->has_base ? prepared->base.packages[0].record_sha256 : "";
}

bool resuming_terms(const struct prepared *prepared, const struct guid *job,
                    struct package_ledger_terms *terms)
{
    struct kept_key key;
    *terms = (struct package_ledger_terms){.job = *job};
    if (!plan_key_make_lasting(prepared, &key))
        return false;
    text_copy_cut(terms->request, sizeof terms->request, key.request);
    text_copy_cut(terms->layers, sizeof terms->layers, key.layers);
    text_copy_cut(terms->base, sizeof terms->base, base_of(prepared));
    return true;
}

/* Room that it has already. */
static uint64_t bytes_of(int directory, const struct prepared *prepared)
{
    uint64_t total = 0;
    CLEANUP_FD int fd = -1;
    struct error ignored = {0};
    if (!fs_open_directory(directory, prepared->begun.partial, &fd, &ignored))
        return 0;
    for (size_t i = 0; i < prepared->layout.disk_count; i++) {
        struct stat status;
        if (package_path_stat(fd, prepared->layout.disks[i].file, &status, &ignored))
            total += (uint64_t)status.st_blocks * 512;
    }
    return total;
}

static bool check(const struct prepared *prepared, struct error *err)
{
    const struct package_ledger_terms *then = &prepared->begun.terms;
    struct package_ledger_terms now;
    if (!resuming_terms(prepared, &then->job, &now))
        return error_set(err, RETURN_FAILED, "export.layer", "the files that are read cannot be looked at");
    if (strcmp(then->base, now.base) != 0) {
        error_set(err, RETURN_INVALID_STATE, "export.base-changed",
                  "the base package is not the one that this export began with");
        error_cause(err, "%s", prepared->has_base ? prepared->base.packages[0].path : "there is none now");
        return error_next(err, ANEW);
    }
    if (strcmp(then->layers, now.layers) != 0) {
        error_set(err, RETURN_INVALID_STATE, "export.source-changed",
                  "the files that this export reads are not what they were when it began");
        error_cause(err, "what has been copied may not belong to what would be copied now");
        return error_next(err, ANEW);
    }
    return true;
}

bool resuming_look(struct prepared *prepared, struct error *err)
{
    const struct export_task *task = prepared->task;
    CLEANUP_FD int directory = -1;
    if (guid_is_none(&task->resumed_job) || !resuming_is_possible(task))
        return true;
    if (!fs_open_directory(AT_FDCWD, task->directory, &directory, err))
        return false;
    prepared->begun.partial = package_ledger_find(directory, &task->resumed_job, &prepared->begun.terms);
    if (!prepared->begun.partial)
        return true;
    prepared->bytes_available += bytes_of(directory, prepared);
    return check(prepared, err);
}

bool resuming_fits(const struct prepared *prepared)
{
    struct package_ledger_terms now;
    const struct package_ledger_terms *then = &prepared->begun.terms;
    return prepared->begun.partial && resuming_terms(prepared, &then->job, &now) &&
           strcmp(then->request, now.request) == 0 && strcmp(then->layers, now.layers) == 0 &&
           strcmp(then->base, now.base) == 0;
}
