/* All packages in the places to look in are read once; chains are then followed in memory. A chain cannot
 * loop honestly, since each record holds the digest of the one below; a dishonest one is cut at the first id
 * that comes again. */
#include "core/export/base_package.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/fs.h"
#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "core/export/package_image.h"
#include "core/export/package_open.h"
#include "core/export/package_path.h"

void base_package_clear(struct base_package *base)
{
    for (size_t i = 0; i < base->count; i++)
        package_clear(&base->packages[i]);
    free(base->packages);
    *base = (struct base_package){0};
}

size_t package_find_disk(const struct package *package, const char *machine_id, const char *disk_uuid)
{
    for (size_t i = 0; i < package->disk_count; i++) {
        if (strcmp(package->disks[i].disk_uuid, disk_uuid) == 0 &&
            strcmp(package->disks[i].machine_id, machine_id) == 0)
            return i;
    }
    return SIZE_MAX;
}

char *base_package_warning(const struct base_package *base)
{
    if (base->count < BASE_PACKAGE_CHAIN_WARNING)
        return NULL;
    return mem_format("this package will stand on %zu others, all of which must be kept to restore from it; "
                      "a full export would start anew",
                      base->count);
}

/* --- what there is ---------------------------------------------------------------------------------------
 */

struct index {
    struct package *items;
    size_t count;
    char **broken; /* a sentence each */
    size_t broken_count;
    struct strbuf places; /* for messages */
};

static void index_clear(struct index *index)
{
    for (size_t i = 0; i < index->count; i++)
        package_clear(&index->items[i]);
    free(index->items);
    fs_free_names(index->broken, index->broken_count);
    strbuf_free(&index->places);
    *index = (struct index){0};
}

/* The same package may be reached twice; the first place wins. A changed copy is another item. */
static void index_take(struct index *index, struct package *package)
{
    for (size_t i = 0; i < index->count; i++) {
        if (guid_equal(&index->items[i].id, &package->id) &&
            strcmp(index->items[i].record_sha256, package->record_sha256) == 0) {
            package_clear(package);
            return;
        }
    }
    *ARRAY_APPEND(index->items, index->count) = *package;
}

static bool is_package(const char *directory)
{
    CLEANUP_FREE char *record = mem_format("%s/" PACKAGE_RECORD, directory);
    struct stat status;
    return lstat(record, &status) == 0;
}

