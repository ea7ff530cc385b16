/* The machine is off, so that its files stand still; each is looked at before and after it is copied, and
 * once more when the images have their overlays. What a point that fails has kept goes with the next sweep
 * (store/kept_files.h). */
#include "core/host/layers/freeze/freeze_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/access.h"
#include "core/base/account.h"
#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "core/base/text.h"
#include "core/definition/domain_xml.h"
#include "core/definition/faults.h"
#include "core/host/store/kept_files.h"
#include "core/system/beneath.h"
#include "core/system/fs.h"

#define OPEN_FLAGS (O_RDONLY | O_NONBLOCK | O_NOCTTY)

static const char *const words[MACHINE_FILE_ROLES] = {
    [MACHINE_FILE_NVRAM] = "the UEFI variable store",
    [MACHINE_FILE_TPM] = "the state of the TPM",
    [MACHINE_FILE_LOADER] = "the firmware",
    [MACHINE_FILE_KERNEL] = "the kernel",
    [MACHINE_FILE_INITRD] = "the initial RAM disk",
    [MACHINE_FILE_DEVICE_TREE] = "the device tree",
    [MACHINE_FILE_FIRMWARE_CONFIG] = "the firmware's configuration file",
    [MACHINE_FILE_ACPI_TABLE] = "the ACPI table",
};

/* By its path, or by what it is: "nvram". */
static bool is_left_out(const struct point_request *request, const struct machine_file *file)
{
    for (size_t i = 0; i < request->leave_out_count; i++) {
        if (strcmp(request->leave_out[i], file->path) == 0 ||
            strcmp(request->leave_out[i], machine_file_role_word(file->role)) == 0)
            return true;
    }
    return false;
}

static bool refuse(const struct machine_file *file, int number, struct error *err)
{
    CLEANUP_FREE char *who = account_name(geteuid());
    CLEANUP_FREE char *advice = access_advice(file->path, number);
    CLEANUP_FREE char *quoted = text_shell_quote(file->path);
    error_set(err, number == ENOENT ? RETURN_FILE_NOT_FOUND : RETURN_ACCESS_DENIED, "point.file",
              "%s %s cannot be read by %s", words[file->role], file->path, who);
    error_cause(err, "%s", strerrordesc_np(number));
    if (number == ENOENT)
        return error_next(
            err,
            "Start the machine once, so that it is made, or correct its path in the definition; or "
            "leave it out of the point by your word: --leave-out %s",
            quoted);
    if (advice)
        return error_next(err, "Leave it out of the point by your word (--leave-out %s), or: %s", quoted,
                          advice);
    return error_next(
        err,
        "Make it readable (setfacl -m u:%s:r %s), or run as root; or leave it out of the point by "
        "your word: --leave-out %s",
        who, quoted, quoted);
}

static bool refuse_kind(const struct machine_file *file, struct error *err)
{
    CLEANUP_FREE char *quoted = text_shell_quote(file->path);
    error_set(err, RETURN_NOT_SUPPORTED, "point.file", "%s %s is no regular file", words[file->role],
              file->path);
    return error_next(err, "Keep it in a file, or leave it out of the point by your word: --leave-out %s",
                      quoted);
}

static void remember(struct freeze_work *work, const char *path, const struct stat *status)
{
    *ARRAY_APPEND(work->files, work->file_count) =
        (struct freeze_file){.path = mem_strdup(path), .was = file_identity_of(status)};
}

static bool changing(const char *path, struct error *err)
{
    error_set(err, RETURN_IN_USE, "point.file-in-use", "%s changes while it is copied", path);
    return error_next(err, "Shut the machine down (or end the program that writes to it), then try again.");
}

/* As it is beneath the root of the file system: "a/b" of "//a/./b". */
static char *plain_path(const char *path)
{
    CLEANUP_FREE char *parts = mem_strdup(path);
    struct strbuf plain = {0};
    char *rest = NULL;
    for (char *part = strtok_r(parts, "/", &rest); part; part = strtok_r(NULL, "/", &rest)) {
        if (strcmp(part, ".") != 0)
            strbuf_addf(&plain, "%s%s", plain.length ? "/" : "", part);
    }
    return strbuf_take(&plain);
}

