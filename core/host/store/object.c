#include "core/host/store/object.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/return_code.h"
#include "core/host/store/internal.h"
#include "core/host/store/place.h"
#include "core/system/beneath.h"
#include "core/system/fs.h"

static char *path_of(const struct store_object *object)
{
    return mem_format("%s/%s", object->parent, object->id->text);
}

static bool rename_synced(const struct store_object *object, int parent, const char *from, const char *to,
                          struct error *err)
{
    CLEANUP_FREE char *path = store_path(object->store, object->parent);
    if (renameat(parent, from, parent, to) != 0)
        return error_errno(err, errno, "store.write", "cannot rename %s to %s in %s", from, to, path);
    return fs_sync(parent, path, err);
}

static bool write_files(int directory, const struct store_file *files, size_t count, struct error *err)
{
    for (size_t i = count; i-- > 0;) {
        if (files[i].text && !fs_write_atomic(directory, files[i].name, files[i].text, strlen(files[i].text),
                                              STORE_FILE_MODE, err))
            return false;
    }
    return true;
}

static bool make_object(const struct store_object *object, int parent, const struct store_file *files,
                        size_t count, struct error *err)
{
    CLEANUP_FREE char *temporary = mem_format(".new-%s", object->id->text);
    if (!fs_remove_tree(parent, temporary, err))
        return false;
    if (mkdirat(parent, temporary, STORE_DIRECTORY_MODE) != 0)
        return error_errno(err, errno, "store.write", "cannot create the directory %s/%s/%s",
                           object->store->path, object->parent, temporary);
    CLEANUP_FD int directory = -1;
    bool ok = fs_open_directory(parent, temporary, &directory, err) &&
              write_files(directory, files, count, err) && fs_sync(directory, temporary, err) &&
              rename_synced(object, parent, temporary, object->id->text, err);
    /* What a crash leaves under the temporary name is swept before the next change. */
    struct error ignored = {0};
    if (!ok && !fs_remove_tree(parent, temporary, &ignored))
        return false;
    return ok;
}

bool store_object_put(const struct store_object *object, const struct store_file *files, size_t count,
                      struct error *err)
{
    CLEANUP_FD int parent = -1;
    CLEANUP_FREE char *path = path_of(object);
    if (!store_make_directory(object->store, object->parent, &parent, err))
        return error_context(err, "cannot write to the store");
    CLEANUP_FD int directory = beneath_open(parent, object->id->text, O_RDONLY | O_DIRECTORY, 0);
    bool ok = false;
    if (directory >= 0)
        ok = write_files(directory, files, count, err);
    else if (errno == ENOENT)
        ok = make_object(object, parent, files, count, err);
    else if (errno == ELOOP)
        return store_refuse_link(object->store, path, err);
    else
        return error_errno(err, errno, "store.write", "cannot open %s/%s", object->store->path, path);
    return ok || error_context(err, "%s/%s", object->store->path, path);
}

bool store_object_hide(const struct store_object *object, struct error *err)
{
    CLEANUP_FD int parent = -1;
    const char *name = object->id->text;
    CLEANUP_FREE char *hidden = mem_format(".gone-%s", name);
    if (!store_open_directory(object->store, object->parent, &parent, err))
        return false;
    if (faccessat(parent, name, F_OK, AT_SYMLINK_NOFOLLOW) != 0)
        return true;
    /* A rename onto a directory that is not empty fails. */
    return fs_remove_tree(parent, hidden, err) && rename_synced(object, parent, name, hidden, err);
}

bool store_object_remove(const struct store_object *object, struct error *err)
{
    CLEANUP_FD int parent = -1;
    CLEANUP_FREE char *hidden = mem_format(".gone-%s", object->id->text);
    if (!store_open_if_there(object->store, object->parent, &parent, err))
        return false;
    return parent < 0 || (store_object_hide(object, err) && fs_remove_tree(parent, hidden, err));
}

bool store_object_list(const struct store *store, const char *parent_path, struct guid **ids, size_t *count,
                       struct findings *findings, struct error *err)
{
    *ids = NULL;
    *count = 0;
    CLEANUP_FD int parent = -1;
    if (!store_open_if_there(store, parent_path, &parent, err))
        return false;
    if (parent < 0)
        return true;
    char **names = NULL;
    size_t name_count = 0;
    if (!fs_list(parent, &names, &name_count, err))
        return error_context(err, "%s/%s", store->path, parent_path);
    for (size_t i = 0; i < name_count; i++) {
        struct guid id;
        if (*names[i] == '.')
            continue;
        if (guid_parse(&id, names[i]) && strcmp(id.text, names[i]) == 0)
            *ARRAY_APPEND(*ids, *count) = id;
        else
            findings_add(findings, "%s/%s/%s is not part of a store; it is passed over", store->path,
                         parent_path, names[i]);
    }
    fs_free_names(names, name_count);
    return true;
}

bool store_object_exists(const struct store_object *object)
{
    CLEANUP_FREE char *path = path_of(object);
    struct stat status;
    struct error absent;
    return store_stat(object->store, path, &status, &absent) ? S_ISDIR(status.st_mode)
                                                             : strcmp(absent.key, "store.link") == 0;
}

bool store_object_is_there(const struct store_object *object)
{
    CLEANUP_FREE char *path = path_of(object);
    struct stat status;
    struct error absent;
    return store_stat(object->store, path, &status, &absent) || absent.code != RETURN_FILE_NOT_FOUND;
}

static bool is_left_over(const char *name)
{
    size_t length = strlen(name);
    return strncmp(name, ".new-", 5) == 0 || strncmp(name, ".gone-", 6) == 0 ||
           (length > 4 && strcmp(name + length - 4, ".tmp") == 0);
}

static bool sweep(int directory, bool into_objects, struct error *err)
{
    char **names = NULL;
    size_t count = 0;
    if (!fs_list(directory, &names, &count, err))
        return false;
    bool ok = true;
    for (size_t i = 0; i < count && ok; i++) {
        struct guid id;
        if (is_left_over(names[i])) {
            ok = fs_remove_tree(directory, names[i], err);
        } else if (into_objects && guid_parse(&id, names[i])) {
            CLEANUP_FD int object = beneath_open(directory, names[i], O_RDONLY | O_DIRECTORY, 0);
            ok = object < 0 || sweep(object, false, err);
        }
    }
    fs_free_names(names, count);
    return ok;
}

bool store_object_sweep(const struct store *store, const char *parent_path, struct error *err)
{
    CLEANUP_FD int parent = -1;
    if (!store_open_if_there(store, parent_path, &parent, err))
        return false;
    if (parent < 0)
        return true;
    return sweep(parent, true, err) || error_context(err, "%s/%s", store->path, parent_path);
}