static bool index_place(struct index *index, const char *directory, struct error *err)
{
    struct stat status;
    int number = stat(directory, &status) != 0 ? errno : S_ISDIR(status.st_mode) ? 0 : ENOTDIR;
    if (number != 0) {
        error_errno(err, number, "export.base-directory", "cannot look for base packages in %s", directory);
        err->code = RETURN_INVALID_PARAMETER;
        return error_next(err, "Name a directory that holds packages, or a package.");
    }
    strbuf_addf(&index->places, "%s%s", index->places.length ? ", " : "", directory);
    if (is_package(directory)) {
        struct package package;
        struct error broken = {0};
        if (package_read(directory, &package, &broken))
            index_take(index, &package);
        else
            *ARRAY_APPEND(index->broken, index->broken_count) = error_text(&broken);
        return true;
    }
    struct package *packages = NULL;
    char **problems = NULL;
    size_t count = 0;
    size_t problem_count = 0;
    if (!package_list(directory, &packages, &count, &problems, &problem_count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        index_take(index, &packages[i]);
    for (size_t i = 0; i < problem_count; i++)
        *ARRAY_APPEND(index->broken, index->broken_count) = problems[i];
    free(packages);
    free(problems);
    return true;
}

static bool index_make(struct index *index, const struct package_search *search, struct error *err)
{
    *index = (struct index){0};
    bool ok = !search->directory || index_place(index, search->directory, err);
    for (size_t i = 0; i < search->base_directory_count && ok; i++)
        ok = index_place(index, search->base_directories[i], err);
    if (!ok)
        index_clear(index);
    return ok;
}

/* Where was looked, and what was found there that could not be used. */
static bool explain(const struct index *index, struct error *err)
{
    struct strbuf text = {0};
    strbuf_addf(&text, "looked in %s", index->places.length ? index->places.data : "no directory");
    for (size_t i = 0; i < index->broken_count && i < 3; i++)
        strbuf_addf(&text, "; unusable: %s", index->broken[i]);
    error_cause(err, "%s", text.data);
    strbuf_free(&text);
    return false;
}

/* --- chains ----------------------------------------------------------------------------------------------
 */

struct chain { /* indices into index->items */
    size_t *items;
    size_t count;
};

static const struct package *chain_find(const struct index *index, const struct package *above, size_t *found,
                                        struct error *err)
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
    explain(index, err);
    error_next(err, "Name the directory that holds it with --base-package, or make a full export.");
    return NULL;
}

static bool is_repeated(const struct index *index, const struct chain *chain, const struct package *first,
                        const struct package *package)
{
    bool repeated = guid_equal(&first->id, &package->id);
    for (size_t i = 0; i < chain->count && !repeated; i++)
        repeated = guid_equal(&index->items[chain->items[i]].id, &package->id);
    return repeated;
}

/* Everything under `package`. */
static bool chain_follow(const struct index *index, const struct package *package, struct chain *chain,
                         struct error *err)
{
    const struct package *above = package;
    while (!guid_is_none(&above->base_package_id)) {
        size_t found = 0;
        const struct package *base = chain_find(index, above, &found, err);
        if (!base)
            return false;
        if (is_repeated(index, chain, package, base) || chain->count >= BASE_PACKAGE_CHAIN_LIMIT)
            return error_set(err, RETURN_INVALID_PARAMETER, "package.base-loop",
                             "the chain of bases under %s comes back to %s", package->path, base->path);
        *ARRAY_APPEND(chain->items, chain->count) = found;
        above = base;
    }
    return true;
}

static const struct package_file *find_file(const struct package *package, const char *name)
{
    for (size_t i = 0; i < package->file_count; i++) {
        if (strcmp(package->files[i].name, name) == 0)
            return &package->files[i];
    }
    return NULL;
}

/* A package is only borrowed here: the link is closed, not the package cleared. */
static bool open_link(const struct package *package, struct package_link *link, struct error *err)
{
    *link = (struct package_link){.package = *package, .fd = -1};
    return package_path_open_root(AT_FDCWD, package->path, false, &link->fd, err);
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
    const struct package_file *file = find_file(&link->package, name);
    struct stat status;
    CLEANUP_FD int fd = -1;
    if (!package_path_open_file(link->fd, name, &fd, &status, err))
        return false;
    if (!file || (uint64_t)status.st_size != file->size)
        return error_set(err, RETURN_INVALID_PARAMETER, "package.base-damaged",
                         "%s has %llu bytes where its record says %llu", name,
                         (unsigned long long)status.st_size, (unsigned long long)(file ? file->size : 0));
    struct package_problems problems = {0};
    package_image_look(link, base, disk, fd, &problems);
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
    return error_context(err, "%s", package->path);
}

/* One disk of the package down to where it is full. */
static bool check_disk(const struct package *package, const struct index *index, const struct chain *chain,
                       size_t disk, struct error *err)
{
    for (size_t level = 0;; level++) {
        const struct package_disk *own = &package->disks[disk];
        const struct package *base = own->differential ? &index->items[chain->items[level]] : NULL;
        if (!check_level(package, base, disk, err))
            return false;
        if (!base)
            return true;
        /* That it is there, and under the recorded name, check_level has found. */
        disk = package_find_disk(base, own->machine_id, own->disk_uuid);
        package = base;
    }
}

static void move_package(struct index *index, size_t item, struct base_package *to)
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
    struct index index;
    struct chain chain = {0};
    if (!index_make(&index, search, err))
        return false;
    bool ok = chain_follow(&index, package, &chain, err);
    for (size_t i = 0; i < chain.count && ok; i++)
        move_package(&index, chain.items[i], result);
    free(chain.items);
    index_clear(&index);
    return ok;
}

/* --- the package of a point ------------------------------------------------------------------------------
 */

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
static bool examine(const struct index *index, const struct export_task *task, struct candidate *candidate,
                    struct error *err)
{
    const struct package *package = &index->items[candidate->item];
    if (!chain_follow(index, package, &candidate->chain, err))
        return false;
    for (size_t i = 0; i < task->disk_count; i++) {
        const struct export_disk *wanted = &task->disks[i];
        const struct member_point *member = &task->point.members[wanted->member];
        if (wanted->base_layer == EXPORT_NO_BASE)
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

static bool is_better(const struct index *index, const struct candidate *left, const struct candidate *right)
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
static bool choose(const struct index *index, const struct export_task *task, struct candidate *best,
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

static bool refuse_missing(const struct index *index, const struct export_task *task,
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
    explain(index, err);
    return error_next(err, "Export the base point first, name the directory that holds its package with "
                           "--base-package, or make a full export.");
}

bool base_package_find(const struct export_task *task, struct base_package *base, struct error *err)
{
    struct package_search search = {.directory = task->directory,
                                    .base_directories = task->options.base_packages,
                                    .base_directory_count = task->options.base_package_count};
    *base = (struct base_package){0};
    struct index index;
    if (!index_make(&index, &search, err))
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
    index_clear(&index);
    return found;
}
