/* All packages in the places to look in are read once; chains are then followed in memory. A chain cannot
 * loop honestly, since each record holds the digest of the one below; a dishonest one is cut at the first id
 * that comes again. */
#include "core/export/package/find_base.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/export/package/base_index.h"
#include "core/export/package/hold.h"
#include "core/export/package/image.h"
#include "core/export/package/path.h"
#include "core/export/package/read.h"

void base_package_clear(struct base_package *base)
{
    for (size_t i = 0; i < base->count; i++) {
        if (base->holds && base->holds[i] >= 0)
            close(base->holds[i]);
        package_clear(&base->packages[i]);
    }
    free(base->holds);
    free(base->packages);
    *base = (struct base_package){0};
}

char *base_package_warning(const struct base_package *base)
{
    if (base->count < BASE_PACKAGE_CHAIN_WARNING)
        return NULL;
    return mem_format("this package will stand on %zu others, all of which must be kept to restore from it; "
                      "a full export would start anew",
                      base->count);
}

/* --- chains --- */

struct chain { /* indices into index->items */
    size_t *items;
    size_t count;
};

static const struct package *chain_find(const struct base_index *index, const struct package *above,
                                        size_t *found, struct error *err)
{
    const struct package *changed = NULL;
    for (size_t i = 0; i < index->count; i++) {
        if (!guid_equal(&index->items[i].id, &above->base_package_id))
            continue;
        if (strcmp(index->items[i].record_sha256, above->base_record_sha256) == 0) {
            *found = i;
            return &index->items[i];
        }
        changed = &index->items[i];
    }
    if (changed)
        error_set(err, RETURN_INVALID_PARAMETER, "package.base-changed",
                  "the record of %s has been changed since %s was based on it", changed->path, above->path);
    else
        error_set(err, RETURN_INVALID_PARAMETER, "package.base-missing",
                  "the package %s, on which %s is based, was not found", above->base_package_id.text,
                  above->path);
    base_index_explain(index, err);
    error_next(err, "Name the directory that holds it with --base-package, or make a full export.");
    return NULL;
}

static bool is_repeated(const struct base_index *index, const struct chain *chain,
                        const struct package *first, const struct package *package)
{
    bool repeated = guid_equal(&first->id, &package->id);
    for (size_t i = 0; i < chain->count && !repeated; i++)
        repeated = guid_equal(&index->items[chain->items[i]].id, &package->id);
    return repeated;
}

/* Everything under `package`. */
static bool chain_follow(const struct base_index *index, const struct package *package, struct chain *chain,
                         struct error *err)
{
    const struct package *above = package;
    while (!guid_is_none(&above->base_package_id)) {
        size_t found = 0;
        const struct package *base = chain_find(index, above, &found, err);
        if (!base)
            return false;
        if (is_repeated(index, chain, package, base) || chain->count >= BASE_PACKAGE_CHAIN_LIMIT) {
            error_set(err, RETURN_INVALID_PARAMETER, "package.base-loop",
                      "the chain of bases under %s comes back to %s", package->path, base->path);
            return error_next(
                err, "No export makes such packages: their records have been changed. Make a full export.");
        }
        *ARRAY_APPEND(chain->items, chain->count) = found;
        above = base;
    }
    return true;
}

/* A package is only borrowed here: the link is closed, not the package cleared. */
static bool open_link(const struct package *package, struct package_link *link, struct error *err)
{
    *link = (struct package_link){.package = *package, .fd = -1};
    return package_path_open_root(package->path, &link->fd, err);
}

static void close_link(struct package_link *link)
{
    if (link->fd >= 0)
        close(link->fd);
    link->fd = -1;
}

/* Its image is there, has the recorded length, and is what the record says; its base is found by QEMU too. */
static bool look_at_disk(const struct package_link *link, const struct package_link *base, size_t disk,
                         struct error *err)
{
    const char *name = link->package.disks[disk].file;
    const struct package_file *file = package_find_file(&link->package, name);
    struct stat status;
    CLEANUP_FD int fd = -1;
    if (!package_path_open_file(link->fd, name, &fd, &status, err))
        return false;
    if (!file || (uint64_t)status.st_size != file->size)
        return error_set(err, RETURN_INVALID_PARAMETER, "package.base-damaged",
                         "%s has %llu bytes where its record says %llu", name,
                         (unsigned long long)status.st_size, (unsigned long long)(file ? file->size : 0));
    struct package_problems problems = {0};
    package_image_look(link, base, disk, fd, "", &problems);
    bool ok = problems.count == 0;
    if (!ok)
        error_set(err, RETURN_INVALID_PARAMETER, "package.base-damaged", "%s", problems.items[0]);
    package_problems_clear(&problems);
    return ok;
}

static bool check_level(const struct package *package, const struct package *base, size_t disk,
                        struct error *err)
{
    struct package_link own = {.fd = -1};
    struct package_link below = {.fd = -1};
    bool ok = open_link(package, &own, err) && (!base || open_link(base, &below, err)) &&
              look_at_disk(&own, base ? &below : NULL, disk, err);
    close_link(&own);
    close_link(&below);
    if (ok)
        return true;
    err->code = RETURN_INVALID_PARAMETER;
    error_advise(err, "Bring the package back from a copy, or make a full export.");
    return error_context(err, "%s", package->path);
}

/* One disk of the package down to where it is full. */
static bool check_disk(const struct package *package, const struct base_index *index,
                       const struct chain *chain, size_t disk, struct error *err)
{
    for (size_t level = 0;; level++) {
        const struct package_disk *own = &package->disks[disk];
        const struct package *base = NULL;
        if (own->differential && level < chain->count)
            base = &index->items[chain->items[level]];
        if (!check_level(package, base, disk, err))
            return false;
        if (!base)
            return true;
        /* That it is there, and under the recorded name, check_level has found. */
        disk = package_find_disk(base, own->machine_id, own->disk_uuid);
        package = base;
    }
}

