#include "core/export/package/import/machines.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/definition/rewrite.h"
#include "core/export/package/path.h"
#include "core/export/package/read.h"
#include "core/model/cfg.h"
#include "core/syntax/cfg.h"
#include "core/system/beneath.h"
#include "core/system/digest.h"
#include "core/system/fs.h"

void import_notes_clear(struct import_notes *notes)
{
    for (size_t i = 0; i < notes->count; i++)
        free(notes->items[i]);
    free(notes->items);
    *notes = (struct import_notes){0};
}

static const char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static bool has_file(const struct package *package, const char *name)
{
    for (size_t i = 0; i < package->file_count; i++) {
        if (strcmp(package->files[i].name, name) == 0)
            return true;
    }
    return false;
}

/* The package's name of a machine's file; NULL when it holds none. The caller's. */
static char *held_name(const struct import_machines *import, const char *folder,
                       const struct machine_file *file)
{
    char *name = file->file ? mem_format("%s/%s", folder, file->file) : NULL;
    if (name && has_file(&import->link->package, name))
        return name;
    free(name);
    return NULL;
}

static bool is_in(const char *file, const char *folder)
{
    size_t length = strlen(folder);
    return strncmp(file, folder, length) == 0 && file[length] == '/';
}

static bool create(int directory, const char *name, int *fd, struct error *err)
{
    *fd = beneath_open(directory, name, O_WRONLY | O_CREAT | O_EXCL, 0600);
    return *fd >= 0 || error_errno(err, errno, "import.create", "cannot create %s", name);
}

static bool write_text(int directory, const char *name, const char *text, struct error *err)
{
    CLEANUP_FD int fd = -1;
    return create(directory, name, &fd, err) && fs_write_all(fd, text, strlen(text), name, err) &&
           fs_sync(fd, name, err);
}

static bool copy_file(const struct import_machines *import, const struct package_file *file, int directory,
                      struct error *err)
{
    char sha256[DIGEST_TEXT];
    uint64_t size;
    CLEANUP_FD int from = -1;
    CLEANUP_FD int to = -1;
    if (!package_path_open_file(import->link->fd, file->name, &from, NULL, err) ||
        !create(directory, name_of(file->name), &to, err) ||
        !digest_copy(from, file->name, to, file->name, NULL, sha256, &size, err) ||
        !fs_sync(to, file->name, err))
        return false;
    if (strcmp(sha256, file->sha256) == 0)
        return true;
    error_set(err, RETURN_IN_USE, "package.changing", "%s changes while it is read", file->name);
    return error_next(err, "Wait until whatever writes to the package has ended, then try again.");
}

static bool read_text(const struct import_machines *import, const char *name, char **text, size_t *length,
                      struct error *err)
{
    struct stat status;
    CLEANUP_FD int fd = -1;
    if (!package_path_open_file(import->link->fd, name, &fd, &status, err))
        return false;
    if ((uintmax_t)status.st_size > CFG_LIMIT_LARGE) {
        error_set(err, RETURN_NOT_SUPPORTED, "package.too-large", "%s is larger than %zu bytes", name,
                  CFG_LIMIT_LARGE);
        return error_next(err, "The package has been changed: bring it back from a copy.");
    }
    return package_read_descriptor(fd, name, (size_t)status.st_size, text, length, err);
}

/* The path that a file of the package has in the import; the caller's. */
static char *place_of(const struct import_machines *import, const char *file)
{
    return mem_format("%s/%s", strcmp(import->place, "/") == 0 ? "" : import->place,
                      file + strlen(PACKAGE_MACHINES "/"));
}

static const struct package_disk *find_disk(const struct package *package, const struct machine *machine,
                                            const struct disk *disk)
{
    size_t at = package_find_disk(package, machine->id.text, disk->uuid.text);
    return at == SIZE_MAX ? NULL : &package->disks[at];
}

/* Disks that are in the package, at the places that they get; of packages of the first version, whose
 * settings name all, the others go. */
