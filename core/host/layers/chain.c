/* A file is opened and inspected by us before QEMU is ever told of it (traps.md 7): every refusal below is a
 * way in which an image could make QEMU read or change something else. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/host/layers/layers.h"

static bool refuse(struct error *err, const char *key, const char *path, const char *why)
{
    error_set(err, RETURN_NOT_SUPPORTED, key, "%s cannot be used: %s", path, why);
    return error_next(
        err, "Copy the disk to a plain qcow2 or raw image file (qemu-img convert), let the machine use "
             "that, and name it here.");
}

/* A name that a file in the directory of `of` says: of a backing file, or of what a link leads to. */
static char *resolve_name(const char *of, const char *name)
{
    if (*name == '/')
        return mem_strdup(name);
    CLEANUP_FREE char *directory = path_directory(of);
    return mem_format("%s/%s", strcmp(directory, "/") == 0 ? "" : directory, name);
}

static bool refuse_link(const char *path, struct error *err)
{
    char target[PATH_MAX];
    refuse(err, "disk.symlink", path, "it is a symbolic link");
    if (realpath(path, target))
        return error_next(err, "Give the file itself: %s", target);
    int reason = errno;
    ssize_t length = readlink(path, target, sizeof target - 1);
    target[length > 0 ? length : 0] = '\0';
    CLEANUP_FREE char *first = resolve_name(path, target);
    error_cause(err, "it leads to %s: %s", first, strerrordesc_np(reason));
    return error_next(err, "Bring the file back to its place, and give it itself, not the link.");
}

static const char *kind_of_file(mode_t mode)
{
    if (S_ISBLK(mode))
        return "it is a block device (a partition or LVM volume), and only image files can be frozen";
    if (S_ISDIR(mode))
        return "it is a directory";
    if (S_ISFIFO(mode) || S_ISSOCK(mode))
        return "it is a pipe or socket";
    return "it is a device, not an image file";
}

static bool check_file(const struct chain_link *link, struct error *err)
{
    if (!S_ISREG(link->status.st_mode))
        return refuse(err, "disk.kind", link->path, kind_of_file(link->status.st_mode));
    /* Templates and layers are only read; who changes a layer looks for himself. */
    if (link->kind == CHAIN_IMAGE && link->status.st_nlink != 1) {
        refuse(err, "disk.links", link->path, "the file has more than one name (hard links)");
        return error_next(err, "Remove the other names, or copy the image to a file of its own.");
    }
    return true;
}

static bool cannot_find(const char *path, int reason, struct error *err)
{
    error_errno(err, reason, "disk.open", "cannot find %s", path);
    if (reason == ENOENT)
        error_next(err,
                   "Bring the file back to its place, or name the place where it is. What a machine of "
                   "the store has elsewhere now is followed with \"refpoint machine move MACHINE --to DIR "
                   "--moved\"; \"refpoint store check\" tells what else is missing.");
    return false;
}

static bool cannot_open(const struct chain_link *link, int reason, struct error *err)
{
    error_errno(err, reason, "disk.open", "cannot open %s", link->path);
    if (link->kind != CHAIN_LAYER || (reason != EACCES && reason != EPERM))
        return false;
    CLEANUP_FREE char *right = mem_strdup(err->next);
    return error_next(
        err,
        "%s%s(A right that is given to a frozen file is something that is done to it: \"refpoint "
        "store check --deep\" before that keeps its digest, and after that takes it as it is.)",
        right, *right ? " " : "");
}

static bool open_file(struct chain_link *link, int *fd, struct error *err)
{
    struct stat before;
    bool follow = link->kind == CHAIN_TEMPLATE;
    /* Looked at before it is opened: opening a device or a pipe can have effects of its own. */
    if (fstatat(AT_FDCWD, link->path, &before, follow ? 0 : AT_SYMLINK_NOFOLLOW) != 0)
        return cannot_find(link->path, errno, err);
    if (S_ISLNK(before.st_mode))
        return refuse_link(link->path, err);
    if (!S_ISREG(before.st_mode))
        return refuse(err, "disk.kind", link->path, kind_of_file(before.st_mode));
    *fd = open(link->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | (follow ? 0 : O_NOFOLLOW));
    if (*fd < 0)
        return cannot_open(link, errno, err);
    if (fstat(*fd, &link->status) != 0)
        return error_errno(err, errno, "disk.open", "cannot look at %s", link->path);
    return check_file(link, err);
}

