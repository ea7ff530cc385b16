#include "core/host/layers/ways/move_plan.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "core/base/access.h"
#include "core/base/mem.h"
#include "core/host/layers/file/claim.h"
#include "core/host/layers/foreign_overlays.h"

struct planning {
    struct move_work *work;
    const struct machine_list *others; /* all machines of the store */
    const struct guid *machine;
    const struct layers *layers;
};

static bool shared(const char *path, const char *with, struct error *err)
{
    error_set(err, RETURN_INVALID_STATE, "machine.shared-layer", "%s is read by the machine %s too", path,
              with);
    error_cause(err, "that machine would no longer find it");
    return error_next(err, "Make that machine's image stand alone first (qemu-img convert), or copy this "
                           "machine by an export.");
}

/* NULL: no other machine reads it. */
static const char *other_reader(const struct planning *plan, const char *path)
{
    for (size_t i = 0; i < plan->others->count; i++) {
        const struct machine *other = &plan->others->items[i];
        for (size_t j = 0; !guid_equal(&other->id, plan->machine) && j < other->disk_count; j++) {
            for (size_t k = 0; k < other->disks[j].backing_count; k++) {
                if (strcmp(other->disks[j].backing[k].path, path) == 0)
                    return other->name;
            }
        }
    }
    return NULL;
}

static bool beside(const char *one, const char *other)
{
    CLEANUP_FREE char *left = path_directory(one);
    CLEANUP_FREE char *right = path_directory(other);
    return strcmp(left, right) == 0;
}

/* The disk's own: what was its image once. Others are templates, which may serve other machines. */
static bool is_own(const struct planning *plan, const struct disk *disk, const struct chain *chain, size_t at)
{
    const struct chain_link *link = &chain->links[at];
    if (link->kind == CHAIN_LAYER)
        return guid_equal(&link->layer->disk->disk_uuid, &disk->uuid);
    return link->kind == CHAIN_IMAGE ||
           (path_is_layer(link->path) && at > 0 && beside(link->path, chain->links[at - 1].path) &&
            !other_reader(plan, link->path));
}

static bool check_link(const struct planning *plan, const struct chain_link *link, struct error *err)
{
    const char *reader = other_reader(plan, link->path);
    if (reader)
        return shared(link->path, reader, err);
    if (link->status.st_nlink != 1) {
        error_set(err, RETURN_INVALID_STATE, "point.links", "%s has more than one name (hard links)",
                  link->path);
        return error_next(err, "Remove the other names.");
    }
    return !link->layer || layer_check(link->layer->disk, &link->status, "disk.layer-replaced", err);
}

/* What its header is to say, so that it finds what is beneath it from the new place. */
static void plan_backing(struct move_file *file, const struct chain_link *link,
                         const struct chain_link *below, bool below_moves)
{
    const char *now = link->info.backing_name;
    const char *wanted = below_moves ? path_name(below->path) : *now == '/' ? now : below->path;
    if (strcmp(now, wanted) == 0)
        return;
    file->backing = mem_strdup(wanted);
    file->backing_format = below->format;
}

static bool stays_above(const struct chain_link *above, const struct chain_link *link, struct error *err)
{
    error_set(err, RETURN_INVALID_STATE, "machine.shared-layer", "%s stays where it is, and is based on %s",
              above->path, link->path);
    error_cause(err, "another machine reads it, or it is a template");
    return error_next(err,
                      "Make the other machine's image stand alone first (qemu-img convert), or copy this "
                      "machine by an export.");
}

static bool plan_chain(const struct planning *plan, const struct disk *disk, const struct chain *chain,
                       struct error *err)
{
    bool stays = false;
    for (size_t i = 0; i < chain->count; i++) {
        const struct chain_link *link = &chain->links[i];
        bool own = is_own(plan, disk, chain, i);
        if (own && stays)
            return stays_above(&chain->links[i - 1], link, err);
        stays = !own;
        if (!own || move_work_find(plan->work, link->path))
            continue;
        if (!check_link(plan, link, err))
            return false;
        struct move_file *file = move_work_add(plan->work, link->path, link->format);
        file->is_image = strcmp(link->path, disk->path) == 0;
        file->was = file_identity_of(&link->status);
        file->promised = mem_strdup(link->layer ? link->layer->disk->content_sha256 : NULL);
        if (i + 1 < chain->count)
            plan_backing(file, link, &chain->links[i + 1], is_own(plan, disk, chain, i + 1));
    }
    return true;
}

