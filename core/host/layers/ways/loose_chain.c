#include "core/host/layers/ways/loose_chain.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/image/image.h"

/* The header's word for what is beneath; false: this file cannot be read. */
static bool look_beneath(const struct loose_link *link, struct image_info *info)
{
    struct error unreadable;
    struct stat status;
    CLEANUP_FD int fd = open(link->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    return fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
           image_inspect(fd, link->format, link->path, info, &unreadable);
}

static void add_link(struct loose_chain *chain, char *path, enum disk_format format,
                     const struct layers *layers)
{
    const struct layer *layer = layers_find(layers, path);
    *ARRAY_APPEND(chain->links, chain->count) =
        (struct loose_link){.path = path, .format = layer ? layer->disk->layer_format : format};
}

void loose_chain_read(const char *path, enum disk_format format, const struct layers *layers,
                      struct loose_chain *chain)
{
    *chain = (struct loose_chain){0};
    add_link(chain, mem_strdup(path), format, layers);
    while (!chain->whole && chain->count <= CHAIN_LIMIT) {
        const struct loose_link *last = &chain->links[chain->count - 1];
        struct image_info info = {0};
        if (!look_beneath(last, &info))
            return;
        if (info.backing_name) {
            bool raw = info.backing_format && strcmp(info.backing_format, "raw") == 0;
            add_link(chain, path_resolve(last->path, info.backing_name),
                     raw ? DISK_FORMAT_RAW : DISK_FORMAT_QCOW2, layers);
        } else {
            chain->whole = true;
        }
        image_info_clear(&info);
    }
}

void loose_chain_clear(struct loose_chain *chain)
{
    for (size_t i = 0; i < chain->count; i++)
        free(chain->links[i].path);
    free(chain->links);
    *chain = (struct loose_chain){0};
}

size_t loose_chain_find(const struct loose_chain *chain, const char *path)
{
    for (size_t i = 0; i < chain->count; i++) {
        if (strcmp(chain->links[i].path, path) == 0)
            return i;
    }
    return SIZE_MAX;
}
