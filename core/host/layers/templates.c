#include "core/host/layers/templates.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

static size_t index_of(const struct disk *disk, const char *path)
{
    for (size_t i = 0; path && i < disk->backing_count; i++) {
        if (strcmp(disk->backing[i].path, path) == 0)
            return i;
    }
    return SIZE_MAX;
}

struct backing_file *templates_find(const struct disk *disk, const char *path)
{
    size_t at = index_of(disk, path);
    return at == SIZE_MAX ? NULL : &disk->backing[at];
}

void templates_record(struct disk *disk, const struct chain *chain)
{
    disk_clear_backing(disk);
    for (size_t i = 0; i < chain->count; i++) {
        const struct chain_link *link = &chain->links[i];
        if (link->kind != CHAIN_TEMPLATE)
            continue;
        struct backing_file *file = ARRAY_APPEND(disk->backing, disk->backing_count);
        *file = (struct backing_file){.path = mem_strdup(link->path), .format = link->format};
        template_take_identity(file, &link->status);
    }
}

bool templates_add(struct disk *disk, const struct backing_file *file, const char *before)
{
    if (templates_find(disk, file->path))
        return false;
    size_t at = index_of(disk, before);
    at = at == SIZE_MAX ? 0 : at;
    size_t behind = disk->backing_count - at;
    (void)ARRAY_APPEND(disk->backing, disk->backing_count);
    memmove(disk->backing + at + 1, disk->backing + at, behind * sizeof *disk->backing);
    disk->backing[at] = *file;
    disk->backing[at].path = mem_strdup(file->path);
    return true;
}

bool templates_renew(struct reference_point *point, const char *path, const struct stat *status,
                     const struct moment *unproven_since)
{
    bool renewed = false;
    for (size_t i = 0; i < point->member_count; i++) {
        struct member_point *member = &point->members[i];
        for (size_t j = 0; j < member->machine.disk_count && j < member->disk_count; j++) {
            struct backing_file *file = templates_find(&member->machine.disks[j], path);
            if (!file)
                continue;
            template_take_identity(file, status);
            if (unproven_since)
                layer_doubt(&member->disks[j], *unproven_since);
            renewed = true;
        }
    }
    return renewed;
}