static bool plan_start(const struct planning *plan, const struct disk *disk, const char *path,
                       enum disk_format format, struct error *err)
{
    struct chain_source source = chain_source_of(disk);
    struct chain chain;
    source.path = path;
    source.format = format;
    if (!chain_read(&source, plan->layers, &chain, err))
        return false;
    bool ok = plan_chain(plan, disk, &chain, err);
    chain_clear(&chain);
    return ok;
}

bool move_is_there(const struct move_work *work, const char *path)
{
    CLEANUP_FREE char *directory = path_directory(path);
    struct stat its;
    struct stat wanted;
    return stat(directory, &its) == 0 && fstat(work->directory_fd, &wanted) == 0 &&
           its.st_dev == wanted.st_dev && its.st_ino == wanted.st_ino;
}

/* A layer without a point that no chain leads to any more. */
static bool plan_pointless(const struct planning *plan, const struct disk *disk, struct error *err)
{
    for (size_t i = 0; i < disk->backing_count; i++) {
        const struct backing_file *backing = &disk->backing[i];
        struct stat status;
        if (!path_is_layer(backing->path) || !beside(backing->path, disk->path) ||
            move_work_find(plan->work, backing->path) || other_reader(plan, backing->path) ||
            lstat(backing->path, &status) != 0)
            continue;
        if (!plan_start(plan, disk, backing->path, backing->format, err))
            return false;
    }
    return true;
}

/* The image's chain; then, because the image may have been replaced, every layer of the disk that is there.
 */
static bool plan_disk(const struct planning *plan, const struct disk *disk, struct error *err)
{
    struct stat status;
    if (move_is_there(plan->work, disk->path))
        return true;
    if (!plan_start(plan, disk, disk->path, disk->format, err))
        return false;
    for (size_t i = 0; i < plan->layers->count; i++) {
        const struct disk_point *record = plan->layers->items[i].disk;
        if (!guid_equal(&record->disk_uuid, &disk->uuid) || move_work_find(plan->work, record->layer_path) ||
            (lstat(record->layer_path, &status) != 0 && errno == ENOENT))
            continue;
        if (!plan_start(plan, disk, record->layer_path, record->layer_format, err))
            return false;
    }
    return plan_pointless(plan, disk, err);
}

static bool name_taken(const char *path, struct error *err)
{
    error_set(err, RETURN_INVALID_PARAMETER, "machine.name-taken", "there is already a file %s", path);
    return error_next(err, "Choose another directory, or move that file away.");
}

static bool plan_names(struct move_work *work, struct error *err)
{
    for (size_t i = 0; i < work->count; i++) {
        struct move_file *file = &work->files[i];
        struct stat status;
        if (fstatat(work->directory_fd, path_name(file->to), &status, AT_SYMLINK_NOFOLLOW) == 0)
            return name_taken(file->to, err);
        for (size_t j = 0; j < i; j++) {
            if (strcmp(work->files[j].to, file->to) != 0)
                continue;
            error_set(err, RETURN_INVALID_PARAMETER, "machine.name-taken", "%s and %s have the same name",
                      work->files[j].from, file->from);
            return error_next(err, "Two images of one name cannot lie in one directory: give one of them "
                                   "another name, and tell the store with \"refpoint machine set\".");
        }
        struct guid random = guid_new();
        file->temporary =
            mem_format("%s/%s%.8s-%zu", strcmp(work->directory, "/") == 0 ? "" : work->directory, MOVE_PREFIX,
                       random.text, i);
    }
    return true;
}

/* In the same directory: what else is based on a file would lose it. */
static bool check_strangers(const struct move_work *work, const struct move_file *file, int directory,
                            struct error *err)
{
    const char *child = NULL;
    for (size_t i = 0; i < work->count && !child; i++) {
        struct image_info info = {0};
        struct error unreadable;
        const struct move_file *other = &work->files[i];
        if (other == file || !beside(other->from, file->from) || other->fd < 0 ||
            !image_inspect(other->fd, other->format, other->from, &info, &unreadable))
            continue;
        CLEANUP_FREE char *beneath = info.backing_name ? path_resolve(other->from, info.backing_name) : NULL;
        child = beneath && strcmp(beneath, file->from) == 0 ? other->from : NULL;
        image_info_clear(&info);
    }
    return foreign_overlays_absent(directory, file->fd, file->from, child, err);
}

