#include "core/export/plan/layer_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/image/image.h"
#include "core/system/touch.h"

static bool is_same(const struct stat *status, const struct export_layer *expected)
{
    struct moment modified = {.seconds = status->st_mtim.tv_sec,
                              .nanoseconds = (int32_t)status->st_mtim.tv_nsec};
    return status->st_dev == expected->device && status->st_ino == expected->inode &&
           (uint64_t)status->st_size == expected->file_size &&
           moment_compare(modified, expected->modified) == 0;
}

static bool is_another(const struct export_layer *expected, uint32_t code, struct error *err)
{
    error_set(err, code, "export.layer-changed", "%s is not the file that was frozen at the point",
              expected->path);
    error_cause(err, "It has been written to or replaced since.");
    return error_next(
        err, "If somebody has copied or restored the file, \"refpoint store adopt\" takes it once it is "
             "proved to be what was frozen. Else what the point held is no longer certain: find out "
             "what writes to this file, and export another point; \"refpoint point forget\" gives this "
             "one up.");
}

static bool is_touched(const struct export_layer *expected, uint32_t code, struct error *err)
{
    error_set(err, code, "export.layer-changed", "%s may not be what was frozen at the point any more",
              expected->path);
    error_cause(err, TOUCH_SUSPICIOUS);
    return error_next(
        err,
        "\"refpoint store check --deep\" compares its content with the digest that the store keeps, and "
        "takes it when it is the same; where it keeps none, \"refpoint store adopt --unproven\" takes it "
        "by your word.");
}

static bool check_identity(int fd, const struct export_layer *expected, uint32_t code, struct error *err)
{
    struct stat status;
    if (fstat(fd, &status) != 0)
        return error_errno(err, errno, "export.layer", "cannot look at %s", expected->path);
    if (!S_ISREG(status.st_mode)) {
        error_set(err, RETURN_NOT_SUPPORTED, "export.layer-kind", "%s is not a regular file", expected->path);
        return error_next(err, "Bring the frozen file back, then run \"refpoint store check\".");
    }
    if (!is_same(&status, expected))
        return is_another(expected, code, err);
    return !touch_is_suspicious(&expected->touched, &status, expected->path) ||
           is_touched(expected, code, err);
}

static bool check_image(int fd, const struct export_layer *layer, bool is_last, struct error *err)
{
    struct image_info info = {0};
    if (!image_inspect(fd, layer->format, layer->path, &info, err))
        return false;
    bool ok = true;
    if (info.encrypted || info.external_data_file)
        ok = error_set(err, RETURN_NOT_SUPPORTED, "export.layer-kind", "%s: images with %s are not supported",
                       layer->path, info.encrypted ? "encryption" : "an external data file");
    else if (info.corrupt)
        ok = error_set(err, RETURN_INVALID_STATE, "export.layer-corrupt", "%s is marked as corrupt by QEMU",
                       layer->path) ||
             error_next(err, "Look at it with qemu-img check.");
    else if (layer->format == DISK_FORMAT_RAW && !is_last)
        ok = error_set(err, RETURN_INVALID_STATE, "export.chain",
                       "%s is a raw image and cannot be an overlay of another file", layer->path);
    else if (layer->format == DISK_FORMAT_QCOW2 && is_last && info.backing_name)
        ok = error_set(err, RETURN_NOT_SUPPORTED, "export.chain",
                       "%s is an overlay of %s, which is not registered for this disk", layer->path,
                       info.backing_name);
    else if (layer->format == DISK_FORMAT_QCOW2 && !is_last && !info.backing_name)
        ok = error_set(err, RETURN_INVALID_STATE, "export.chain",
                       "%s stands alone although the point was taken on an overlay", layer->path);
    image_info_clear(&info);
    return ok;
}

static bool pin(int fd, const struct export_layer *layer, struct error *err)
{
    while (flock(fd, LOCK_SH | LOCK_NB) != 0) {
        if (errno == EINTR)
            continue;
        if (errno != EWOULDBLOCK)
            return error_errno(err, errno, "export.pin", "cannot lock %s", layer->path);
        error_set(err, RETURN_IN_USE, "export.in-use", "%s is being changed", layer->path);
        error_cause(err, "The data of this point, or of one that it rests on, is being removed.");
        return error_next(err, "Try again when that is done.");
    }
    return true;
}

