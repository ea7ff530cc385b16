#include "core/host/notice.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "core/base/text.h"
#include "core/image/image.h"
#include "core/image/layer_name.h"

/* An image that kept its name when it was frozen, and the file that its machine goes on with. */
static bool is_frozen_image(const struct member_point *member, size_t disk)
{
    const char *layer = member->disks[disk].layer_path;
    return layer && disk < member->machine.disk_count && strcmp(member->machine.disks[disk].path, layer) == 0;
}

/* Whether the layer was an image nobody had frozen before: nothing of ours is beneath it. */
static bool is_first_layer(const struct member_point *member, size_t number)
{
    const struct disk_point *disk = &member->disks[number];
    struct error ignored = {0};
    struct image_info info = {0};
    if (disk->layer_path && is_frozen_image(member, number))
        return layer_name_kind(disk->layer_path) == LAYER_NAME_NONE;
    CLEANUP_FD int fd = disk->layer_path ? open(disk->layer_path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;
    if (fd < 0 || !image_inspect(fd, disk->layer_format, disk->layer_path, &info, &ignored))
        return false;
    bool first = !info.backing_name || layer_name_kind(info.backing_name) == LAYER_NAME_NONE;
    image_info_clear(&info);
    return first;
}

char *host_freeze_notice(const struct reference_point *point)
{
    struct strbuf text = {0};
    for (size_t i = 0; i < point->member_count; i++) {
        const struct member_point *member = &point->members[i];
        for (size_t k = 0; k < member->disk_count && k < member->machine.disk_count; k++) {
            const struct disk_point *disk = &member->disks[k];
            if (!is_first_layer(member, k))
                continue;
            if (text.length == 0)
                strbuf_add(&text,
                           "From now on these files hold the machines together: move, copy and keep them "
                           "together, in their directory, and change nothing but the machines' images.");
            CLEANUP_FREE char *files =
                is_frozen_image(member, k)
                    ? mem_format("%s/%s: %s is frozen; the machine goes on with a new file beside it, which "
                                 "its definition names until its points are destroyed",
                                 member->machine.name, disk->disk_id, disk->layer_path)
                    : mem_format("%s/%s: %s and %s", member->machine.name, disk->disk_id,
                                 member->machine.disks[k].path, disk->layer_path);
            CLEANUP_FREE char *line = text_escape(files);
            strbuf_addf(&text, "\n  %s", line);
            if (disk->layer_format == DISK_FORMAT_RAW && !is_frozen_image(member, k))
                strbuf_add(&text,
                           "\n    the image is qcow2 now: in the machine's definition change this disk's "
                           "format from raw to qcow2 (libvirt: <driver type='qcow2'/>) before it is "
                           "started");
        }
    }
    if (text.length == 0)
        return NULL;
    return strbuf_take(&text);
}