/* Here, or as the other host has sent it: then links are its, and lead to files of ours. */
static int open_place(const struct freeze_work *work, const char *path, int flags)
{
    if (!work->root)
        return open(path, flags | O_CLOEXEC);
    CLEANUP_FREE char *plain = plain_path(path);
    CLEANUP_FD int root = open(work->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    return root < 0 ? -1 : beneath_open(root, plain, flags, 0);
}

/* number: why it could not be read, for the operator's word; 0 when err tells something else. */
static bool take_file(struct freeze_work *work, struct machine_file *file, int *number, struct error *err)
{
    struct stat before;
    struct stat after;
    char sha256[DIGEST_TEXT];
    *number = 0;
    CLEANUP_FD int fd = open_place(work, file->path, OPEN_FLAGS);
    if (fd < 0 || fstat(fd, &before) != 0) {
        *number = errno;
        return false;
    }
    if (!S_ISREG(before.st_mode))
        return refuse_kind(file, err);
    if (!kept_files_put(work->store, fd, file->path, sha256, &file->size, err))
        return false;
    if (fstat(fd, &after) != 0 || before.st_mtim.tv_sec != after.st_mtim.tv_sec ||
        before.st_mtim.tv_nsec != after.st_mtim.tv_nsec || before.st_size != after.st_size ||
        (uint64_t)after.st_size != file->size)
        return changing(file->path, err);
    mem_replace(&file->sha256, sha256);
    if (!work->root)
        remember(work, file->path, &after);
    return true;
}

static bool take_or_leave(struct freeze_work *work, const struct point_request *request,
                          struct machine_file *file, struct error *err)
{
    int number = 0;
    if (is_left_out(request, file)) {
        mem_replace(&file->missing, "left out by the operator (--leave-out)");
        return true;
    }
    if (take_file(work, file, &number, err))
        return true;
    return number ? refuse(file, number, err) : false;
}

/* The state of a TPM is a directory: each file of it, but for the lock of the program that serves it. */
static bool take_directory(struct freeze_work *work, const struct point_request *request,
                           const struct machine_file *state, struct machine *machine, struct error *err)
{
    CLEANUP_FD int directory = open_place(work, state->path, O_RDONLY | O_DIRECTORY);
    int follow = work->root ? AT_SYMLINK_NOFOLLOW : 0;
    char **names = NULL;
    size_t count = 0;
    if (directory < 0)
        return refuse(state, errno, err);
    if (!fs_list(directory, &names, &count, err))
        return false;
    bool ok = true;
    for (size_t i = 0; ok && i < count; i++) {
        struct stat status;
        if (names[i][0] == '.' || fstatat(directory, names[i], &status, follow) != 0)
            continue;
        struct machine_file file = {.role = MACHINE_FILE_TPM,
                                    .path = mem_format("%s/%s", state->path, names[i])};
        ok = S_ISDIR(status.st_mode) ? take_directory(work, request, &file, machine, err)
                                     : take_or_leave(work, request, &file, err);
        if (ok && S_ISREG(status.st_mode))
            machine_file_copy(ARRAY_APPEND(machine->files, machine->file_count), &file);
        machine_file_clear(&file);
    }
    fs_free_names(names, count);
    return ok;
}

static bool is_directory_or_absent(const struct freeze_work *work, const char *path)
{
    struct stat status;
    CLEANUP_FD int fd = open_place(work, path, O_PATH);
    return fd < 0 || (fstat(fd, &status) == 0 && S_ISDIR(status.st_mode));
}

static bool take_all(struct freeze_work *work, const struct point_request *request,
                     const struct machine *described, struct machine *machine, struct error *err)
{
    for (size_t i = 0; i < described->file_count; i++) {
        const struct machine_file *from = &described->files[i];
        if (from->role == MACHINE_FILE_TPM && !is_left_out(request, from) &&
            is_directory_or_absent(work, from->path)) {
            if (!take_directory(work, request, from, machine, err))
                return false;
            continue;
        }
        struct machine_file *file = ARRAY_APPEND(machine->files, machine->file_count);
        machine_file_copy(file, from);
        if (!take_or_leave(work, request, file, err))
            return false;
    }
    return true;
}

/* A machine that would not see the overlay that a point gives it must not be frozen: it would start without
 * its data, or on older ones, and write there. */
static bool check_definition(const struct machine *machine, struct error *err)
{
    struct definition_fault *faults = NULL;
    size_t count = 0;
    if (!definition_faults(machine->domain_xml, machine, &faults, &count, err))
        return error_context(err, "the definition of the machine %s", machine->name);
    bool ok = true;
    for (size_t i = 0; ok && i < count; i++) {
        if (faults[i].kind == DEFINITION_NO_DISK)
            continue;
        CLEANUP_FREE char *quoted = text_shell_quote(machine->name);
        error_set(err, RETURN_NOT_SUPPORTED, "point.definition", "the definition of the machine %s %s",
                  machine->name, faults[i].what);
        ok = error_next(
            err,
            "refpoint machine definition %s prints it put right: give that to \"virsh define\", then to "
            "refpoint machine set %s --domain-xml FILE.",
            quoted, quoted);
    }
    definition_faults_free(faults, count);
    return ok;
}

/* The first version took the ceiling for what the guest has. */
static void settle_processors(struct machine *machine, const struct machine *described)
{
    struct machine_settings *settings = &machine->settings;
    if (settings->cpus_ceiling != 0 || described->settings.cpus_ceiling == 0 ||
        settings->cpus != described->settings.cpus_ceiling)
        return;
    settings->cpus = described->settings.cpus;
    settings->cpus_ceiling = described->settings.cpus_ceiling;
}

/* By the operator, or by the host: a disk that is read-only to the machine. */
static bool is_left_out_disk(const struct machine_left_out *item)
{
    return item->device && (item->by_operator || strcmp(item->kind, "disk") == 0);
}

static void disks_left_out(const struct machine *machine, const char ***names, size_t *count)
{
    for (size_t i = 0; i < machine->left_out_count; i++) {
        if (is_left_out_disk(&machine->left_out[i]))
            *ARRAY_APPEND(*names, *count) = machine->left_out[i].device;
    }
}

/* The definition was read without them by their names alone. */
static void keep_reasons(struct machine *described, const struct machine *machine)
{
    for (size_t i = 0; i < described->left_out_count; i++) {
        struct machine_left_out *item = &described->left_out[i];
        for (size_t j = 0; item->by_operator && j < machine->left_out_count; j++) {
            const struct machine_left_out *known = &machine->left_out[j];
            if (!is_left_out_disk(known) || known->by_operator || strcmp(known->device, item->device) != 0)
                continue;
            item->by_operator = false;
            mem_replace(&item->reason, known->reason);
        }
    }
}

/* What its definition says now. */
static bool describe(const struct machine *machine, struct machine *described, struct error *err)
{
    const char **without = NULL;
    size_t count = 0;
    disks_left_out(machine, &without, &count);
    bool ok = domain_xml_read_without(described, machine->domain_xml, without, count, err);
    free(without);
    return ok || error_context(err, "the definition of the machine %s", machine->name);
}

/* What the operator left out of the machine stays said. */
static bool take_of_machine(struct freeze_work *work, const struct point_request *request,
                            struct machine *machine, struct error *err)
{
    struct machine described;
    if (!machine->domain_xml)
        return true;
    if (!describe(machine, &described, err))
        return false;
    if (!check_definition(machine, err)) {
        machine_clear(&described);
        return false;
    }
    settle_processors(machine, &described);
    keep_reasons(&described, machine);
    machine_clear_surroundings(machine);
    for (size_t i = 0; i < described.left_out_count; i++)
        machine_left_out_copy(ARRAY_APPEND(machine->left_out, machine->left_out_count),
                              &described.left_out[i]);
    bool ok =
        take_all(work, request, &described, machine, err) || error_context(err, "machine %s", machine->name);
    machine_clear(&described);
    return ok;
}

bool freeze_files_take(struct freeze_work *work, const struct point_request *request, struct error *err)
{
    for (size_t i = 0; i < work->point.member_count; i++) {
        if (!take_of_machine(work, request, &work->point.members[i].machine, err))
            return false;
    }
    return true;
}

bool freeze_files_name(const struct freeze_work *work, const struct point_request *request, char ***paths,
                       size_t *count, struct error *err)
{
    *paths = NULL;
    *count = 0;
    for (size_t i = 0; i < work->point.member_count; i++) {
        const struct machine *machine = &work->point.members[i].machine;
        struct machine described;
        if (!machine->domain_xml)
            continue;
        if (!describe(machine, &described, err))
            return false;
        for (size_t f = 0; f < described.file_count; f++) {
            if (!is_left_out(request, &described.files[f]))
                *ARRAY_APPEND(*paths, *count) = mem_strdup(described.files[f].path);
        }
        machine_clear(&described);
    }
    return true;
}

bool freeze_files_are_still(const struct freeze_work *work, struct error *err)
{
    for (size_t i = 0; i < work->file_count; i++) {
        struct stat status;
        if (stat(work->files[i].path, &status) != 0 || !file_identity_matches(&work->files[i].was, &status))
            return changing(work->files[i].path, err);
    }
    return true;
}
