#include "core/export/package/package.h"

#include <stdlib.h>
#include <string.h>

static void clear_disk(struct package_disk *disk)
{
    free(disk->machine);
    free(disk->machine_id);
    free(disk->disk);
    free(disk->disk_uuid);
    free(disk->file);
    free(disk->reason);
    free(disk->data_sha256);
    free(disk->data_xxh3);
    free(disk->base_file);
    free(disk->backing_name);
}

void package_clear(struct package *package)
{
    for (size_t i = 0; i < package->disk_count; i++)
        clear_disk(&package->disks[i]);
    for (size_t i = 0; i < package->file_count; i++) {
        free(package->files[i].name);
        free(package->files[i].sha256);
    }
    free(package->disks);
    free(package->files);
    free(package->path);
    free(package->record_sha256);
    free(package->exporter);
    free(package->base_record_sha256);
    for (size_t i = 0; i < package->base_count; i++)
        free(package->bases[i].record_sha256);
    free(package->bases);
    export_origins_clear(&package->origins, &package->origin_count);
    reference_point_clear(&package->point);
    export_options_clear(&package->options);
    *package = (struct package){0};
}

const struct package_file *package_find_file(const struct package *package, const char *name)
{
    for (size_t i = 0; i < package->file_count; i++) {
        if (strcmp(package->files[i].name, name) == 0)
            return &package->files[i];
    }
    return NULL;
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

void package_keep_disks(struct machine *machine,
                        bool (*holds)(const void *context, const struct disk *disk, size_t index,
                                      enum disk_format *format),
                        const void *context)
{
    size_t kept = 0;
    for (size_t i = 0; i < machine->disk_count; i++) {
        struct disk *disk = &machine->disks[i];
        if (!holds(context, disk, i, &disk->format)) {
            disk_clear(disk);
            continue;
        }
        disk_clear_backing(disk);
        machine->disks[kept++] = *disk;
    }
    machine->disk_count = kept;
}
