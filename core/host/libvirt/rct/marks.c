#include "core/host/libvirt/rct/marks.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/host/layers/foreign/carry.h"
#include "core/host/layers/layers.h"
#include "core/host/layers/qemu_tools.h"
#include "core/host/libvirt/connection/functions.h"
#include "core/host/libvirt/machine/machine.h"

static bool remove_from_image(const struct disk *disk, const char *name, struct error *err)
{
    struct image_bitmaps bitmaps;
    CLEANUP_FD int fd = -1;
    if (disk->format != DISK_FORMAT_QCOW2)
        return true;
    fd = open(disk->path, LAYER_OPEN_FLAGS);
    if (fd < 0)
        return errno == ENOENT || error_errno(err, errno, "disk.open", "cannot open %s", disk->path);
    if (!bitmaps_of(fd, disk->format, disk->path, &bitmaps, err))
        return false;
    const struct qemu_layer image = {.fd = fd, .format = disk->format};
    bool ok = !image_bitmaps_find(&bitmaps, name) || qemu_remove_bitmap(&image, name, err);
    image_bitmaps_clear(&bitmaps);
    return ok;
}

bool marks_remove(virDomainPtr domain, const char *name, struct error *err)
{
    struct host_machine read;
    libvirt()->virDomainRef(domain);
    if (!host_machine_read(domain, NULL, &read, err))
        return false;
    bool ok = true;
    for (size_t i = 0; ok && i < read.machine.disk_count; i++)
        ok = remove_from_image(&read.machine.disks[i], name, err);
    host_machine_clear(&read);
    return ok;
}
