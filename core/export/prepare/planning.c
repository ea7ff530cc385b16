#include "core/export/prepare/planning.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/export/plan/places.h"
#include "core/export/prepare/plan_key.h"
#include "core/job/workers.h"
#include "core/system/fs.h"

struct walks {
    struct prepared *prepared;
    int directory;      /* for runs; -1 = totals only */
    struct halt *halts; /* one for each disk, so that those in front of a failure go on */
    struct error *errors;
    atomic_size_t next;
    atomic_size_t failed; /* the first disk that has; the number of disks: none */
};

static bool walk_disk(struct walks *walks, size_t index, struct error *err)
{
    struct prepared *prepared = walks->prepared;
    const struct export_disk *from = &prepared->task->disks[index];
    struct prepared_disk *disk = &prepared->disks[index];
    struct halt *halt = &walks->halts[index];
    if (!halt_checkpoint(halt))
        return error_set(err, RETURN_FAILED, "image.stopped", "stopped on request");
    bool keep = walks->directory >= 0;
    if (keep && (!run_list_open(&disk->runs, walks->directory, err) ||
                 !place_list_open(&disk->places, walks->directory, err)))
        return false;
    struct plan_spec spec = {.served = from->served.socket ? &from->served : NULL,
                             .layers = prepared->layers.chains[index],
                             .layer_count = from->layer_count,
                             .base_layer = from->base_layer,
                             .bitmap = from->bitmap,
                             .differential = disk->differential,
                             .base_virtual_size = from->base_virtual_size,
                             .virtual_size = disk->virtual_size,
                             .label = disk->label,
                             .halt = halt};
    return plan_disk(&spec, keep ? &disk->runs : NULL, keep ? &disk->places : NULL, &disk->totals, err);
}

static void note_failure(struct walks *walks, size_t index)
{
    size_t first = atomic_load(&walks->failed);
    while (index < first && !atomic_compare_exchange_weak(&walks->failed, &first, index))
        ;
    for (size_t i = index + 1; i < walks->prepared->disk_count; i++)
        halt_fail(&walks->halts[i]);
}

static bool walk_some(void *context, struct error *err)
{
    struct walks *walks = context;
    (void)err; /* each disk has its own */
    for (;;) {
        size_t index = atomic_fetch_add(&walks->next, 1);
        if (index >= atomic_load(&walks->failed))
            return true;
        if (!walk_disk(walks, index, &walks->errors[index]))
            note_failure(walks, index);
    }
}

static bool walk_all(struct walks *walks, struct halt *halt, struct error *err)
{
    size_t count = walks->prepared->disk_count;
    for (size_t i = 0; i < count; i++)
        walks->halts[i].job = halt->job;
    atomic_init(&walks->next, 0);
    atomic_init(&walks->failed, count);
    unsigned threads = count < workers_cores() ? (unsigned)count : workers_cores();
    bool ok = threads > 1 ? workers_run(threads, walk_some, walks, halt, err) : walk_some(walks, err);
    size_t failed = atomic_load(&walks->failed);
    if (ok && failed < count) {
        *err = walks->errors[failed];
        return false;
    }
    return ok;
}

static bool walk(struct prepared *prepared, int directory, struct halt *halt, struct error *err)
{
    struct walks walks = {.prepared = prepared,
                          .directory = directory,
                          .halts = mem_alloc((prepared->disk_count + 1) * sizeof *walks.halts),
                          .errors = mem_alloc((prepared->disk_count + 1) * sizeof *walks.errors)};
    bool ok = walk_all(&walks, halt, err);
    free(walks.halts);
    free(walks.errors);
    return ok;
}

static void forget_runs(struct prepared *prepared)
{
    for (size_t i = 0; i < prepared->disk_count; i++) {
        run_list_close(&prepared->disks[i].runs);
        place_list_close(&prepared->disks[i].places);
        prepared->disks[i].totals = (struct plan_totals){0};
    }
}

static const char *take_places(struct prepared_disk *disk, const struct kept_plan *plan, size_t index,
                               int directory)
{
    struct error err = {0};
    if (!place_list_open(&disk->places, directory, &err))
        return "there is no room for a copy of it";
    const char *why = kept_plan_read_list(plan, index, KEPT_PLACES, &disk->places.spool, &disk->places.count);
    if (!why && (!place_list_finish(&disk->places, &err) ||
                 !places_count_elsewhere(&disk->places, &disk->runs, &err)))
        why = "its places cannot be read";
    return why;
}

static const char *take_disks(struct prepared *prepared, const struct kept_plan *plan, int directory)
{
    const char *why = NULL;
    for (size_t i = 0; i < prepared->disk_count && !why; i++) {
        struct prepared_disk *disk = &prepared->disks[i];
        struct error err = {0};
        if (!run_list_open(&disk->runs, directory, &err))
            return "there is no room for a copy of it";
        why =
            kept_plan_read_runs(plan, i, size_whole_sectors(disk->virtual_size), &disk->runs, &disk->totals);
        if (!why)
            why = take_places(disk, plan, i, directory);
    }
    return why;
}

/* NULL: all is planned. */
static const char *take_handed(struct prepared *prepared, const struct kept_key *key, int directory)
{
    const struct kept_plan *plan = prepared->task->handed;
    const char *why = kept_plan_misfit(plan, key, prepared->disk_count);
    if (!why)
        why = take_disks(prepared, plan, directory);
    if (why)
        forget_runs(prepared);
    return why;
}

bool planning_run(struct prepared *prepared, bool keep_runs, struct halt *halt, struct error *err)
{
    CLEANUP_FD int directory = -1;
    const struct export_task *task = prepared->task;
    if (keep_runs && !fs_open_directory(AT_FDCWD, task->directory, &directory, err))
        return false;
    prepared->can_be_kept =
        keep_runs && plan_key_is_possible(task) && plan_key_make(prepared, &prepared->key);
    if (task->handed)
        prepared->not_taken = prepared->can_be_kept ? take_handed(prepared, &prepared->key, directory)
                                                    : "these disks are not planned beforehand";
    prepared->taken = task->handed && !prepared->not_taken;
    return prepared->taken || walk(prepared, directory, halt, err);
}

/* The files are what they were before the walk. */
static bool is_unchanged(const struct prepared *prepared)
{
    struct kept_key now;
    return plan_key_make(prepared, &now) && plan_key_equal(&now, &prepared->key);
}

struct kept_plan *planning_keep(const struct prepared *prepared)
{
    CLEANUP_FD int directory = -1;
    struct error ignored = {0};
    struct kept_plan *plan = NULL;
    if (!prepared->can_be_kept || !is_unchanged(prepared))
        return NULL;
    if (prepared->taken)
        return kept_plan_copy(prepared->task->handed);
    if (!fs_open_directory(AT_FDCWD, prepared->task->directory, &directory, &ignored))
        return NULL;
    struct kept_disk *disks = mem_alloc((prepared->disk_count + 1) * sizeof *disks);
    for (size_t i = 0; i < prepared->disk_count; i++) {
        const struct prepared_disk *disk = &prepared->disks[i];
        disks[i].totals = disk->totals;
        disks[i].lists[KEPT_RUNS] = (struct kept_list){.spool = &disk->runs.spool, .count = disk->runs.count};
        disks[i].lists[KEPT_PLACES] =
            (struct kept_list){.spool = &disk->places.spool, .count = disk->places.count};
    }
    bool ok = kept_plan_write(directory, &prepared->key, disks, prepared->disk_count, &plan, &ignored);
    free(disks);
    return ok ? plan : NULL;
}
