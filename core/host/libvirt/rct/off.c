#include "core/host/libvirt/rct/off.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/host/layers/export_task.h"
#include "core/host/layers/file/claim.h"
#include "core/host/layers/foreign/carry.h"
#include "core/host/layers/qemu_tools.h"
#include "core/system/fs.h"

#define SCRATCH_CLUSTER 65536

static const struct disk *image_of(const struct rct_work *work, const struct rct_disk *disk)
{
    return &work->frame.point.members[disk->member].machine.disks[disk->disk];
}

static bool open_link(const struct chain_link *link, int *fd, struct error *err)
{
    int follow = link->kind == CHAIN_TEMPLATE ? LAYER_OPEN_FLAGS & ~O_NOFOLLOW : LAYER_OPEN_FLAGS;
    *fd = open(link->path, follow);
    return *fd >= 0 || error_errno(err, errno, "disk.open", "cannot open %s", link->path);
}

/* Off here it may run elsewhere. */
static bool claim(const struct chain_link *image, int *fd, struct error *err)
{
    return open_link(image, fd, err) && file_claim(*fd, CLAIM_SOURCE, image->path, err);
}

bool off_read_chain(struct rct_work *work, struct rct_disk *disk, struct error *err)
{
    struct disk *image = &work->frame.point.members[disk->member].machine.disks[disk->disk];
    const struct chain_source source = chain_source_of(image);
    if (!chain_read(&source, &work->layers, &disk->chain, err))
        return false;
    CLEANUP_FD int fd = -1;
    if (!claim(&disk->chain.links[0], &fd, err))
        return false;
    image->virtual_size = disk->chain.links[0].info.virtual_size;
    return true;
}

struct link_marks {
    bool there; /* usable */
    uint64_t bytes;
};

static bool look_at_link(const struct chain_link *link, const char *name, struct link_marks *marks,
                         struct error *err)
{
    struct image_bitmaps bitmaps;
    CLEANUP_FD int fd = -1;
    *marks = (struct link_marks){0};
    if (link->format != DISK_FORMAT_QCOW2 || link->info.bitmap_count == 0)
        return true;
    if (!open_link(link, &fd, err) || !image_bitmaps_read(fd, &link->info, link->path, &bitmaps, err))
        return false;
    const struct image_bitmap *bitmap = image_bitmaps_find(&bitmaps, name);
    marks->there = bitmap && bitmap->enabled && !bitmap->inconsistent;
    bool ok = !marks->there || image_bitmap_marked(fd, &link->info, bitmap, link->path, &marks->bytes, err);
    image_bitmaps_clear(&bitmaps);
    return ok;
}

static bool is_since(const struct chain_link *link, struct moment since)
{
    return link->kind == CHAIN_IMAGE ||
           (link->kind == CHAIN_LAYER && moment_compare(link->layer->point->created, since) >= 0);
}

/* Every file that was written to since must tell what was; traps.md 2 to 4. */
bool off_look(const struct rct_disk *disk, const char *name, struct moment since,
              struct checkpoint_disk *found, struct error *err)
{
    const struct chain *chain = &disk->chain;
    *found = (struct checkpoint_disk){.usable = true};
    for (size_t i = 0; i < chain->count && is_since(&chain->links[i], since); i++) {
        const struct chain_link *link = &chain->links[i];
        struct link_marks marks;
        if (!look_at_link(link, name, &marks, err))
            return false;
        const char *lack = NULL;
        if (!marks.there)
            lack = "none";
        else if (link->info.virtual_size != chain->links[0].info.virtual_size)
            lack = "another size";
        if (lack) {
            *found = (struct checkpoint_disk){
                .why = mem_format("the marks since the base are not whole: %s has %s", link->path, lack)};
            return true;
        }
        if (__builtin_add_overflow(found->dirty, marks.bytes, &found->dirty) ||
            found->dirty > link->info.virtual_size)
            found->dirty = link->info.virtual_size;
    }
    return true;
}

/* From the files that off_look has found whole. */
static bool gather(const struct rct_work *work, const struct rct_disk *disk, struct error *err)
{
    CLEANUP_FREE char *directory_path = path_directory(disk->scratch);
    const char *name = path_name(disk->scratch);
    const struct chain_link *image = &disk->chain.links[0];
    CLEANUP_FD int directory = -1;
    CLEANUP_FD int scratch_fd = -1;
    if (!fs_open_directory(AT_FDCWD, directory_path, &directory, err) ||
        !qemu_create(directory, name, size_whole_sectors(image->info.virtual_size), SCRATCH_CLUSTER, err))
        return false;
    scratch_fd = openat(directory, name, LAYER_OPEN_FLAGS);
    if (scratch_fd < 0)
        return error_errno(err, errno, "disk.open", "cannot open %s", disk->scratch);
    const struct qemu_layer scratch = {.fd = scratch_fd, .format = DISK_FORMAT_QCOW2};
    if (!qemu_set_backing(&scratch, path_name(image->path), image->format, err) ||
        !qemu_add_bitmap(&scratch, work->base_checkpoint, err))
        return false;
    for (size_t i = 0; i < disk->chain.count && is_since(&disk->chain.links[i], work->base.created); i++) {
        CLEANUP_FD int fd = -1;
        if (!open_link(&disk->chain.links[i], &fd, err))
            return false;
        const struct qemu_layer layer = {.fd = fd, .format = DISK_FORMAT_QCOW2};
        if (!qemu_merge_bitmap(&layer, &scratch, work->base_checkpoint, err))
            return false;
    }
    return true;
}

