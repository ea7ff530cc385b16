/* Merging while no QEMU has the files: claims on both stand in for QEMU's locks, so that a machine that is
 * started meanwhile waits, or is refused by its QEMU, instead of reading what is being changed. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/definition/domain_xml.h"
#include "core/host/layers/file/claim.h"
#include "core/host/layers/layers.h"
#include "core/host/layers/qemu_tools.h"
#include "core/host/libvirt/change/merge.h"
#include "core/host/libvirt/change/merge_marks.h"
#include "core/host/libvirt/connection/domain.h"
#include "core/host/libvirt/machine/machine.h"
#include "core/system/fs.h"

struct off_merge {
    struct merge *merge;
    struct chain chain;       /* from the machine's image down */
    size_t upper;             /* where it is in the chain; SIZE_MAX: not any more */
    struct qemu_layer *files; /* of the chain from upper down */
    size_t file_count;
};

static void off_merge_clear(struct off_merge *off)
{
    for (size_t i = 0; i < off->file_count; i++) {
        if (off->files[i].fd >= 0)
            close(off->files[i].fd);
    }
    free(off->files);
    chain_clear(&off->chain);
}

static const struct disk *disk_of_record(const struct merge *merge, const struct machine *record)
{
    for (size_t i = 0; i < record->disk_count; i++) {
        if (guid_equal(&record->disks[i].uuid, &merge->disk_uuid))
            return &record->disks[i];
    }
    return NULL;
}

/* The lower file's point may be in no list any more, or not yet. */
static bool read_chain(struct off_merge *off, const char *active, struct error *err)
{
    const struct merge *merge = off->merge;
    struct layers layers;
    struct machine record;
    if (!store_read_machine(merge->store, &merge->machine_id, &record, err))
        return false;
    bool ok = layers_load(merge->store, &merge->machine_id, 1, &layers, NULL, err);
    if (!ok) {
        machine_clear(&record);
        return false;
    }
    CLEANUP_FREE char *path = mem_strdup(merge->lower);
    CLEANUP_FREE char *name = mem_strdup(merge->point_name);
    struct disk_point lower = {
        .layer_path = path, .layer_format = merge->lower_format, .inode = merge->lower_was.inode};
    struct reference_point point = {.name = name};
    layers_add(&layers, &(struct layer){.point = &point, .disk = &lower});
    const struct disk *disk = disk_of_record(merge, &record);
    ok = disk != NULL;
    if (!ok) {
        error_set(err, RETURN_INVALID_STATE, "point.disk-gone",
                  "the machine's record no longer has the disk");
        error_next(err, "Bring the record of the machine back from a copy of the store.");
    }
    if (ok) {
        struct chain_source source = chain_source_of(disk);
        source.path = active ? active : disk->path;
        source.format = strcmp(source.path, merge->lower) == 0 ? merge->lower_format
                        : active                               ? DISK_FORMAT_QCOW2
                                                               : disk->format;
        ok = merge_check_active(merge, disk, source.path, err) &&
             chain_read(&source, &layers, &off->chain, err);
        /* They borrow from what is about to go. */
        for (size_t i = 0; i < off->chain.count; i++)
            off->chain.links[i].layer = NULL;
    }
    layers_clear(&layers);
    machine_clear(&record);
    return ok;
}

static bool find_upper(struct off_merge *off, struct error *err)
{
    const struct merge *merge = off->merge;
    const struct chain *chain = &off->chain;
    size_t lower = chain_find(chain, merge->lower);
    off->upper = chain_find(chain, merge->upper);
    if (lower == SIZE_MAX || (off->upper != SIZE_MAX && lower != off->upper + 1))
        return merge_not_as_it_was(merge, chain->links[0].path, err);
    const struct chain_link *link = &chain->links[lower];
    if (link->status.st_ino != merge->lower_was.inode)
        return merge_not_as_it_was(merge, link->path, err);
    return off->upper == SIZE_MAX || chain->links[off->upper].status.st_ino == merge->upper_was.inode ||
           merge_not_as_it_was(merge, merge->upper, err);
}

