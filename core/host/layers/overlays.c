#include "core/host/layers/overlays.h"

#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/host/layers/layers.h"
#include "core/image/peek.h"
#include "core/syntax/json.h"
#include "core/system/fs.h"

#define FILE_PROTOCOL "file:"
#define JSON_PROTOCOL "json:"

/* {"driver": "qcow2", "file": {"driver": "file", "filename": "a.qcow2"}}, or with dots: "file.filename". */
static char *file_in_json(const char *text)
{
    json_t *root = json_loads(text, 0, NULL);
    const char *found = NULL;
    for (json_t *node = root; json_is_object(node) && !found; node = json_object_get(node, "file")) {
        found = json_get_text(node, "filename", NULL);
        if (!found)
            found = json_get_text(node, "file.filename", NULL);
    }
    char *name = mem_strdup(found);
    json_decref(root);
    return name;
}

/* The name by which the file system knows what a header names; takes and gives ownership. */
static char *plain_name(char *stored)
{
    CLEANUP_FREE char *held = stored;
    if (strncmp(stored, JSON_PROTOCOL, strlen(JSON_PROTOCOL)) == 0)
        return file_in_json(stored + strlen(JSON_PROTOCOL));
    if (strncmp(stored, FILE_PROTOCOL, strlen(FILE_PROTOCOL)) == 0)
        return mem_strdup(stored + strlen(FILE_PROTOCOL));
    held = NULL;
    return stored;
}

static void look_at(int directory_fd, const char *name, struct overlays *overlays)
{
    struct stat named;
    struct stat backing;
    /* Looked at before it is opened: opening a device or a pipe can have effects of its own. */
    if (fstatat(directory_fd, name, &named, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(named.st_mode))
        return;
    CLEANUP_FD int fd = openat(directory_fd, name, LAYER_OPEN_FLAGS);
    char *stored = fd < 0 ? NULL : image_peek_backing(fd);
    CLEANUP_FREE char *plain = stored ? plain_name(stored) : NULL;
    if (!plain || fstatat(directory_fd, plain, &backing, 0) != 0)
        return;
    *ARRAY_APPEND(overlays->items, overlays->count) =
        (struct overlay){.name = mem_strdup(name), .device = backing.st_dev, .inode = backing.st_ino};
}

bool overlays_read(int directory_fd, struct overlays *overlays, struct error *err)
{
    char **names = NULL;
    size_t count = 0;
    *overlays = (struct overlays){0};
    if (!fs_list(directory_fd, &names, &count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        look_at(directory_fd, names[i], overlays);
    fs_free_names(names, count);
    return true;
}

void overlays_clear(struct overlays *overlays)
{
    for (size_t i = 0; i < overlays->count; i++)
        free(overlays->items[i].name);
    free(overlays->items);
    *overlays = (struct overlays){0};
}

const struct overlay *overlays_find(const struct overlays *overlays, const struct stat *backing,
                                    const char *except)
{
    for (size_t i = 0; i < overlays->count; i++) {
        const struct overlay *overlay = &overlays->items[i];
        if (overlay->device == backing->st_dev && overlay->inode == backing->st_ino &&
            (!except || strcmp(overlay->name, except) != 0))
            return overlay;
    }
    return NULL;
}