static void settle_disks(const struct import_machines *import, struct machine *machine)
{
    size_t kept = 0;
    for (size_t i = 0; i < machine->disk_count; i++) {
        struct disk *disk = &machine->disks[i];
        const struct package_disk *held = find_disk(&import->link->package, machine, disk);
        if (!held) {
            *ARRAY_APPEND(import->notes->items, import->notes->count) =
                mem_format("%s: the package does not hold disk %s", machine->name, disk->id);
            disk_clear(disk);
            continue;
        }
        free(disk->path);
        disk->path = place_of(import, held->file);
        disk->format = held->format;
        disk_clear_backing(disk);
        machine->disks[kept++] = *disk;
    }
    machine->disk_count = kept;
}

static void tell_of_files(const struct import_machines *import, const char *folder,
                          const struct machine *machine)
{
    for (size_t i = 0; i < machine->file_count; i++) {
        const struct machine_file *file = &machine->files[i];
        CLEANUP_FREE char *name = held_name(import, folder, file);
        if (name && file->role == MACHINE_FILE_TPM) {
            CLEANUP_FREE char *now = place_of(import, name);
            *ARRAY_APPEND(import->notes->items, import->notes->count) = mem_format(
                "%s: the TPM's state %s was %s; put it there, under the machine's UUID, before the first "
                "start",
                machine->name, now, file->path);
        } else if (!name) {
            *ARRAY_APPEND(import->notes->items, import->notes->count) =
                mem_format("%s: the package does not hold the %s %s", machine->name,
                           machine_file_role_word(file->role), file->path);
        }
    }
}

struct change { /* what a definition_change borrows from */
    struct definition_disk *disks;
    size_t disk_count;
    struct definition_file *files;
    size_t file_count;
    char **paths;
    size_t path_count;
};

static void change_clear(struct change *change)
{
    free(change->disks);
    free(change->files);
    fs_free_names(change->paths, change->path_count);
}

/* A variable store that is not there is drawn anew by libvirt; other files that are not stay where the
 * definition has them. */
static void change_files(const struct import_machines *import, const char *folder,
                         const struct machine *machine, struct change *change)
{
    for (size_t i = 0; i < machine->file_count; i++) {
        const struct machine_file *file = &machine->files[i];
        char *to = NULL;
        CLEANUP_FREE char *name = held_name(import, folder, file);
        if (file->role == MACHINE_FILE_TPM || (!name && file->role != MACHINE_FILE_NVRAM))
            continue;
        if (name) {
            to = place_of(import, name);
            *ARRAY_APPEND(change->paths, change->path_count) = to;
        }
        *ARRAY_APPEND(change->files, change->file_count) =
            (struct definition_file){.role = file->role, .from = file->path, .to = to};
    }
}

static bool write_definition(const struct import_machines *import, const char *folder,
                             struct machine *machine, const char *text, int directory, struct error *err)
{
    struct change change = {0};
    CLEANUP_FREE char *made = NULL;
    char **notes = NULL;
    size_t count = 0;
    for (size_t i = 0; i < machine->disk_count; i++)
        *ARRAY_APPEND(change.disks, change.disk_count) = (struct definition_disk){
            .id = machine->disks[i].id, .path = machine->disks[i].path, .format = machine->disks[i].format};
    change_files(import, folder, machine, &change);
    const struct definition_change wanted = {.name = import->as ? machine->name : NULL,
                                             .uuid = import->as ? &machine->id : NULL,
                                             .new_macs = import->as != NULL,
                                             .disks = change.disks,
                                             .disk_count = change.disk_count,
                                             .only_these_disks = true,
                                             .empty_drives = true,
                                             .files = change.files,
                                             .file_count = change.file_count};
    bool ok = definition_rewrite(text, &wanted, &made, &notes, &count, err);
    change_clear(&change);
    for (size_t i = 0; ok && i < count; i++)
        *ARRAY_APPEND(import->notes->items, import->notes->count) =
            mem_format("%s: %s", machine->name, notes[i]);
    fs_free_names(notes, count);
    if (!ok || !write_text(directory, PACKAGE_DOMAIN_XML, made, err))
        return false;
    mem_replace(&machine->domain_xml, made);
    return true;
}