static bool open_original(struct move_file *file, struct error *err)
{
    struct stat status;
    file->fd = open(file->from, LAYER_OPEN_FLAGS);
    if (file->fd < 0)
        return error_errno(err, errno, "disk.open", "cannot open %s", file->from);
    /* Nobody may start on it, nor read it, nor have it open for writing; the last is watched to the end. */
    if (!file_claim_unpinned(file->fd, file->from, err) ||
        !file_claim(file->fd, CLAIM_CHANGE, file->from, err) ||
        !file_claim(file->fd, CLAIM_STILL, file->from, err))
        return false;
    if (fstat(file->fd, &status) != 0)
        return error_errno(err, errno, "disk.open", "cannot look at %s", file->from);
    if (file_identity_matches(&file->was, &status))
        return true;
    error_set(err, RETURN_IN_USE, "image.in-use", "%s changes while it is looked at", file->from);
    return error_next(err, "Shut the machine down, then try again.");
}

static bool can_change(int directory, const char *path, struct error *err)
{
    if (faccessat(directory, ".", W_OK | X_OK, AT_EACCESS) == 0)
        return true;
    int number = errno;
    CLEANUP_FREE char *advice = access_advice_to_change(path, number);
    error_errno(err, number, "machine.directory", "cannot write to the directory %s", path);
    return error_next(err, "%s", advice ? advice : "Run as its owner, or as root.");
}

static bool claim_originals(const struct move_work *work, struct error *err)
{
    for (size_t i = 0; i < work->count; i++) {
        if (!open_original(&work->files[i], err))
            return false;
    }
    for (size_t i = 0; i < work->count; i++) {
        CLEANUP_FREE char *path = path_directory(work->files[i].from);
        CLEANUP_FD int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (directory < 0)
            return error_errno(err, errno, "machine.directory", "cannot open %s", path);
        if (!can_change(directory, path, err) || !check_strangers(work, &work->files[i], directory, err))
            return false;
    }
    return true;
}

/* Files that get a second name need none. */
static bool check_space(struct move_work *work, struct error *err)
{
    struct stat directory;
    struct statvfs space;
    uint64_t needed = 0;
    if (fstat(work->directory_fd, &directory) != 0 || fstatvfs(work->directory_fd, &space) != 0)
        return error_errno(err, errno, "machine.directory", "cannot look at %s", work->directory);
    for (size_t i = 0; i < work->count; i++) {
        struct stat status;
        if (fstat(work->files[i].fd, &status) != 0)
            return error_errno(err, errno, "disk.open", "cannot look at %s", work->files[i].from);
        if (status.st_dev == directory.st_dev && !work->files[i].backing)
            continue;
        needed += (uint64_t)status.st_blocks * 512;
        if (work->watch)
            work->watch->total += 2 * (uint64_t)status.st_size;
    }
    uint64_t available = (uint64_t)space.f_bavail * space.f_frsize;
    if (needed <= available)
        return true;
    char needs[16];
    char has[16];
    size_format(needed, needs, sizeof needs);
    size_format(available, has, sizeof has);
    error_set(err, RETURN_FAILED, "machine.no-space", "not enough space in %s: %s needed, %s available",
              work->directory, needs, has);
    return error_next(err, "Free space there, or choose another directory.");
}

bool move_plan(struct move_work *work, const struct machine *machine, const struct machine_list *others,
               const struct layers *layers, struct error *err)
{
    const struct planning plan = {.work = work, .others = others, .machine = &machine->id, .layers = layers};
    if (!can_change(work->directory_fd, work->directory, err))
        return false;
    for (size_t i = 0; i < machine->disk_count; i++) {
        if (!plan_disk(&plan, &machine->disks[i], err))
            return error_context(err, "disk %s", machine->disks[i].id);
    }
    if (work->count == 0) {
        error_set(err, RETURN_INVALID_PARAMETER, "machine.is-there", "the images of the machine %s are in %s",
                  machine->name, work->directory);
        return error_next(err, "Name another directory.");
    }
    return plan_names(work, err) && claim_originals(work, err) && check_space(work, err);
}