static bool check_info(const struct chain_link *link, struct error *err)
{
    const struct image_info *info = &link->info;
    const char *path = link->path;
    if (info->encrypted)
        return refuse(err, "disk.encrypted", path, "it is encrypted");
    if (info->external_data_file)
        return refuse(err, "disk.external-data", path, "its data is in another file");
    if (info->virtual_size == 0) {
        refuse(err, "disk.empty", path, "it is empty");
        return error_next(err, "Give the disk a size, or leave it out.");
    }
    if (info->corrupt) {
        refuse(err, "disk.corrupt", path, "QEMU has marked it as corrupt");
        return error_next(err, "Look at it with \"qemu-img check\", or bring it back from a copy.");
    }
    if (info->dirty) {
        refuse(err, "disk.dirty", path, "it was not closed cleanly");
        return error_next(err, "Repair it with \"qemu-img check -r all\", then try again.");
    }
    if (info->snapshot_count > 0 && link->kind != CHAIN_TEMPLATE) {
        /* They would stay behind in the frozen layer, out of the machine's sight. */
        refuse(err, "disk.internal-snapshots", path, "it holds internal snapshots");
        return error_next(err, "List them with \"qemu-img snapshot -l\" and delete them with -d.");
    }
    return true;
}

static bool inspect(struct chain_link *link, struct error *err)
{
    CLEANUP_FD int fd = -1;
    return open_file(link, &fd, err) && image_inspect(fd, link->format, link->path, &link->info, err) &&
           check_info(link, err);
}

/* Would QEMU take the name for a protocol ("nbd://", "json:", "file:")? */
static bool has_protocol(const char *name)
{
    return name[strcspn(name, ":/")] == ':';
}

static bool same_file(const char *left, const char *right)
{
    struct stat first;
    struct stat second;
    if (strcmp(left, right) == 0)
        return true;
    return stat(left, &first) == 0 && stat(right, &second) == 0 && first.st_dev == second.st_dev &&
           first.st_ino == second.st_ino;
}

static const struct backing_file *find_registered(const struct chain_source *source, const char *of,
                                                  const char *path)
{
    for (size_t i = 0; i < source->backing_count; i++) {
        CLEANUP_FREE char *registered = path_resolve(of, source->backing[i].path);
        if (same_file(registered, path))
            return &source->backing[i];
    }
    return NULL;
}

static bool refuse_unregistered(const struct chain_source *source, const struct chain_link *above,
                                const char *path, struct error *err)
{
    const char *format = above->info.backing_format;
    if (!format || (strcmp(format, "raw") != 0 && strcmp(format, "qcow2") != 0))
        format = "qcow2";
    CLEANUP_FREE char *option = mem_format("%s=%s:%s", source->disk_id, format, path);
    CLEANUP_FREE char *quoted = text_shell_quote(option);
    error_set(err, RETURN_NOT_SUPPORTED, "disk.backing-unregistered",
              "%s is an overlay of %s, which is not registered", above->path, path);
    if (path_is_layer(path)) {
        error_cause(err, "it is a layer of a reference point that this store does not know");
        return error_next(
            err,
            "Run \"refpoint store check\": the point's record may be damaged (mend it, or drop it "
            "with \"refpoint point forget COLLECTION ID\"), or the point belongs to another store. "
            "If the machine may read that file without the point, add: --backing %s",
            quoted);
    }
    error_cause(err, "a backing file is read only where the operator has named it with its format");
    return error_next(err, "If the machine may read that file, add: --backing %s", quoted);
}

static bool check_layer(struct chain_link *link, struct error *err)
{
    if (link->layer->disk->inode == link->status.st_ino)
        return true;
    error_set(err, RETURN_INVALID_STATE, "disk.layer-replaced", "%s is not the file that was frozen",
              link->path);
    error_cause(err, "it has been replaced since the point %s was created", link->layer->point->name);
    return error_next(err, LAYER_WAYS_OUT);
}