/* One name for one machine; with the machine's own behind it where there are several. */
static char *new_name(const struct import_machines *import, const struct machine *machine)
{
    size_t folders = 0;
    for (size_t i = 0; i < import->link->package.file_count; i++)
        folders += strcmp(name_of(import->link->package.files[i].name), PACKAGE_MACHINE_CFG) == 0;
    return folders > 1 ? mem_format("%s-%s", import->as, machine->name) : mem_strdup(import->as);
}

static bool write_settings(const struct machine *machine, int directory, struct error *err)
{
    CLEANUP_FREE char *text = machine_cfg_text(machine);
    return write_text(directory, PACKAGE_MACHINE_CFG, text, err);
}

static bool read_settings(const struct import_machines *import, const char *name, struct machine *machine,
                          struct error *err)
{
    CLEANUP_FREE char *text = NULL;
    size_t length = 0;
    config_t config;
    if (!read_text(import, name, &text, &length, err))
        return false;
    bool ok = cfg_parse(&config, text, length, name, err) &&
              machine_from_cfg(machine, config_root_setting(&config), err);
    config_destroy(&config);
    return ok || error_context(err, "%s", name);
}

static void hand_out(const struct import_machines *import, const char *folder, const struct machine *machine)
{
    struct imported *imported = import->imported;
    struct machine *copy = ARRAY_APPEND(imported->machines, imported->machine_count);
    machine_copy(copy, machine);
    for (size_t i = 0; i < copy->file_count; i++) {
        struct machine_file *file = &copy->files[i];
        CLEANUP_FREE char *name = held_name(import, folder, file);
        CLEANUP_FREE char *place = name ? place_of(import, name) : NULL;
        mem_replace(&file->file, place);
        mem_replace(&file->sha256, name ? package_find_file(&import->link->package, name)->sha256 : NULL);
        if (!name && !file->missing)
            file->missing = mem_strdup("the package does not hold it");
        if (name && file->role != MACHINE_FILE_TPM)
            mem_replace(&file->path, place); /* where its definition has it now */
    }
}

static bool write_machine(const struct import_machines *import, const char *folder, struct machine *machine,
                          int directory, struct error *err)
{
    CLEANUP_FREE char *definition = mem_format("%s/" PACKAGE_DOMAIN_XML, folder);
    CLEANUP_FREE char *text = NULL;
    size_t length = 0;
    settle_disks(import, machine);
    tell_of_files(import, folder, machine);
    if (import->as) {
        char *name = new_name(import, machine);
        free(machine->name);
        machine->name = name;
        machine->id = guid_new();
    }
    bool defined = has_file(&import->link->package, definition);
    bool ok = write_settings(machine, directory, err) &&
              (!defined || (read_text(import, definition, &text, &length, err) &&
                            write_definition(import, folder, machine, text, directory, err)));
    if (ok)
        hand_out(import, folder, machine);
    return ok;
}

static bool is_disk(const struct package *package, const char *file)
{
    for (size_t i = 0; i < package->disk_count; i++) {
        if (strcmp(package->disks[i].file, file) == 0)
            return true;
    }
    return false;
}

bool import_machine_write(const struct import_machines *import, const char *folder, int directory,
                          struct error *err)
{
    const struct package *package = &import->link->package;
    CLEANUP_FREE char *settings = mem_format("%s/" PACKAGE_MACHINE_CFG, folder);
    struct machine machine = {0};
    bool ok = read_settings(import, settings, &machine, err) &&
              write_machine(import, folder, &machine, directory, err);
    machine_clear(&machine);
    for (size_t i = 0; ok && i < package->file_count; i++) {
        const struct package_file *file = &package->files[i];
        const char *name = name_of(file->name);
        if (is_in(file->name, folder) && !is_disk(package, file->name) &&
            strcmp(name, PACKAGE_MACHINE_CFG) != 0 && strcmp(name, PACKAGE_DOMAIN_XML) != 0)
            ok = copy_file(import, file, directory, err);
    }
    return ok;
}
