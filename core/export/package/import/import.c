/* From a package and its bases to images that need nothing else:
 *
 *   TO/MACHINE/DISK.qcow2 (or .raw), TO/MACHINE/machine.cfg, TO/MACHINE/domain.xml, files that belong to the
 * machine, TO/PATHS.txt
 *
 * The package is checked whole first (every digest, every image, down the chain); then each disk's chain is
 * flattened by qemu-img on descriptors, the result compared with the chain by qemu-img again, synced, and the
 * directory renamed. A kill leaves a dot-partial, as with an export. */
#include "core/export/package/import/import.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "core/base/text.h"
#include "core/definition/rewrite.h"
#include "core/export/package/check/seal.h"
#include "core/export/package/check/stack.h"
#include "core/export/package/import/machines.h"
#include "core/export/package/import/place.h"
#include "core/export/package/path.h"
#include "core/export/package/read.h"
#include "core/export/package/write/leavings.h"
#include "core/export/package/write/partial.h"
#include "core/image/layer.h"
#include "core/image/qemu_img.h"
#include "core/job/halt.h"
#include "core/syntax/cfg.h"
#include "core/system/beneath.h"
#include "core/system/fs.h"

struct import {
    const struct package_stack *stack;
    struct package_partial partial;
    struct job *job;
    const char *place; /* that it will have */
    const char *as;
    struct import_notes *notes;
    struct imported *imported;
    uint64_t done; /* virtual bytes of finished disks in this phase */
    uint64_t now;  /* of the disk under way */
    uint64_t total;
};

/* --- disks --- */

static void show_progress(void *context, double share)
{
    struct import *import = context;
    if (import->job)
        job_set_phase_progress(import->job, import->done + (uint64_t)((double)import->now * share),
                               import->total);
}

static bool run(struct import *import, const char *const *argv, const int *descriptors, size_t count,
                const char *key, struct error *err)
{
    struct qemu_img tool = {.argv = argv,
                            .descriptors = descriptors,
                            .descriptor_count = count,
                            .job = import->job,
                            .progressed = show_progress,
                            .context = import};
    return qemu_img_run(&tool, key, err) == 0;
}

/* Layers in the child from 4 on, the image as 3. */
static int *hand_over(int first, const struct package_chain *chain)
{
    int *descriptors = mem_alloc((chain->count + 1) * sizeof *descriptors);
    descriptors[0] = first;
    for (size_t i = 0; i < chain->count; i++)
        descriptors[1 + i] = chain->layers[i].fd;
    return descriptors;
}

/* Onto a file that is there and open: a name would lead QEMU through whatever link is put there meanwhile. */
static bool flatten(struct import *import, const struct package_disk *disk, int image,
                    const struct package_chain *chain, struct error *err)
{
    CLEANUP_FREE char *source = image_layers_name(chain->layers, chain->count, 4, IMAGE_ACCESS_OF_TOOL);
    CLEANUP_FREE int *descriptors = hand_over(image, chain);
    const char *const argv[] = {"qemu-img", "convert",         "-p", "-O", disk_format_word(disk->format),
                                source,     "/proc/self/fd/3", NULL};
    return run(import, argv, descriptors, chain->count + 1, "import.convert", err);
}

static bool compare(struct import *import, const struct package_disk *disk, int image,
                    const struct package_chain *chain, struct error *err)
{
    struct image_layer own = {.fd = image, .format = disk->format};
    CLEANUP_FREE char *source = image_layers_name(chain->layers, chain->count, 4, IMAGE_ACCESS_OF_TOOL);
    CLEANUP_FREE char *target = image_layers_name(&own, 1, 3, IMAGE_ACCESS_OF_TOOL);
    CLEANUP_FREE int *descriptors = hand_over(image, chain);
    const char *const argv[] = {"qemu-img", "compare", "-p", source, target, NULL};
    return run(import, argv, descriptors, chain->count + 1, "import.compare", err);
}

/* A raw disk of an odd size has been rounded up to whole sectors by QEMU. */
static bool seal(const struct package_disk *disk, int image, struct error *err)
{
    if (disk->format == DISK_FORMAT_RAW && ftruncate(image, (off_t)disk->virtual_size) != 0)
        return error_errno(err, errno, "import.size", "cannot set the size of %s", disk->file);
    if (fchmod(image, 0600) != 0)
        return error_errno(err, errno, "import.mode", "cannot set the mode of %s", disk->file);
    return fs_sync(image, disk->file, err);
}

