#include "core/export/package/image.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/export/package/path.h"
#include "core/image/image.h"
#include "core/system/fs.h"

struct subject {
    const struct package_link *link;
    const struct package_link *base;
    const struct package_disk *disk;
    const char *label;
    struct package_problems *problems;
};

#define COMPLAIN(subject, format, ...)                                                                       \
    package_problems_add((subject)->problems, (subject)->disk->file, "%s%s " format, (subject)->label,       \
                         (subject)->disk->file, __VA_ARGS__)

/* qcow2 counts in sectors of 512 bytes; the record keeps the true size. */
static bool is_right_size(const struct package_disk *disk, const struct image_info *info)
{
    uint64_t whole = size_whole_sectors(disk->virtual_size);
    return info->virtual_size == (disk->format == DISK_FORMAT_RAW ? disk->virtual_size : whole);
}

/* Where the stored name leads to; QEMU goes from the directory as it really is. */
static char *place_of_base(const struct subject *subject, const char *directory)
{
    char real[PATH_MAX];
    const char *package = subject->link->package.path;
    CLEANUP_FREE char *from = mem_format("%s/%s", realpath(package, real) ? real : package, directory);
    return fs_path_from(from, subject->disk->backing_name);
}

/* The file that the stored name leads to, from the directory of the image, is the base's file. */
static void check_place(const struct subject *subject, const char *base_file)
{
    struct error ignored = {0};
    struct stat wanted;
    struct stat found;
    CLEANUP_FD int directory = -1;
    CLEANUP_FD int fd = -1;
    CLEANUP_FREE char *own = mem_strdup(subject->disk->file);
    *strrchr(own, '/') = '\0';
    if (!package_path_open_directory(subject->link->fd, own, &directory, &ignored) ||
        !package_path_open_file(subject->base->fd, base_file, &fd, &wanted, &ignored))
        return; /* missing files have been reported */
    CLEANUP_FREE char *place = place_of_base(subject, own);
    if (fstatat(directory, subject->disk->backing_name, &found, 0) != 0)
        package_problems_add_place(
            subject->problems,
            "%s%s looks for its base at %s, where there is nothing (it is in %s): QEMU "
            "cannot open it there; put the base where it was, or import the package",
            subject->label, subject->disk->file, place, subject->base->package.path);
    else if (found.st_dev != wanted.st_dev || found.st_ino != wanted.st_ino)
        package_problems_add_place(subject->problems,
                                   "%s%s looks for its base at %s, where there is another file (it is in %s)",
                                   subject->label, subject->disk->file, place, subject->base->package.path);
}

static void check_backing(const struct subject *subject, const struct image_info *info)
{
    const struct package_disk *disk = subject->disk;
    if (!disk->differential) {
        if (info->backing_name)
            COMPLAIN(subject, "is recorded as full, but has the backing file %s", info->backing_name);
        return;
    }
    if (!info->backing_name || strcmp(info->backing_name, disk->backing_name) != 0) {
        COMPLAIN(subject, "has the backing file %s, not the recorded %s",
                 info->backing_name ? info->backing_name : "(none)", disk->backing_name);
        return;
    }
    if (!subject->base)
        return;
    size_t found = package_find_disk(&subject->base->package, disk->machine_id, disk->disk_uuid);
    if (found == SIZE_MAX || strcmp(subject->base->package.disks[found].file, disk->base_file) != 0) {
        COMPLAIN(subject, "is based on %s, which %s does not record for this disk", disk->base_file,
                 subject->base->package.path);
        return;
    }
    const char *format = disk_format_word(subject->base->package.disks[found].format);
    if (!info->backing_format || strcmp(info->backing_format, format) != 0)
        COMPLAIN(subject, "does not say that its backing file is %s", format);
    check_place(subject, disk->base_file);
}

static void check_features(const struct subject *subject, const struct image_info *info)
{
    if (!is_right_size(subject->disk, info))
        COMPLAIN(subject, "is an image of %llu bytes where the record says %llu",
                 (unsigned long long)info->virtual_size, (unsigned long long)subject->disk->virtual_size);
    if (info->external_data_file)
        COMPLAIN(subject, "%s", "keeps its data in another file, which is no part of the package");
    if (info->encrypted)
        COMPLAIN(subject, "%s", "is encrypted");
    if (info->dirty)
        COMPLAIN(subject, "%s", "was not closed by its writer");
    if (info->corrupt)
        COMPLAIN(subject, "%s", "is marked as corrupt");
    if (info->snapshot_count > 0)
        COMPLAIN(subject, "holds %u internal snapshots", info->snapshot_count);
}

bool package_image_look(const struct package_link *link, const struct package_link *base, size_t disk, int fd,
                        const char *label, struct package_problems *problems)
{
    const struct subject subject = {
        .link = link, .base = base, .disk = &link->package.disks[disk], .label = label, .problems = problems};
    struct error broken = {0};
    struct image_info info = {0};
    if (!image_inspect(fd, subject.disk->format, subject.disk->file, &info, &broken)) {
        CLEANUP_FREE char *why = error_text(&broken);
        package_problems_add(problems, subject.disk->file, "%s%s", label, why);
        return false;
    }
    check_features(&subject, &info);
    check_backing(&subject, &info);
    bool safe = !info.external_data_file && !info.encrypted;
    image_info_clear(&info);
    return safe;
}