/* What the header of `above` names, as the next link; format and right to be there come from the store. */
static bool next_link(const struct chain_source *source, const struct layers *layers,
                      const struct chain_link *above, struct chain_link *link, struct error *err)
{
    const char *name = above->info.backing_name;
    if (has_protocol(name)) {
        refuse(err, "disk.backing-protocol", above->path, "its backing file is no plain file name");
        return error_cause(err, "the header says %s", name);
    }
    link->path = path_resolve(above->path, name);
    link->layer = layers_find(layers, link->path);
    if (link->layer) {
        link->kind = CHAIN_LAYER;
        link->format = link->layer->disk->layer_format;
    } else {
        const struct backing_file *registered = find_registered(source, above->path, link->path);
        if (!registered)
            return refuse_unregistered(source, above, link->path, err);
        link->kind = CHAIN_TEMPLATE;
        link->format = registered->format;
    }
    const char *recorded = above->info.backing_format;
    if (recorded && strcmp(recorded, disk_format_word(link->format)) != 0) {
        error_set(err, RETURN_NOT_SUPPORTED, "disk.backing-format",
                  "%s says that its backing file is %s, but it is registered as %s", above->path, recorded,
                  disk_format_word(link->format));
        return error_next(err, "Register it with the format that the machine uses.");
    }
    return inspect(link, err) && (!link->layer || check_layer(link, err));
}

/* The last link is the file of an earlier one: QEMU would never come to the end. */
static bool check_loop(const struct chain *chain, struct error *err)
{
    const struct chain_link *last = &chain->links[chain->count - 1];
    for (size_t i = 0; i + 1 < chain->count; i++) {
        const struct chain_link *earlier = &chain->links[i];
        if (earlier->status.st_dev != last->status.st_dev || earlier->status.st_ino != last->status.st_ino)
            continue;
        const char *above = chain->links[chain->count - 2].path;
        error_set(err, RETURN_NOT_SUPPORTED, "disk.chain-loop",
                  "the backing files of %s form a loop: it comes back to %s", chain->links[0].path,
                  earlier->path);
        error_cause(err, "%s names it as its backing file", above);
        return error_next(err,
                          "Nothing can read this image as it is. Give %s its right backing file with "
                          "\"qemu-img rebase -u\", or use another copy of it.",
                          above);
    }
    return true;
}

static bool check_depth(const struct chain *chain, struct error *err)
{
    if (chain->count <= CHAIN_LIMIT)
        return true;
    error_set(err, RETURN_NOT_SUPPORTED, "disk.chain-too-long", "%s has more than %d files beneath it",
              chain->links[0].path, CHAIN_LIMIT);
    return error_next(err, "Destroy reference points that are no longer needed.");
}

struct chain_source chain_source_of(const struct disk *disk)
{
    return (struct chain_source){.path = disk->path,
                                 .format = disk->format,
                                 .disk_id = disk->id,
                                 .backing = disk->backing,
                                 .backing_count = disk->backing_count};
}

bool chain_read(const struct chain_source *source, const struct layers *layers, struct chain *chain,
                struct error *err)
{
    *chain = (struct chain){0};
    struct chain_link *link = ARRAY_APPEND(chain->links, chain->count);
    link->path = mem_strdup(source->path);
    link->layer = layers_find(layers, source->path);
    link->kind = link->layer ? CHAIN_LAYER : CHAIN_IMAGE;
    link->format = source->format;
    bool ok = inspect(link, err) && (!link->layer || check_layer(link, err));
    while (ok && chain->links[chain->count - 1].info.backing_name && check_depth(chain, err)) {
        struct chain_link next = {0};
        ok = next_link(source, layers, &chain->links[chain->count - 1], &next, err);
        *ARRAY_APPEND(chain->links, chain->count) = next;
        ok = ok && check_loop(chain, err);
    }
    ok = ok && check_depth(chain, err);
    if (!ok)
        chain_clear(chain);
    return ok;
}

void chain_clear(struct chain *chain)
{
    for (size_t i = 0; i < chain->count; i++) {
        free(chain->links[i].path);
        image_info_clear(&chain->links[i].info);
    }
    free(chain->links);
    *chain = (struct chain){0};
}

size_t chain_find(const struct chain *chain, const char *path)
{
    for (size_t i = 0; i < chain->count; i++) {
        if (strcmp(chain->links[i].path, path) == 0)
            return i;
    }
    return SIZE_MAX;
}