static void move_package(struct base_index *index, size_t item, struct base_package *to)
{
    *ARRAY_APPEND(to->packages, to->count) = index->items[item];
    index->items[item] = (struct package){0};
}

bool base_package_find_chain(const struct package_search *search, const struct package *package,
                             struct base_package *result, struct error *err)
{
    *result = (struct base_package){0};
    if (guid_is_none(&package->base_package_id))
        return true;
    struct base_index index;
    struct chain chain = {0};
    if (!base_index_make(&index, search, err))
        return false;
    bool ok = chain_follow(&index, package, &chain, err);
    for (size_t i = 0; i < chain.count && ok; i++)
        move_package(&index, chain.items[i], result);
    free(chain.items);
    base_index_clear(&index);
    return ok;
}

/* --- the package of a point --- */

struct candidate {
    size_t item;
    struct chain chain;
    size_t disks_held;
};

static bool is_of_point(const struct package *package, const struct reference_point *point)
{
    return guid_equal(&package->point.id, &point->id) &&
           guid_equal(&package->point.collection_id, &point->collection_id);
}

/* Whether everything that this export would build on is there. */
static bool examine(const struct base_index *index, const struct export_task *task,
                    struct candidate *candidate, struct error *err)
{
    const struct package *package = &index->items[candidate->item];
    if (!chain_follow(index, package, &candidate->chain, err))
        return false;
    for (size_t i = 0; i < task->disk_count; i++) {
        const struct export_disk *wanted = &task->disks[i];
        const struct member_point *member = &task->point.members[wanted->member];
        if (!export_disk_has_base(wanted))
            continue;
        size_t disk =
            package_find_disk(package, member->machine.id.text, member->disks[wanted->disk].disk_uuid.text);
        if (disk == SIZE_MAX)
            continue;
        if (!check_disk(package, index, &candidate->chain, disk, err))
            return false;
        candidate->disks_held++;
    }
    return true;
}

static bool is_better(const struct base_index *index, const struct candidate *left,
                      const struct candidate *right)
{
    const struct package *a = &index->items[left->item];
    const struct package *b = &index->items[right->item];
    if (left->disks_held != right->disks_held)
        return left->disks_held > right->disks_held;
    if (a->verified != b->verified)
        return a->verified;
    if (left->chain.count != right->chain.count)
        return left->chain.count < right->chain.count;
    return strcmp(a->id.text, b->id.text) < 0;
}

/* last: why the last candidate was no good. */
static bool choose(const struct base_index *index, const struct export_task *task, struct candidate *best,
                   struct error *last)
{
    bool found = false;
    for (size_t i = 0; i < index->count; i++) {
        struct candidate candidate = {.item = i};
        if (!is_of_point(&index->items[i], &task->base_point))
            continue;
        if (examine(index, task, &candidate, last) && (!found || is_better(index, &candidate, best))) {
            free(best->chain.items);
            *best = candidate;
            found = true;
        } else {
            free(candidate.chain.items);
        }
    }
    return found;
}

static bool refuse_missing(const struct base_index *index, const struct export_task *task,
                           const struct error *last, struct error *err)
{
    if (last->code != 0) {
        *err = *last;
        err->code = RETURN_INVALID_PARAMETER;
        return error_context(err, "the package of the base point cannot be built upon");
    }
    error_set(err, RETURN_INVALID_PARAMETER, "export.base-package",
              "no package of the base point %s (%s) was found",
              task->base_point.name ? task->base_point.name : "", task->base_point.id.text);
    base_index_explain(index, err);
    return error_next(err, "Export the base point first, name the directory that holds its package with "
                           "--base-package, or make a full export.");
}

/* It may have been removed, or another put in its place, since it was read. */
static bool hold_package(const struct package *expected, int *hold, struct error *err)
{
    struct package now;
    if (!package_path_open_root(expected->path, hold, err) || !package_hold(*hold, expected->path, err) ||
        !package_read_at(*hold, expected->path, &now, err))
        return false;
    bool same = strcmp(now.record_sha256, expected->record_sha256) == 0;
    package_clear(&now);
    if (same)
        return true;
    error_set(err, RETURN_IN_USE, "package.changing", "the record of %s has just been changed",
              expected->path);
    return error_next(err, "Wait until whatever writes to the package has ended, then try again.");
}

static bool hold_all(struct base_package *base, struct error *err)
{
    base->holds = mem_alloc((base->count + 1) * sizeof *base->holds);
    for (size_t i = 0; i < base->count; i++)
        base->holds[i] = -1;
    for (size_t i = 0; i < base->count; i++) {
        if (hold_package(&base->packages[i], &base->holds[i], err))
            continue;
        base_package_clear(base);
        return error_context(err, "the package of the base point cannot be built upon");
    }
    return true;
}

bool base_package_find(const struct export_task *task, struct base_package *base, struct error *err)
{
    struct package_search search = {.directory = task->directory,
                                    .base_directories = task->options.base_packages,
                                    .base_directory_count = task->options.base_package_count};
    *base = (struct base_package){0};
    struct base_index index;
    if (!base_index_make(&index, &search, err))
        return false;
    struct candidate best = {0};
    struct error last = {0};
    bool found = choose(&index, task, &best, &last);
    if (found) {
        move_package(&index, best.item, base);
        for (size_t i = 0; i < best.chain.count; i++)
            move_package(&index, best.chain.items[i], base);
    } else {
        refuse_missing(&index, task, &last, err);
    }
    free(best.chain.items);
    base_index_clear(&index);
    return found && hold_all(base, err);
}