static bool open_files(struct off_merge *off, struct error *err)
{
    const struct chain *chain = &off->chain;
    off->files = mem_alloc((chain->count - off->upper) * sizeof *off->files);
    for (size_t i = off->upper; i < chain->count; i++) {
        const struct chain_link *link = &chain->links[i];
        struct stat status;
        int fd = open(link->path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        off->files[off->file_count++] = (struct qemu_layer){.fd = fd, .format = link->format};
        if (fd < 0 || fstat(fd, &status) != 0)
            return error_errno(err, errno, "point.layer", "cannot open %s", link->path);
        if (status.st_ino != link->status.st_ino)
            return merge_not_as_it_was(off->merge, link->path, err);
    }
    off->files[0].claimed = true;
    off->files[1].claimed = true;
    off->files[1].discard = true;
    return true;
}

static bool claim_files(const struct off_merge *off, struct error *err)
{
    const struct merge *merge = off->merge;
    if (!merge->pinned && (!file_claim_unpinned(off->files[0].fd, merge->upper, err) ||
                           !file_claim_unpinned(off->files[1].fd, merge->lower, err)))
        return false;
    return file_claim(off->files[0].fd, CLAIM_SOURCE, merge->upper, err) &&
           file_claim(off->files[1].fd, CLAIM_CHANGE, merge->lower, err);
}

static bool let_write(int fd, const char *path, struct error *err)
{
    struct stat status;
    return (fstat(fd, &status) == 0 && fchmod(fd, (status.st_mode & 07777) | S_IWUSR) == 0) ||
           error_errno(err, errno, "point.layer", "cannot make %s writable", path);
}

static bool commit(struct off_merge *off, struct error *err)
{
    const struct merge *merge = off->merge;
    const struct chain_link *upper = &off->chain.links[off->upper];
    const struct chain_link *lower = &off->chain.links[off->upper + 1];
    uint64_t lower_size = size_whole_sectors(lower->info.virtual_size);
    if (!let_write(off->files[0].fd, merge->upper, err) || !let_write(off->files[1].fd, merge->lower, err))
        return false;
    if (merge->after_crash && merge->lower_format == DISK_FORMAT_QCOW2 &&
        !qemu_repair_leaks(&off->files[1], err))
        return false;
    if (lower_size != upper->info.virtual_size &&
        !qemu_resize(off->files + 1, off->file_count - 1, lower_size, upper->info.virtual_size, err))
        return false;
    const struct marks_file above = {.layer = &off->files[0], .info = &upper->info, .path = merge->upper};
    const struct marks_file below = {.layer = &off->files[1], .info = &lower->info, .path = merge->lower};
    return merge_marks(&above, &below, err) && qemu_commit(off->files, off->file_count, err) &&
           merge_marks_enable(&above, &below, err) && fs_sync(off->files[1].fd, merge->lower, err);
}

/* What lay on the upper file lies on the lower one from now on: a header's name, at once. */
static bool put_on_lower(struct off_merge *off, struct error *err)
{
    struct merge *merge = off->merge;
    const char *path = off->chain.links[off->upper - 1].path;
    struct stat status;
    CLEANUP_FD int fd = open(path, LAYER_OPEN_FLAGS);
    if (fd < 0 || fstat(fd, &status) != 0)
        return error_errno(err, errno, "point.layer", "cannot open %s", path);
    if (!file_claim_unpinned(fd, path, err) || !file_claim(fd, CLAIM_SOURCE, path, err) ||
        !let_write(fd, path, err))
        return false;
    const struct qemu_layer above = {.fd = fd, .format = DISK_FORMAT_QCOW2, .claimed = true};
    if (!qemu_set_backing(&above, path_name(merge->lower), merge->lower_format, err) ||
        !fs_sync(fd, path, err))
        return false;
    if (fchmod(fd, status.st_mode & 07777) != 0)
        return error_errno(err, errno, "point.layer", "cannot set the mode of %s", path);
    mem_replace(&merge->above, path);
    return true;
}

static bool go_on_with_lower(struct off_merge *off, struct error *err)
{
    struct merge *merge = off->merge;
    merge->active = true;
    if (!file_copy_manner(off->files[0].fd, off->files[1].fd, merge->lower, err))
        return false;
    if (fchmod(off->files[1].fd, merge->upper_was.mode & 07777) != 0)
        return error_errno(err, errno, "point.layer", "cannot set the mode of %s", merge->lower);
    return fs_sync(off->files[1].fd, merge->lower, err);
}

/* What the machine goes on with at its next start, and no chain: one that libvirt wrote when a machine that
 * ran then changed its files would be believed, whatever the headers say. Nothing is done where it says so
 * already. */
static bool settle_definition(const struct off_merge *off, virDomainPtr domain, const char *active,
                              struct error *err)
{
    const struct merge *merge = off->merge;
    if (!domain || !active)
        return true;
    return merge->active ? host_machine_redefine_disk(merge->connect, domain, merge->disk_id, merge->lower,
                                                      merge->lower_format, err)
                         : host_machine_redefine_disk(merge->connect, domain, merge->disk_id, active,
                                                      DISK_FORMAT_QCOW2, err);
}

static void note_done(struct off_merge *off)
{
    size_t lower = chain_find(&off->chain, off->merge->lower);
    off->merge->active = lower == 0;
    if (lower > 0)
        mem_replace(&off->merge->above, off->chain.links[lower - 1].path);
}

static bool merge_files(struct off_merge *off, struct error *err)
{
    if (off->upper == SIZE_MAX) {
        note_done(off);
        return true;
    }
    return open_files(off, err) && claim_files(off, err) && commit(off, err) &&
           (off->upper == 0 ? go_on_with_lower(off, err) : put_on_lower(off, err));
}

bool merge_off(struct merge *merge, virDomainPtr domain, const char *active, struct error *err)
{
    struct off_merge off = {.merge = merge};
    bool ok = read_chain(&off, active, err) && find_upper(&off, err) && merge_files(&off, err) &&
              settle_definition(&off, domain, active, err) && merge_remove_upper(merge, err);
    off_merge_clear(&off);
    return ok;
}