static bool open_file(struct layer_files *files, const struct export_layer *layer, bool is_last, int *fd,
                      struct error *err)
{
    /* O_NONBLOCK: a FIFO in the place of a layer must not hang the program before fstat can tell. */
    *fd = open(layer->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    if (*fd < 0) {
        int number = errno;
        error_errno(err, number, "export.layer", "cannot open %s", layer->path);
        if (number == ENOENT)
            err->code = RETURN_INVALID_STATE; /* the point's data is gone, no parameter names this file */
        return false;
    }
    *ARRAY_APPEND(files->files, files->count) = (struct layer_file){.expected = layer, .fd = *fd};
    return pin(*fd, layer, err) && check_identity(*fd, layer, RETURN_INVALID_STATE, err) &&
           check_image(*fd, layer, is_last, err);
}

/* Disks that share a template share its descriptor. */
static int find_open(const struct layer_files *files, const struct export_layer *layer)
{
    for (size_t i = 0; i < files->count; i++) {
        const struct export_layer *other = files->files[i].expected;
        if (other->device == layer->device && other->inode == layer->inode &&
            other->format == layer->format && other->file_size == layer->file_size &&
            moment_compare(other->modified, layer->modified) == 0)
            return files->files[i].fd;
    }
    return -1;
}

static bool open_chain(struct layer_files *files, const struct export_disk *disk, struct image_layer *chain,
                       struct error *err)
{
    for (size_t i = 0; i < disk->layer_count; i++) {
        const struct export_layer *layer = &disk->layers[i];
        chain[i] = (struct image_layer){
            .fd = find_open(files, layer), .format = layer->format, .unlocked = disk->unlocked};
        if (chain[i].fd < 0 && !open_file(files, layer, i + 1 == disk->layer_count, &chain[i].fd, err))
            return false;
    }
    return true;
}

#define OTHER_DESCRIPTORS 256
#define SPOOLS_OF_A_DISK 4 /* its runs, where they lie, its digests, its frames */

/* Twenty disks with long chains need more descriptors than the usual soft limit of 1024. */
static void make_room(const struct export_task *task)
{
    struct rlimit limit;
    size_t needed = OTHER_DESCRIPTORS;
    for (size_t i = 0; i < task->disk_count; i++)
        needed += task->disks[i].layer_count + SPOOLS_OF_A_DISK;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || needed <= limit.rlim_cur)
        return;
    limit.rlim_cur = needed < limit.rlim_max ? needed : limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit); /* without it, open says what is wrong */
}

bool layer_files_open(const struct export_task *task, struct layer_files *files, struct error *err)
{
    *files = (struct layer_files){.chains = mem_alloc((task->disk_count + 1) * sizeof(struct image_layer *)),
                                  .chain_count = task->disk_count};
    make_room(task);
    bool ok = true;
    for (size_t i = 0; i < task->disk_count && ok; i++) {
        const struct export_disk *disk = &task->disks[i];
        files->chains[i] = mem_alloc((disk->layer_count + 1) * sizeof **files->chains);
        ok = open_chain(files, disk, files->chains[i], err);
    }
    if (!ok)
        layer_files_close(files);
    return ok;
}

bool layer_files_unchanged(const struct layer_files *files, struct error *err)
{
    for (size_t i = 0; i < files->count; i++) {
        if (!check_identity(files->files[i].fd, files->files[i].expected, RETURN_FAILED, err))
            return error_context(err, "the data changed while it was exported");
    }
    return true;
}

void layer_files_close(struct layer_files *files)
{
    for (size_t i = 0; i < files->count; i++)
        close(files->files[i].fd);
    for (size_t i = 0; i < files->chain_count; i++)
        free(files->chains[i]);
    free(files->files);
    free(files->chains);
    *files = (struct layer_files){0};
}
