#include "core/export/package/check/image.h"

#include "core/base/mem.h"
#include "core/export/package/path.h"
#include "core/image/layer.h"
#include "core/image/qemu_img.h"

/* 1: the check could not be made; 2: damage; 3: leaked clusters, which our writers do not leave. */
static bool ask_qemu(int fd, const char *label, const char *file, struct job *job,
                     struct package_problems *problems, struct error *err)
{
    struct image_layer layer = {.fd = fd, .format = DISK_FORMAT_QCOW2};
    CLEANUP_FREE char *spec = image_layers_name(&layer, 1, 3, IMAGE_ACCESS_OF_TOOL);
    const char *const argv[] = {"qemu-img", "check", spec, NULL};
    struct qemu_img tool = {.argv = argv, .descriptors = &fd, .descriptor_count = 1, .job = job};
    struct error said = {0};
    int status = qemu_img_run(&tool, "package.check", &said);
    if (status == 0)
        return true;
    if (status < 0) {
        *err = said;
        return false;
    }
    package_problems_add(problems, "%s%s does not pass qemu-img check: %s", label, file, said.cause);
    return true;
}

bool package_image_check(const struct package_link *link, const struct package_link *base, size_t disk,
                         const char *label, struct job *job, struct package_problems *problems,
                         struct error *err)
{
    const struct package_disk *own = &link->package.disks[disk];
    struct error missing = {0};
    CLEANUP_FD int fd = -1;
    if (!package_path_open_file(link->fd, own->file, &fd, NULL, &missing))
        return true; /* has been reported with the files */
    bool safe = package_image_look(link, base, disk, fd, label, problems);
    return !safe || own->format == DISK_FORMAT_RAW || ask_qemu(fd, label, own->file, job, problems, err);
}
