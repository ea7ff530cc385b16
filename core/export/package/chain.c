#include "core/export/package/chain.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/export/package/path.h"

void package_chain_begin(struct package_chain *chain, int fd, enum disk_format format)
{
    *chain = (struct package_chain){0};
    *ARRAY_APPEND(chain->layers, chain->count) = (struct image_layer){.fd = fd, .format = format};
}

static bool add(struct package_chain *chain, const struct package *package, const struct package_disk *disk,
                struct error *err)
{
    CLEANUP_FD int root = -1;
    int fd = -1;
    if (!package_path_open_root(package->path, &root, err) ||
        !package_path_open_file(root, disk->file, &fd, NULL, err))
        return error_context(err, "%s", package->path);
    *ARRAY_APPEND(chain->layers, chain->count) = (struct image_layer){.fd = fd, .format = disk->format};
    return true;
}

bool package_chain_add_bases(struct package_chain *chain, const struct base_package *base, size_t base_disk,
                             struct error *err)
{
    for (size_t level = 0; level < base->count && base_disk != SIZE_MAX; level++) {
        const struct package *package = &base->packages[level];
        const struct package_disk *disk = &package->disks[base_disk];
        if (!add(chain, package, disk, err))
            return false;
        if (!disk->differential)
            return true;
        if (level + 1 < base->count)
            base_disk = package_find_disk(&base->packages[level + 1], disk->machine_id, disk->disk_uuid);
    }
    error_set(err, RETURN_INVALID_PARAMETER, "package.base-missing",
              "the chain of base packages does not reach a full disk");
    return error_next(
        err, "Name the directory that holds the missing package with --base-package, or make a full export.");
}

void package_chain_close(struct package_chain *chain)
{
    for (size_t i = 0; i < chain->count; i++)
        close(chain->layers[i].fd);
    free(chain->layers);
    *chain = (struct package_chain){0};
}
