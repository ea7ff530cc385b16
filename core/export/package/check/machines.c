#include "core/export/package/check/machines.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/export/package/check/facts.h"
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

bool package_machine_read(const struct package_link *link, const char *file, struct machine *machine,
                          struct error *err)
{
    struct stat status;
    CLEANUP_FREE char *text = NULL;
    CLEANUP_FD int fd = -1;
    size_t length = 0;
    config_t config;
    if (!package_path_open_file(link->fd, file, &fd, &status, err))
        return false;
    if ((uintmax_t)status.st_size > CFG_LIMIT_LARGE)
        return error_set(err, RETURN_NOT_SUPPORTED, "package.too-large", "%s is larger than %zu bytes", file,
                         CFG_LIMIT_LARGE);
    if (!package_read_descriptor(fd, file, (size_t)status.st_size, &text, &length, err))
        return false;
    bool ok = cfg_parse(&config, text, length, file, err) &&
              machine_from_cfg(machine, config_root_setting(&config), err);
    config_destroy(&config);
    return ok;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

struct held {
    const struct package *package;
    const char *machine_id;
};

static bool holds(const void *context, const struct disk *disk, size_t index, enum disk_format *format)
{
    const struct held *held = context;
    (void)index;
    size_t found = package_find_disk(held->package, held->machine_id, disk->uuid.text);
    if (found != SIZE_MAX)
        *format = held->package->disks[found].format;
    return found != SIZE_MAX;
}

/* What write/machines.c made of the machine in the record; machine_clear. */
static void expect(const struct package *package, const struct machine *recorded, struct machine *machine)
{
    const struct held held = {.package = package, .machine_id = recorded->id.text};
    machine_copy(machine, recorded);
    package_keep_disks(machine, holds, &held);
    for (size_t i = 0; i < machine->file_count; i++) {
        char **file = &machine->files[i].file;
        if (*file) {
            char *beside = mem_strdup(base_name(*file));
            free(*file);
            *file = beside;
        }
    }
}

static char *cut_line(const char *line)
{
    line += strspn(line, " ");
    return mem_strndup(line, strcspn(line, "\n"));
}

/* The first line in which they differ. */
static void check_settings(const struct package *package, const struct machine *machine,
                           const struct machine *recorded, const char *file, const char *label,
                           struct package_problems *problems)
{
    struct machine expected = {0};
    expect(package, recorded, &expected);
    CLEANUP_FREE char *said = machine_cfg_text(machine);
    CLEANUP_FREE char *wanted = machine_cfg_text(&expected);
    machine_clear(&expected);
    size_t same = 0;
    size_t line = 0;
    for (; said[same] && said[same] == wanted[same]; same++)
        line = said[same] == '\n' ? same + 1 : line;
    if (!said[same] && !wanted[same])
        return;
    CLEANUP_FREE char *in_file = cut_line(said + line);
    CLEANUP_FREE char *in_record = cut_line(wanted + line);
    package_problems_add(problems, file, "%s%s has \"%s\" where the record has \"%s\"", label, file, in_file,
                         in_record);
}

static bool names_disk(const struct machine *machine, const char *uuid)
{
    for (size_t i = 0; i < machine->disk_count; i++) {
        if (strcmp(machine->disks[i].uuid.text, uuid) == 0)
            return true;
    }
    return false;
}

static void check_disks(const struct package *package, const struct machine *machine, const char *file,
                        const char *label, struct package_problems *problems)
{
    for (size_t i = 0; i < package->disk_count; i++) {
        const struct package_disk *disk = &package->disks[i];
        if (strcmp(disk->machine_id, machine->id.text) == 0 && !names_disk(machine, disk->disk_uuid))
            package_problems_add(problems, file, "%s%s does not name the disk %s, which the package holds",
                                 label, file, disk->disk);
    }
}

static void check_machine(const struct package_link *link, const char *file, const char *label,
                          struct package_problems *problems)
{
    struct machine machine = {0};
    struct error unread = {0};
    if (!package_machine_read(link, file, &machine, &unread)) {
        package_problems_add(problems, file, "%s%s cannot be read as the settings of a machine", label, file);
        return;
    }
    const struct machine *recorded = find_machine(&link->package, &machine.id);
    if (!recorded)
        package_problems_add(problems, file, "%s%s is of a machine that the record does not know", label,
                             file);
    else if (!machine.name || strcmp(recorded->name, machine.name) != 0)
        package_problems_add(problems, file, "%s%s calls the machine %s, the record %s", label, file,
                             machine.name ? machine.name : "nothing", recorded->name);
    else if (package_is_of_first_version(&link->package))
        check_disks(&link->package, &machine, file, label, problems);
    else
        check_settings(&link->package, &machine, recorded, file, label, problems);
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
