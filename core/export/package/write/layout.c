#include "core/export/package/write/layout.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "core/base/text.h"
#include "core/export/package/path.h"

#define SLUG_LIMIT 64

void package_layout_clear(struct package_layout *layout)
{
    for (size_t i = 0; i < layout->machine_count; i++)
        free(layout->machines[i]);
    free(layout->machines);
    for (size_t i = 0; i < layout->disk_count; i++) {
        free(layout->disks[i].file);
        free(layout->disks[i].backing_name);
        free(layout->disks[i].base_file);
        free(layout->disks[i].full_reason);
    }
    free(layout->disks);
    for (size_t i = 0; i < layout->file_count; i++)
        free(layout->files[i]);
    free(layout->files);
    *layout = (struct package_layout){0};
}

/* --- unique names --- */

enum name_level { NAME_PLAIN, NAME_SHORT_ID, NAME_WHOLE_ID, NAME_NUMBERED };

struct named {
    const char *name;
    const char *id;
    enum name_level level;
    char *candidate;
};

static char *name_at_level(const struct named *item, size_t index)
{
    CLEANUP_FREE char *slug = text_slug(item->name ? item->name : "", SLUG_LIMIT);
    switch (item->level) {
    case NAME_PLAIN:
        break;
    case NAME_SHORT_ID:
        return mem_format("%s-%.8s", slug, item->id);
    case NAME_WHOLE_ID:
        return mem_format("%s-%s", slug, item->id);
    case NAME_NUMBERED: /* two of one id: a broken point, but no reason to overwrite one with the other */
        return mem_format("%s-%s-%zu", slug, item->id, index + 1);
    }
    return mem_strdup(slug);
}

static int compare_candidates(const void *left, const void *right)
{
    return package_path_compare_folded((*(struct named *const *)left)->candidate,
                                       (*(struct named *const *)right)->candidate);
}

/* All that share a candidate go up one level together; ends because at the last level nothing is shared. */
static void make_unique(struct named *items, size_t count)
{
    struct named **sorted = mem_alloc((count + 1) * sizeof *sorted); /* NOLINT(bugprone-sizeof-expression) */
    for (size_t i = 0; i < count; i++) {
        sorted[i] = &items[i];
        items[i].candidate = name_at_level(&items[i], i);
    }
    bool again = count > 1;
    while (again) {
        again = false;
        qsort(sorted, count, sizeof *sorted, compare_candidates); /* NOLINT(bugprone-sizeof-expression) */
        for (size_t start = 0, end; start < count; start = end) {
            for (end = start + 1; end < count && compare_candidates(&sorted[start], &sorted[end]) == 0; end++)
                ;
            for (size_t i = start; i < end && end - start > 1; i++) {
                if (sorted[i]->level < NAME_NUMBERED) {
                    sorted[i]->level++;
                    again = true;
                }
            }
        }
        for (size_t i = 0; i < count && again; i++) {
            free(items[i].candidate);
            items[i].candidate = name_at_level(&items[i], i);
        }
    }
    free(sorted);
}

static void name_machines(const struct reference_point *point, struct package_layout *layout)
{
    struct named *items = mem_alloc((point->member_count + 1) * sizeof *items);
    for (size_t i = 0; i < point->member_count; i++)
        items[i] =
            (struct named){.name = point->members[i].machine.name, .id = point->members[i].machine.id.text};
    make_unique(items, point->member_count);
    for (size_t i = 0; i < point->member_count; i++) {
        *ARRAY_APPEND(layout->machines, layout->machine_count) =
            mem_format(PACKAGE_MACHINES "/%s", items[i].candidate);
        free(items[i].candidate);
    }
    free(items);
}

/* Over all disks of the member, so that the name does not depend on which of them were selected. */
static char *name_disk(const struct member_point *member, size_t disk)
{
    struct named *items = mem_alloc((member->disk_count + 1) * sizeof *items);
    for (size_t i = 0; i < member->disk_count; i++)
        items[i] = (struct named){.name = member->disks[i].disk_id, .id = member->disks[i].disk_uuid.text};
    make_unique(items, member->disk_count);
    char *name = mem_strdup(items[disk].candidate);
    for (size_t i = 0; i < member->disk_count; i++)
        free(items[i].candidate);
    free(items);
    return name;
}

char *package_name_stem(const struct reference_point *point)
{
    char time[40];
    moment_format_compact(point->created, time, sizeof time);
    CLEANUP_FREE char *slug = text_slug(point->collection_name ? point->collection_name : "", SLUG_LIMIT);
    CLEANUP_FREE char *plain_time = text_slug(time, sizeof time);
    return mem_format("%s-%s", slug, plain_time);
}

/* --- names of bases --- */

/* From one real directory to another: "../x/y", without a slash at the end; "." for itself. */
static char *relative_path(const char *from, const char *to)
{
    size_t common = 0; /* length of the shared part that ends at a component of both */
    size_t at = 0;
    while (from[at] && from[at] == to[at]) {
        at++;
        if ((from[at] == '/' || from[at] == '\0') && (to[at] == '/' || to[at] == '\0'))
            common = at;
    }
    struct strbuf out = {0};
    for (const char *rest = from + common; *rest; rest++) {
        if (*rest == '/' && rest[1] != '\0')
            strbuf_add(&out, out.length ? "/.." : "..");
    }
    const char *down = to + common;
    down += *down == '/';
    if (*down) {
        strbuf_add(&out, out.length ? "/" : "");
        strbuf_add(&out, down);
    }
    if (out.length == 0)
        strbuf_add(&out, ".");
    return strbuf_take(&out);
}