static bool mark_disk(const struct rct_work *work, struct rct_disk *disk, bool serve, struct error *err)
{
    struct stat status;
    CLEANUP_FD int fd = -1;
    if (!claim(&disk->chain.links[0], &fd, err))
        return false;
    const struct qemu_layer image = {.fd = fd, .format = image_of(work, disk)->format, .claimed = true};
    if ((disk->marks && (!qemu_add_bitmap(&image, work->checkpoint, err) ||
                         !fs_sync(fd, image_of(work, disk)->path, err))) ||
        (serve && disk->incremental && !gather(work, disk, err)))
        return false;
    if (fstat(fd, &status) != 0)
        return error_errno(err, errno, "disk.open", "cannot look at %s", image_of(work, disk)->path);
    disk->chain.links[0].status = status;
    return true;
}

/* The names of its disks that can be marked; borrowed. */
static size_t marked_disks(const struct rct_work *work, size_t member, const char **names)
{
    size_t count = 0;
    for (size_t i = 0; i < work->count; i++) {
        if (work->disks[i].member == member && work->disks[i].marks)
            names[count++] = image_of(work, &work->disks[i])->id;
    }
    return count;
}

static bool mark_member(struct rct_work *work, size_t member, bool serve, struct error *err)
{
    CLEANUP_FREE const char **names = mem_alloc((work->count + 1) * sizeof *names);
    size_t count = marked_disks(work, member, names);
    /* Its name first: what a crash leaves is then taken down by it, whether the machine runs or not. */
    if (count > 0 &&
        !checkpoint_adopt(work->members.items[member].domain, work->checkpoint, names, count, err))
        return false;
    for (size_t i = 0; i < work->count; i++) {
        struct rct_disk *disk = &work->disks[i];
        if (disk->member == member && !mark_disk(work, disk, serve, err))
            return error_context(err, "machine %s, disk %s", work->frame.point.members[member].machine.name,
                                 image_of(work, disk)->id);
    }
    return true;
}

bool off_mark(struct rct_work *work, bool serve, struct error *err)
{
    for (size_t i = 0; i < work->members.count; i++) {
        if (!rct_is_live(work, i) && !mark_member(work, i, serve, err))
            return false;
    }
    return true;
}

static bool was_written(const struct rct_disk *disk)
{
    struct stat status;
    const struct chain_link *image = &disk->chain.links[0];
    const struct file_identity was = file_identity_of(&image->status);
    return lstat(image->path, &status) != 0 || !file_identity_matches(&was, &status);
}

const char *off_started(const struct rct_work *work)
{
    for (size_t i = 0; i < work->members.count; i++) {
        struct error ignored;
        enum machine_state state;
        if (!rct_is_live(work, i) &&
            (!domain_state(work->members.items[i].domain, &state, &ignored) || domain_state_is_active(state)))
            return work->frame.point.members[i].machine.name;
    }
    for (size_t i = 0; i < work->count; i++) {
        if (!rct_is_live(work, work->disks[i].member) && was_written(&work->disks[i]))
            return work->frame.point.members[work->disks[i].member].machine.name;
    }
    return NULL;
}

bool off_hold(const struct rct_work *work, struct error *err)
{
    const char *name = off_started(work);
    if (!name)
        return true;
    error_set(err, RETURN_IN_USE, "machine.started", "the machine %s was started meanwhile", name);
    return error_next(err, "Try again.");
}

void off_describe(const struct rct_work *work, const struct rct_disk *disk, struct export_disk *chosen)
{
    chosen->unlocked = true;
    chosen->bitmap = disk->incremental ? mem_strdup(work->base_checkpoint) : NULL;
    if (disk->incremental && disk->scratch) {
        struct stat status = {0};
        struct chain_link scratch = {.kind = CHAIN_IMAGE, .path = disk->scratch, .format = DISK_FORMAT_QCOW2};
        (void)stat(disk->scratch, &status); /* the engine says what is wrong with it */
        scratch.status = status;
        *ARRAY_APPEND(chosen->layers, chosen->layer_count) = export_layer_of(&scratch);
    }
    for (size_t i = 0; i < disk->chain.count; i++)
        *ARRAY_APPEND(chosen->layers, chosen->layer_count) = export_layer_of(&disk->chain.links[i]);
}