/* "machines/web01/vda.qcow2" goes to "web01/vda.qcow2"; the directory is made where it is missing. */
static bool open_machine(struct import *import, const char *file, int *fd, struct error *err)
{
    const char *name = file + strlen(PACKAGE_MACHINES "/");
    CLEANUP_FREE char *machine = mem_strndup(name, strcspn(name, "/"));
    bool made = mkdirat(import->partial.fd, machine, 0700) == 0;
    if (!made && errno != EEXIST)
        return error_errno(err, errno, "import.create", "cannot create the directory %s", machine);
    if (!package_path_open_directory(import->partial.fd, machine, fd, err))
        return false;
    return !made || fchmod(*fd, 0700) == 0 ||
           error_errno(err, errno, "import.create", "cannot create the directory %s", machine);
}

typedef bool disk_work(struct import *import, size_t disk, int directory, const struct package_chain *chain,
                       struct error *err);

static bool convert_disk(struct import *import, size_t index, int directory,
                         const struct package_chain *chain, struct error *err)
{
    const struct package_disk *disk = &import->stack->links[0].package.disks[index];
    CLEANUP_FD int image =
        beneath_open(directory, strrchr(disk->file, '/') + 1, O_RDWR | O_CREAT | O_EXCL, 0600);
    if (image < 0)
        return error_errno(err, errno, "import.create", "cannot create %s", disk->file);
    return flatten(import, disk, image, chain, err) && seal(disk, image, err);
}

/* Before it is compared: what is written to it from then on shows. */
static bool remember_image(const struct import *import, const struct package_disk *disk, int image,
                           struct error *err)
{
    struct stat status;
    if (fstat(image, &status) != 0)
        return error_errno(err, errno, "import.open", "cannot look at the finished %s", disk->file);
    struct imported *imported = import->imported;
    *ARRAY_APPEND(imported->images, imported->image_count) = (struct imported_image){
        .path = mem_format("%s/%s", strcmp(import->place, "/") == 0 ? "" : import->place,
                           disk->file + strlen(PACKAGE_MACHINES "/")),
        .inode = status.st_ino,
        .size = (uint64_t)status.st_size,
        .modified = {.seconds = status.st_mtim.tv_sec, .nanoseconds = (int32_t)status.st_mtim.tv_nsec}};
    return true;
}

static bool compare_disk(struct import *import, size_t index, int directory,
                         const struct package_chain *chain, struct error *err)
{
    const struct package_disk *disk = &import->stack->links[0].package.disks[index];
    CLEANUP_FD int image = beneath_open(directory, strrchr(disk->file, '/') + 1, O_RDONLY, 0);
    if (image < 0)
        return error_errno(err, errno, "import.open", "cannot open the finished %s", disk->file);
    return remember_image(import, disk, image, err) && compare(import, disk, image, chain, err);
}

static bool each_disk(struct import *import, disk_work *work, struct error *err)
{
    const struct package *package = &import->stack->links[0].package;
    import->done = 0;
    for (size_t i = 0; i < package->disk_count; i++) {
        struct package_chain chain = {0};
        CLEANUP_FD int directory = -1;
        if (import->job && !job_checkpoint(import->job))
            return halt_cancelled(err);
        import->now = package->disks[i].virtual_size;
        bool ok = open_machine(import, package->disks[i].file, &directory, err) &&
                  package_stack_open_disk(import->stack, i, &chain, err) &&
                  work(import, i, directory, &chain, err);
        package_chain_close(&chain);
        if (!ok)
            return error_context(err, "%s/%s", package->disks[i].machine, package->disks[i].disk);
        import->done += import->now;
    }
    return true;
}

/* --- settings --- */

