/* `store check`: finishes or undoes what crashes left, then looks at every object and the files it names. It
 * reads headers and attributes only; nothing but unfinished work is changed, and what a record says of the
 * last change of a layer's file where that is known to be harmless. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/host/layers/change/recovery.h"
#include "core/host/layers/layers.h"
#include "core/host/layers/work_journal.h"
#include "core/host/local/internal.h"
#include "core/host/store/kept_files.h"
#include "core/host/store/place.h"
#include "core/system/fs.h"

static void check_machine(const struct machine *machine, const struct layers *layers,
                          struct findings *findings)
{
    for (size_t i = 0; i < machine->disk_count; i++) {
        const struct disk *disk = &machine->disks[i];
        const struct chain_source source = chain_source_of(disk);
        struct chain chain;
        struct error err;
        if (chain_read(&source, layers, &chain, &err)) {
            chain_clear(&chain);
            continue;
        }
        error_context(&err, "machine %s, disk %s", machine->name, disk->id);
        findings_add_error(findings, &err);
    }
}

static void find_changed(const struct layer *layer, struct findings *findings)
{
    findings_add(findings,
                 "point %s, machine %s, disk %s: the layer %s was changed after it was frozen; the point "
                 "cannot be exported. If it is a copy of the right file: \"refpoint store adopt\"; if not: "
                 "\"refpoint point forget\"",
                 layer->point->name, layer->member->machine.name, layer->disk->disk_id,
                 layer->disk->layer_path);
}

static void find_touched(const struct layer *layer, const struct stat *status, struct findings *findings)
{
    struct error why;
    if (layer_check(layer->disk, status, "layer.touched", &why))
        return;
    error_context(&why, "point %s, machine %s, disk %s", layer->point->name, layer->member->machine.name,
                  layer->disk->disk_id);
    findings_add_error(findings, &why);
}

/* deep: what reading it can settle is told then. */
static void check_layer(const struct layer *layer, bool deep, struct findings *findings)
{
    struct stat status;
    const char *path = layer->disk->layer_path;
    if (lstat(path, &status) != 0) {
        findings_add(
            findings,
            "point %s, machine %s, disk %s: the layer %s cannot be found: %s. If it was moved: \"refpoint "
            "machine move MACHINE --to DIR --moved\"; if it is lost: \"refpoint point forget\"",
            layer->point->name, layer->member->machine.name, layer->disk->disk_id, path,
            strerrordesc_np(errno));
        return;
    }
    enum layer_state state = layer_state(layer->disk, &status, path);
    if (state == LAYER_ANOTHER)
        find_changed(layer, findings);
    else if (state == LAYER_TOUCHED && !(deep && layer->disk->content_sha256))
        find_touched(layer, &status, findings);
    else if (state == LAYER_UNCHANGED && (status.st_mode & 0222))
        findings_add(findings, "point %s, machine %s, disk %s: the layer %s is not read-only any more",
                     layer->point->name, layer->member->machine.name, layer->disk->disk_id, path);
}

static void check_templates(const struct layer *layer, struct findings *findings)
{
    const struct machine *machine = &layer->member->machine;
    for (size_t i = 0; i < machine->disk_count; i++) {
        const struct disk *disk = &machine->disks[i];
        for (size_t j = 0; guid_equal(&disk->uuid, &layer->disk->disk_uuid) && j < disk->backing_count; j++) {
            struct stat status;
            const char *path = disk->backing[j].path;
            if (stat(path, &status) == 0 && !template_is_unchanged(&disk->backing[j], &status))
                findings_add(
                    findings,
                    "point %s: the template %s of disk %s was changed after the point was created; "
                    "the point cannot be exported. If it is a copy of the right file: \"refpoint store "
                    "adopt --unproven\"",
                    layer->point->name, path, disk->id);
        }
    }
}

/* A layer that somebody gave to a machine, as its image or beneath it. */
static bool is_given(const struct machine_list *machines, const char *path)
{
    for (size_t i = 0; i < machines->count; i++) {
        for (size_t j = 0; j < machines->items[i].disk_count; j++) {
            const struct disk *disk = &machines->items[i].disks[j];
            if (strcmp(disk->path, path) == 0)
                return true;
            for (size_t k = 0; k < disk->backing_count; k++) {
                if (strcmp(disk->backing[k].path, path) == 0)
                    return true;
            }
        }
    }
    return false;
}

/* Layers that no point knows take space and may be what is left of somebody's data: told, never removed. */
static void check_directory(const char *directory, const struct machine_list *machines,
                            const struct layers *layers, struct findings *findings)
{
    CLEANUP_FD int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct error unreadable;
    char **names = NULL;
    size_t count = 0;
    if (fd < 0 || !fs_list(fd, &names, &count, &unreadable))
        return;
    for (size_t i = 0; i < count; i++) {
        if (!path_is_layer(names[i]))
            continue;
        CLEANUP_FREE char *path = mem_format("%s/%s", strcmp(directory, "/") == 0 ? "" : directory, names[i]);
        if (!layers_find(layers, path) && !is_given(machines, path))
            findings_add(findings, "%s belongs to no reference point of this store", path);
    }
    fs_free_names(names, count);
}

/* Until unfinished work is settled, what lies around belongs to it. */
static bool is_unfinished(const struct store *store, const struct machine *machine)
{
    struct error ignored;
    return !work_journal_check_free(store, NULL, &machine->id, 1, &ignored);
}