static size_t directory_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? (size_t)(slash - path) + 1 : 0;
}

/* What QEMU makes of the chain under the new image: each stored name behind the directory part of the last.
 */
static size_t expanded_length(size_t own_directory, const char *backing_name, const struct base_package *base,
                              size_t base_disk)
{
    size_t directory = own_directory + directory_part(backing_name);
    size_t longest = own_directory + strlen(backing_name);
    for (size_t level = 0; level < base->count; level++) {
        const struct package_disk *disk = &base->packages[level].disks[base_disk];
        if (!disk->backing_name || level + 1 >= base->count)
            break;
        if (directory + strlen(disk->backing_name) > longest)
            longest = directory + strlen(disk->backing_name);
        directory += directory_part(disk->backing_name);
        base_disk = package_find_disk(&base->packages[level + 1], disk->machine_id, disk->disk_uuid);
        if (base_disk == SIZE_MAX)
            break;
    }
    return longest;
}

struct base_place {
    const struct base_package *base;
    char *real_directory; /* of the export */
    char *way;            /* from the export directory to the base package */
    size_t package_path;  /* upper bound of the length of the new package's path */
};

static void find_base(const struct base_place *place, const char *machine_id, const char *disk_uuid,
                      struct package_layout_disk *disk)
{
    const struct package *package = &place->base->packages[0];
    const char *package_name = strrchr(package->path, '/') ? strrchr(package->path, '/') + 1 : package->path;
    size_t found = package_find_disk(package, machine_id, disk_uuid);
    if (found == SIZE_MAX) {
        disk->full_reason = mem_format("the base package %s does not hold this disk", package_name);
        return;
    }
    /* Three directories up: machine, "machines", package. */
    CLEANUP_FREE char *name = mem_format("../../../%s/%s", place->way, package->disks[found].file);
    size_t own_directory = place->package_path + 1 + directory_part(disk->file);
    if (strlen(name) > PACKAGE_BACKING_NAME_LIMIT) {
        disk->full_reason =
            mem_format("the name of its base would be longer than the %zu bytes that an image "
                       "can hold",
                       PACKAGE_BACKING_NAME_LIMIT);
    } else if (expanded_length(own_directory, name, place->base, found) > PACKAGE_EXPANDED_LIMIT) {
        disk->full_reason = mem_format(
            "the names along its chain of bases would add up to more than %zu bytes", PACKAGE_EXPANDED_LIMIT);
    } else {
        disk->backing_name = name;
        name = NULL;
        disk->base_disk = found;
        disk->base_file = mem_strdup(package->disks[found].file);
        disk->base_format = package->disks[found].format;
    }
}

static bool base_place(const struct export_task *task, const struct base_package *base,
                       struct base_place *place, struct error *err)
{
    char real[PATH_MAX];
    if (!realpath(task->directory, real))
        return error_errno(err, errno, "export.directory", "cannot look at the export directory %s",
                           task->directory);
    CLEANUP_FREE char *stem = package_name_stem(&task->point);
    *place = (struct base_place){
        .base = base,
        .real_directory = mem_strdup(real),
        .way = relative_path(real, base->packages[0].path),
        .package_path = strlen(real) + 1 + strlen(stem) + PACKAGE_PARTIAL_EXTRA,
    };
    return true;
}

static bool is_taken(const struct package_layout *layout, const char *file)
{
    for (size_t i = 0; i < layout->disk_count; i++) {
        if (package_path_compare_folded(layout->disks[i].file, file) == 0)
            return true;
    }
    for (size_t i = 0; i < layout->file_count; i++) {
        if (package_path_compare_folded(layout->files[i], file) == 0)
            return true;
    }
    return false;
}

/* What it is, and its own name; a number where that is taken. */
static char *name_file(const struct export_task *task, size_t index, const struct package_layout *layout)
{
    const struct machine_file *file = export_task_file(task, index);
    const char *slash = strrchr(file->path, '/');
    CLEANUP_FREE char *slug = text_slug(slash ? slash + 1 : file->path, SLUG_LIMIT);
    const char *folder = layout->machines[task->files[index].member];
    const char *role = machine_file_role_word(file->role);
    char *name = mem_format("%s/%s-%s", folder, role, slug);
    for (size_t number = 2; is_taken(layout, name); number++) {
        free(name);
        name = mem_format("%s/%s-%zu-%s", folder, role, number, slug);
    }
    return name;
}

bool package_layout_make(const struct export_task *task, const struct base_package *base,
                         struct package_layout *layout, struct error *err)
{
    *layout = (struct package_layout){0};
    struct base_place place = {0};
    if (base && !base_place(task, base, &place, err))
        return false;
    name_machines(&task->point, layout);
    const char *suffix = task->options.format == DISK_FORMAT_RAW ? "raw" : "qcow2";
    for (size_t i = 0; i < task->disk_count; i++) {
        const struct export_disk *from = &task->disks[i];
        const struct member_point *member = &task->point.members[from->member];
        CLEANUP_FREE char *name = name_disk(member, from->disk);
        struct package_layout_disk *disk = ARRAY_APPEND(layout->disks, layout->disk_count);
        disk->file = mem_format("%s/%s.%s", layout->machines[from->member], name, suffix);
        if (place.base && export_disk_has_base(from))
            find_base(&place, member->machine.id.text, member->disks[from->disk].disk_uuid.text, disk);
    }
    for (size_t i = 0; i < task->file_count; i++) {
        char *name = name_file(task, i, layout);
        *ARRAY_APPEND(layout->files, layout->file_count) = name;
    }
    free(place.real_directory);
    free(place.way);
    return true;
}
