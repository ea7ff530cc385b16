#include "core/export/package/write/machines.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/definition/rewrite.h"
#include "core/export/package/path.h"
#include "core/model/cfg.h"
#include "core/system/beneath.h"
#include "core/system/digest.h"
#include "core/system/fs.h"

struct taken { /* of a member */
    const struct export_task *task;
    size_t member;
};

static bool holds_disk(const void *context, const struct disk *disk, size_t index, enum disk_format *format)
{
    const struct taken *taken = context;
    const struct export_task *task = taken->task;
    (void)disk;
    *format = task->options.format;
    for (size_t i = 0; i < task->disk_count; i++) {
        if (task->disks[i].member == taken->member && task->disks[i].disk == index)
            return index < task->point.members[taken->member].disk_count;
    }
    return false;
}

static void name_files(const struct package_writer *writer, size_t member, bool beside,
                       struct machine *machine)
{
    for (size_t i = 0; i < writer->task->file_count; i++) {
        const struct export_file *file = &writer->task->files[i];
        if (file->member == member)
            mem_replace(&machine->files[file->file].file,
                        writer->layout.files[i] + (beside ? strlen(writer->layout.machines[member]) + 1 : 0));
    }
}

void package_machines_name_files(const struct package_writer *writer, struct reference_point *point)
{
    for (size_t i = 0; i < point->member_count; i++)
        name_files(writer, i, false, &point->members[i].machine);
}

/* The machine of this package; machine_clear. */
static void describe(const struct package_writer *writer, size_t member, struct machine *machine)
{
    const struct taken taken = {.task = writer->task, .member = member};
    machine_copy(machine, &writer->task->point.members[member].machine);
    package_keep_disks(machine, holds_disk, &taken);
    name_files(writer, member, true, machine);
}

/* The kept definition, agreeing with the settings and the disks beside it. */
static bool settle_definition(struct machine *machine, struct error *err)
{
    struct definition_disk *disks = NULL;
    size_t count = 0;
    char *made = NULL;
    char **notes = NULL;
    size_t note_count = 0;
    if (!machine->domain_xml)
        return true;
    for (size_t i = 0; i < machine->disk_count; i++)
        *ARRAY_APPEND(disks, count) = (struct definition_disk){
            .id = machine->disks[i].id, .path = machine->disks[i].path, .format = machine->disks[i].format};
    const struct definition_change change = {.name = machine->name,
                                             .cpus = machine->settings.cpus,
                                             .cpus_ceiling = machine->settings.cpus_ceiling,
                                             .memory = machine->settings.memory,
                                             .firmware = machine->settings.firmware,
                                             .disks = disks,
                                             .disk_count = count,
                                             .only_these_disks = true};
    bool ok = definition_rewrite(machine->domain_xml, &change, &made, &notes, &note_count, err) ||
              error_context(err, "the definition of the machine %s", machine->name);
    free(disks);
    fs_free_names(notes, note_count);
    if (!ok)
        return false;
    free(machine->domain_xml);
    machine->domain_xml = made;
    return true;
}

static bool write_settings(struct package_writer *writer, size_t member, int directory,
                           const struct machine *machine, struct error *err)
{
    const char *folder = writer->layout.machines[member];
    CLEANUP_FREE char *text = machine_cfg_text(machine);
    CLEANUP_FREE char *settings = mem_format("%s/" PACKAGE_MACHINE_CFG, folder);
    CLEANUP_FREE char *domain = mem_format("%s/" PACKAGE_DOMAIN_XML, folder);
    return package_writer_put(writer, directory, settings, text, err) &&
           (!machine->domain_xml || package_writer_put(writer, directory, domain, machine->domain_xml, err));
}

static bool write_file(struct package_writer *writer, size_t index, int directory, struct error *err)
{
    const struct machine_file *file = export_task_file(writer->task, index);
    const char *name = writer->layout.files[index];
    char sha256[DIGEST_TEXT];
    uint64_t size;
    const struct export_file *kept = &writer->task->files[index];
    CLEANUP_FD int root = open(kept->directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    CLEANUP_FD int from = root < 0 ? -1 : beneath_open(root, kept->path, O_RDONLY | O_NONBLOCK, 0);
    CLEANUP_FD int to = -1;
    if (from < 0)
        return error_errno(err, errno, "export.file", "cannot open what is kept of %s", file->path);
    if (!package_writer_create(writer, directory, name, &to, err) ||
        !digest_copy(from, file->path, to, name, NULL, sha256, &size, err))
        return false;
    if (strcmp(sha256, file->sha256) == 0)
        return true;
    error_set(err, RETURN_INVALID_STATE, "export.file", "what the store keeps of %s was changed", file->path);
    return error_next(err,
                      "Bring the store's directory \"files\" back from a copy, or export another point.");
}

static bool write_files(struct package_writer *writer, size_t member, int directory, struct error *err)
{
    for (size_t i = 0; i < writer->task->file_count; i++) {
        if (writer->task->files[i].member == member && !write_file(writer, i, directory, err))
            return false;
    }
    return true;
}

static bool write_machine(struct package_writer *writer, size_t member, struct error *err)
{
    struct machine machine;
    CLEANUP_FD int directory = -1;
    describe(writer, member, &machine);
    bool ok = settle_definition(&machine, err) &&
              package_writer_open_machine(writer, writer->layout.machines[member], &directory, err) &&
              write_settings(writer, member, directory, &machine, err) &&
              write_files(writer, member, directory, err);
    machine_clear(&machine);
    return ok;
}

bool package_machines_write(struct package_writer *writer, struct error *err)
{
    for (size_t i = 0; i < writer->task->point.member_count; i++) {
        if (export_task_has_machine(writer->task, i) && !write_machine(writer, i, err))
            return error_context(err, "%s", writer->layout.machines[i]);
    }
    return true;
}
