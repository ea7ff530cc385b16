#include "core/export/package/check/facts.h"

#include <string.h>

#include "core/export/package/path.h"

struct facts {
    const struct package *package;
    const char *label;
    struct package_problems *problems;
};

#define COMPLAIN(facts, format, ...)                                                                         \
    package_problems_add((facts)->problems, NULL, "%s" PACKAGE_RECORD ": " format, (facts)->label,           \
                         __VA_ARGS__)

bool package_is_of_first_version(const struct package *package)
{
    return package->exporter && strcmp(package->exporter, "refpoint 0.1.0") == 0;
}

static void check_member(const struct facts *facts, const struct member_point *member, uint64_t *total)
{
    const struct machine *machine = &member->machine;
    if (member->disk_count != machine->disk_count)
        COMPLAIN(facts, "the machine %s has %zu disks, and %zu of them at the point", machine->name,
                 machine->disk_count, member->disk_count);
    for (size_t i = 0; i < member->disk_count; i++) {
        const struct disk_point *point = &member->disks[i];
        *total += point->virtual_size;
        if (i >= machine->disk_count)
            continue;
        const struct disk *disk = &machine->disks[i];
        if (!guid_equal(&disk->uuid, &point->disk_uuid) || strcmp(disk->id, point->disk_id) != 0)
            COMPLAIN(facts, "disk %s of the machine %s is %s at the point", disk->id, machine->name,
                     point->disk_id);
        else if (disk->virtual_size != point->virtual_size)
            COMPLAIN(facts, "disk %s of the machine %s has %llu bytes, and %llu at the point", disk->id,
                     machine->name, (unsigned long long)disk->virtual_size,
                     (unsigned long long)point->virtual_size);
    }
}

static const struct member_point *find_member(const struct package *package, const char *id)
{
    for (size_t i = 0; i < package->point.member_count; i++) {
        if (strcmp(package->point.members[i].machine.id.text, id) == 0)
            return &package->point.members[i];
    }
    return NULL;
}

static const struct disk_point *find_point(const struct member_point *member, const char *uuid)
{
    for (size_t i = 0; member && i < member->disk_count; i++) {
        if (strcmp(member->disks[i].disk_uuid.text, uuid) == 0)
            return &member->disks[i];
    }
    return NULL;
}

static void check_disk(const struct facts *facts, const struct package_disk *disk)
{
    const struct package *package = facts->package;
    const struct member_point *member = find_member(package, disk->machine_id);
    const struct disk_point *point = find_point(member, disk->disk_uuid);
    if (!point) /* the record was refused for it */
        return;
    if (strcmp(disk->machine, member->machine.name) != 0 || strcmp(disk->disk, point->disk_id) != 0)
        COMPLAIN(facts, "%s is called disk %s of %s in one place, and disk %s of %s in another", disk->file,
                 disk->disk, disk->machine, point->disk_id, member->machine.name);
    if (disk->format != package->options.format)
        COMPLAIN(facts, "%s is %s, where the export was to write %s", disk->file,
                 disk_format_word(disk->format), disk_format_word(package->options.format));
    if (disk->differential && object_path_is_none(&package->base_point))
        COMPLAIN(facts, "%s is differential, and no base was asked for", disk->file);
}

void package_facts_check(const struct package *package, const char *label, struct package_problems *problems)
{
    const struct facts facts = {.package = package, .label = label, .problems = problems};
    uint64_t total = 0;
    for (size_t i = 0; i < package->point.member_count; i++)
        check_member(&facts, &package->point.members[i], &total);
    if (total != package->point.virtual_size)
        COMPLAIN(&facts, "the point has %llu bytes in all, its disks %llu",
                 (unsigned long long)package->point.virtual_size, (unsigned long long)total);
    for (size_t i = 0; i < package->disk_count; i++)
        check_disk(&facts, &package->disks[i]);
    if (package->verified && !package->options.verify)
        COMPLAIN(&facts, "%s",
                 "it says that the package was verified, and that the export was not to verify it");
}