static void check_machines(const struct store *store, const struct machine_list *machines,
                           const struct layers *layers, struct findings *findings)
{
    for (size_t i = 0; i < machines->count; i++) {
        if (!is_unfinished(store, &machines->items[i]))
            check_machine(&machines->items[i], layers, findings);
    }
}

static int compare_texts(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

static void check_directories(const struct store *store, const struct machine_list *machines,
                              const struct layers *layers, struct findings *findings)
{
    char **directories = NULL;
    size_t count = 0;
    for (size_t i = 0; i < machines->count; i++) {
        if (is_unfinished(store, &machines->items[i])) {
            fs_free_names(directories, count);
            return;
        }
        for (size_t j = 0; j < machines->items[i].disk_count; j++)
            *ARRAY_APPEND(directories, count) = path_directory(machines->items[i].disks[j].path);
    }
    if (count > 0)
        qsort(directories, count, sizeof *directories, compare_texts);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || strcmp(directories[i], directories[i - 1]) != 0)
            check_directory(directories[i], machines, layers, findings);
    }
    fs_free_names(directories, count);
}

/* What the store keeps of the machines' files. Contents are read by an export, which compares their digests.
 */
static void check_kept_files(const struct store *store, const struct layers *layers,
                             struct findings *findings)
{
    for (size_t p = 0; p < layers->points.count; p++) {
        const struct reference_point *point = &layers->points.items[p];
        for (size_t m = 0; m < point->member_count; m++) {
            const struct machine *machine = &point->members[m].machine;
            for (size_t f = 0; f < machine->file_count; f++) {
                const struct machine_file *file = &machine->files[f];
                struct stat status;
                struct error ignored;
                if (!file->sha256)
                    continue;
                CLEANUP_FREE char *path = kept_files_path(file->sha256);
                if (!store_stat(store, path, &status, &ignored) || (uint64_t)status.st_size != file->size)
                    findings_add(
                        findings,
                        "point %s: the %s of machine %s, kept as %s/%s, is missing or was changed; the point "
                        "cannot be exported with that machine",
                        point->name, machine_file_role_word(file->role), machine->name, store->path, path);
            }
        }
    }
}

/* A layer that libvirt has given to another account is watched from there on. */
static bool take_touches(const struct store *store, const struct layers *layers, struct error *err)
{
    CLEANUP_FREE bool *changed = mem_alloc(layers->points.count * sizeof *changed + 1);
    for (size_t i = 0; i < layers->count; i++) {
        const struct layer *layer = &layers->items[i];
        struct stat status;
        if (touch_is_known(&layer->disk->touched) && lstat(layer->disk->layer_path, &status) == 0 &&
            layer_is_unchanged(layer->disk, &status) && layer_take_touch(layer->disk, &status))
            changed[layer->point - layers->points.items] = true;
    }
    for (size_t i = 0; i < layers->points.count; i++) {
        if (changed[i] && !store_write_point(store, &layers->points.items[i], err))
            return false;
    }
    return true;
}

static void check_all(const struct local_host *host, bool deep, const struct machine_list *machines,
                      const struct layers *layers, struct findings *findings)
{
    bool here = !host->images_elsewhere;
    if (here)
        check_machines(&host->store, machines, layers, findings);
    for (size_t i = 0; i < layers->count; i++) {
        check_layer(&layers->items[i], deep, findings);
        check_templates(&layers->items[i], findings);
    }
    check_kept_files(&host->store, layers, findings);
    if (here)
        check_directories(&host->store, machines, layers, findings);
}

bool local_look_through(struct host *host, bool deep, struct watch *watch, struct findings *findings,
                        struct error *err)
{
    const struct store *store = local_store(host);
    struct machine_list machines = {0};
    struct layers layers = {0};
    CLEANUP_FD int lock = -1;
    if (access(store->path, F_OK) != 0 && errno == ENOENT)
        return true;
    if (!store_lock(store, &lock, err))
        return false;
    store_find_links(store, findings);
    bool ok = store_sweep(store, err) && recovery_run(store, NULL, findings, err) &&
              store_list_machines(store, &machines, findings, err) && local_sweep_kept_files(store, err) &&
              layers_load(store, NULL, 0, &layers, findings, err) && take_touches(store, &layers, err);
    if (ok) {
        check_all((const struct local_host *)host, deep, &machines, &layers, findings);
        close(lock); /* reading contents takes long */
        lock = -1;
        ok = !deep || local_check_contents(store, &layers, watch, findings, err);
    }
    /* A link that keeps the rest from being looked at is a finding, the first of them. */
    ok = ok || (findings->count > 0 && strcmp(err->key, "store.link") == 0);
    machine_list_clear(&machines);
    layers_clear(&layers);
    return ok;
}

bool local_report(bool ok, struct findings *findings, struct store_report *report)
{
    *report = (struct store_report){0};
    if (ok) {
        *report = (struct store_report){.findings = findings->items,
                                        .finding_count = findings->count,
                                        .notes = findings->notes,
                                        .note_count = findings->note_count};
        *findings = (struct findings){0};
    }
    findings_clear(findings);
    return ok;
}

bool local_check_store(struct host *host, bool deep, struct watch *watch, struct store_report *report,
                       struct error *err)
{
    struct findings findings = {0};
    return local_report(local_look_through(host, deep, watch, &findings, err), &findings, report);
}