static bool write_new(int directory, const char *name, const void *data, size_t length, struct error *err)
{
    CLEANUP_FD int fd = beneath_open(directory, name, O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (fd < 0)
        return error_errno(err, errno, "import.create", "cannot create %s", name);
    return fs_write_all(fd, data, length, name, err) && fs_sync(fd, name, err);
}

/* Each machine once, by its settings. */
static bool write_machines(struct import *import, struct error *err)
{
    const struct package *package = &import->stack->links[0].package;
    const struct import_machines machines = {.link = &import->stack->links[0],
                                             .place = import->place,
                                             .as = import->as,
                                             .notes = import->notes,
                                             .imported = import->imported};
    for (size_t i = 0; i < package->file_count; i++) {
        const char *file = package->files[i].name;
        const char *slash = strrchr(file, '/');
        CLEANUP_FD int directory = -1;
        if (strcmp(slash + 1, PACKAGE_MACHINE_CFG) != 0)
            continue;
        CLEANUP_FREE char *folder = mem_strndup(file, (size_t)(slash - file));
        if (!open_machine(import, file, &directory, err) ||
            !import_machine_write(&machines, folder, directory, err))
            return error_context(err, "%s", folder);
    }
    return true;
}

static const char *path_at_point(const struct package *package, const struct package_disk *disk)
{
    for (size_t m = 0; m < package->point.member_count; m++) {
        const struct member_point *member = &package->point.members[m];
        for (size_t d = 0; d < member->disk_count; d++) {
            if (strcmp(member->machine.id.text, disk->machine_id) == 0 &&
                strcmp(member->disks[d].disk_uuid.text, disk->disk_uuid) == 0)
                return member->machine.disks[d].path;
        }
    }
    return NULL;
}

static bool write_note(struct import *import, struct error *err)
{
    const struct package *package = &import->stack->links[0].package;
    CLEANUP_STRBUF struct strbuf text = {0};
    char when[64];
    moment_format_rfc3339(package->point.created, false, when, sizeof when);
    CLEANUP_FREE char *point = text_escape(package->point.name ? package->point.name : "");
    CLEANUP_FREE char *path = text_escape(package->path);
    strbuf_addf(&text, "Disks of the point %s of %s,\nimported from %s\n\n", point, when, path);
    strbuf_add(&text,
               "machine.cfg and domain.xml name these images and files: \"virsh define domain.xml\" makes a "
               "machine of\nthem. Where they were when the point was made:\n\n");
    for (size_t i = 0; i < package->disk_count; i++) {
        const struct package_disk *disk = &package->disks[i];
        const char *known = path_at_point(package, disk);
        CLEANUP_FREE char *machine = text_escape(disk->machine);
        CLEANUP_FREE char *name = text_escape(disk->disk);
        CLEANUP_FREE char *old = text_escape(known ? known : "?");
        strbuf_addf(&text, "%s %s (%s)\n    was %s\n    is  %s\n", machine, name,
                    disk_format_word(disk->format), old, disk->file + strlen(PACKAGE_MACHINES "/"));
    }
    for (size_t i = 0; i < import->notes->count; i++)
        strbuf_addf(&text, "%s- %s\n", i == 0 ? "\n" : "", import->notes->items[i]);
    return write_new(import->partial.fd, PACKAGE_NOTE, text.data, text.length, err);
}

/* --- the whole --- */

static bool count_files(int directory, struct imported *imported, struct error *err)
{
    char **names = NULL;
    size_t count = 0;
    if (!fs_list(directory, &names, &count, err))
        return false;
    bool ok = true;
    for (size_t i = 0; i < count && ok; i++) {
        struct stat status;
        CLEANUP_FD int below = -1;
        ok = fstatat(directory, names[i], &status, AT_SYMLINK_NOFOLLOW) == 0 ||
             error_errno(err, errno, "import.open", "cannot look at the finished %s", names[i]);
        if (ok && S_ISDIR(status.st_mode)) {
            ok = package_path_open_directory(directory, names[i], &below, err) &&
                 count_files(below, imported, err);
        } else if (ok) {
            imported->bytes += (uint64_t)status.st_blocks * 512;
            imported->files++;
        }
    }
    fs_free_names(names, count);
    return ok;
}

static bool sync_directories(struct import *import, struct error *err)
{
    char **names = NULL;
    size_t count = 0;
    if (!fs_list(import->partial.fd, &names, &count, err))
        return false;
    bool ok = true;
    for (size_t i = 0; i < count && ok; i++) {
        CLEANUP_FD int fd = -1;
        if (strcmp(names[i], PACKAGE_NOTE) != 0)
            ok = package_path_open_directory(import->partial.fd, names[i], &fd, err) &&
                 fs_sync(fd, names[i], err);
    }
    fs_free_names(names, count);
    return ok && fs_sync(import->partial.fd, import->partial.name, err);
}

static void set_phase(struct import *import, enum job_phase phase)
{
    if (import->job)
        job_set_phase(import->job, phase);
}

static bool fill(struct import *import, struct error *err)
{
    const struct package *package = &import->stack->links[0].package;
    for (size_t i = 0; i < package->disk_count; i++)
        import->total += package->disks[i].virtual_size;
    reference_point_copy(&import->imported->point, &package->point);
    set_phase(import, JOB_PHASE_COPY);
    if (!write_machines(import, err) || !each_disk(import, convert_disk, err))
        return false;
    set_phase(import, JOB_PHASE_VERIFY);
    if (!each_disk(import, compare_disk, err))
        return false;
    set_phase(import, JOB_PHASE_COMMIT);
    return write_note(import, err) && sync_directories(import, err) &&
           count_files(import->partial.fd, import->imported, err);
}

/* An import that fails is a failure, not a refusal, also where nothing of it stays. */
static bool build(const struct package_stack *stack, const char *place, const char *as,
                  struct import_notes *notes, struct imported *imported, struct job *job, struct error *err)
{
    const char *slash = strrchr(place, '/');
    const char *name = slash ? slash + 1 : place;
    CLEANUP_FREE char *parent = mem_strndup(place, slash > place ? (size_t)(slash - place) : 1);
    CLEANUP_FREE char *stem = text_slug(name, 64);
    CLEANUP_FD int directory = -1;
    struct import import = {.stack = stack,
                            .job = job,
                            .place = place,
                            .as = as,
                            .notes = notes,
                            .imported = imported,
                            .partial = {.parent = -1, .fd = -1}};
    struct guid id;
    struct error ignored = {0}; /* the leavings of others are no reason to refuse */
    if (!fs_open_directory(AT_FDCWD, parent, &directory, err))
        return false;
    bool ok = (package_partial_clean(directory, NULL, &ignored) || ignored.code != 0) &&
              package_partial_begin(directory, stem, &import.partial, &id, err);
    if (ok)
        ok = fill(&import, err) || error_begun(err);
    if (ok && job && !job_checkpoint(job))
        ok = halt_cancelled(err);
    ok = ok && (package_partial_commit_as(&import.partial, name, err) || error_begun(err));
    package_partial_end(&import.partial);
    return ok || error_advise(
                     err, "Look at the package with \"refpoint package verify\", put that right, then import "
                          "it again.");
}

/* What is only in another place than QEMU would look does not keep us from reading it. */
static bool refuse_damaged(const char *path, const struct package_problems *problems, struct error *err)
{
    if (problems->damages == 0 || problems->count == 0)
        return true;
    error_set(err, RETURN_FAILED, "import.damaged", "the package %s is damaged: nothing was imported", path);
    error_cause(err, "%s%s", problems->items[0], problems->count > 1 ? " (and more)" : "");
    return error_next(err, "Look at all that is wrong with \"refpoint package verify\".");
}

bool package_import_as(const char *path, const char *to, char *const *base_directories,
                       size_t base_directory_count, const char *as, struct import_notes *notes,
                       struct imported *imported, struct job *job, struct error *err)
{
    struct package_stack stack = {0};
    struct package_problems problems = {0};
    const struct package_stack_check check = {.job = job};
    CLEANUP_FREE char *place = NULL;
    *notes = (struct import_notes){0};
    *imported = (struct imported){.renamed = as != NULL};
    bool ok = (!as || definition_check_name(as, err)) && import_place_find(to, &place, err) &&
              package_stack_open(path, base_directories, base_directory_count, &stack, &problems, err) &&
              package_stack_check(&stack, &check, &problems, err) &&
              package_seals_fit(&stack, job, &problems, err) && refuse_damaged(path, &problems, err) &&
              build(&stack, place, as, notes, imported, job, err);
    package_stack_close(&stack);
    package_problems_clear(&problems);
    return ok;
}

bool package_import(const char *path, const char *to, char *const *base_directories,
                    size_t base_directory_count, struct job *job, struct error *err)
{
    struct import_notes notes;
    struct imported imported;
    bool ok = package_import_as(path, to, base_directories, base_directory_count, NULL, &notes, &imported,
                                job, err);
    import_notes_clear(&notes);
    imported_clear(&imported);
    return ok;
}
