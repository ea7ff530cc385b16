#include "core/export/package/check/machines.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/export/package/path.h"
#include "core/export/package/read.h"
#include "core/model/cfg.h"
#include "core/syntax/cfg.h"

static const struct machine *find_machine(const struct package *package, const struct guid *id)
{
    for (size_t i = 0; i < package->point.member_count; i++) {
        if (guid_equal(&package->point.members[i].machine.id, id))
            return &package->point.members[i].machine;
    }
    return NULL;
}

static bool read_machine(const struct package_link *link, const char *file, struct machine *machine)
{
    struct error err = {0};
    struct stat status;
    CLEANUP_FREE char *text = NULL;
    CLEANUP_FD int fd = -1;
    size_t length = 0;
    config_t config;
    if (!package_path_open_file(link->fd, file, &fd, &status, &err) ||
        (uintmax_t)status.st_size > CFG_LIMIT_LARGE ||
        !package_read_descriptor(fd, file, (size_t)status.st_size, &text, &length, &err))
        return false;
    bool ok = cfg_parse(&config, text, length, file, &err) &&
              machine_from_cfg(machine, config_root_setting(&config), &err);
    config_destroy(&config);
    return ok;
}

static const struct disk *find_disk(const struct machine *machine, const char *uuid)
{
    for (size_t i = 0; i < machine->disk_count; i++) {
        if (strcmp(machine->disks[i].uuid.text, uuid) == 0)
            return &machine->disks[i];
    }
    return NULL;
}

/* Packages of earlier versions list every disk of the machine, in the format that its image had. */
static bool is_of_first_version(const struct package *package)
{
    return package->exporter && strcmp(package->exporter, "refpoint 0.1.0") == 0;
}

static void check_disks(const struct package_link *link, const struct machine *machine, const char *file,
                        const char *label, struct package_problems *problems)
{
    const struct package *package = &link->package;
    size_t held = 0;
    for (size_t i = 0; i < package->disk_count; i++) {
        const struct package_disk *disk = &package->disks[i];
        if (strcmp(disk->machine_id, machine->id.text) != 0)
            continue;
        held++;
        const struct disk *said = find_disk(machine, disk->disk_uuid);
        if (!said)
            package_problems_add(problems, "%s%s does not name the disk %s, which the package holds", label,
                                 file, disk->disk);
        else if (said->format != disk->format && !is_of_first_version(package))
            package_problems_add(problems, "%s%s says that disk %s is %s, and the package holds it as %s",
                                 label, file, disk->disk, disk_format_word(said->format),
                                 disk_format_word(disk->format));
    }
    if (machine->disk_count != held && !is_of_first_version(package))
        package_problems_add(problems, "%s%s names %zu disks where the package holds %zu", label, file,
                             machine->disk_count, held);
}

static void check_machine(const struct package_link *link, const char *file, const char *label,
                          struct package_problems *problems)
{
    struct machine machine = {0};
    if (!read_machine(link, file, &machine)) {
        package_problems_add(problems, "%s%s cannot be read as the settings of a machine", label, file);
        return;
    }
    const struct machine *recorded = find_machine(&link->package, &machine.id);
    if (!recorded)
        package_problems_add(problems, "%s%s is of a machine that the record does not know", label, file);
    else if (strcmp(recorded->name, machine.name) != 0)
        package_problems_add(problems, "%s%s calls the machine %s, the record %s", label, file, machine.name,
                             recorded->name);
    else
        check_disks(link, &machine, file, label, problems);
    machine_clear(&machine);
}

void package_machines_check(const struct package_link *link, const char *label,
                            struct package_problems *problems)
{
    for (size_t i = 0; i < link->package.file_count; i++) {
        const char *file = link->package.files[i].name;
        const char *slash = strrchr(file, '/');
        if (slash && strcmp(slash + 1, PACKAGE_MACHINE_CFG) == 0)
            check_machine(link, file, label, problems);
    }
}
