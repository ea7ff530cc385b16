#include "core/export/package/path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/return_code.h"
#include "core/base/text.h"
#include "core/system/beneath.h"
#include "core/system/fs.h"

static bool is_component(const char *name, size_t length)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    return length > 0 && length <= 255 && name[0] != '.' && strspn(name, allowed) >= length;
}

bool package_path_is_component(const char *name)
{
    return is_component(name, strlen(name));
}

bool package_path_is_member(const char *path)
{
    static const char top[] = PACKAGE_MACHINES "/";
    if (strncmp(path, top, sizeof top - 1) != 0)
        return false;
    const char *machine = path + sizeof top - 1;
    const char *slash = strchr(machine, '/');
    return slash && is_component(machine, (size_t)(slash - machine)) && package_path_is_component(slash + 1);
}

static int fold(char letter)
{
    return letter >= 'A' && letter <= 'Z' ? letter - 'A' + 'a' : (unsigned char)letter;
}

int package_path_compare_folded(const char *left, const char *right)
{
    while (*left && fold(*left) == fold(*right)) {
        left++;
        right++;
    }
    return fold(*left) - fold(*right);
}

static bool refuse_link(const char *link, struct error *err)
{
    error_set(err, RETURN_NOT_SUPPORTED, "package.link",
              "%s is a symbolic link; a package holds only plain files", link);
    return error_next(err, "Copy the package whole, with what its links lead to.");
}

static bool refuse(struct error *err, int number, const char *path)
{
    if (number == ELOOP)
        return refuse_link(path, err);
    if (number == ENOTDIR) {
        error_set(err, RETURN_NOT_SUPPORTED, "package.kind", "%s is not a directory", path);
        return error_next(
            err, "Give the directory of a package; \"refpoint package list DIR\" shows those in DIR.");
    }
    return error_errno(err, number, "package.open", "cannot open %s", path);
}

static bool open_in(int package, const char *path, int flags, int *fd, struct error *err)
{
    *fd = beneath_open(package, path, flags, 0);
    if (*fd >= 0)
        return true;
    int number = errno;
    CLEANUP_FREE char *link = number == ELOOP ? beneath_link(package, path) : NULL;
    return link ? refuse_link(link, err) : refuse(err, number, path);
}

bool package_path_open_root(const char *path, int *fd, struct error *err)
{
    *fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return *fd >= 0 || refuse(err, errno, path);
}

static bool check_regular(int fd, const char *path, struct stat *status, struct error *err)
{
    if (fstat(fd, status) != 0)
        return error_errno(err, errno, "package.stat", "cannot look at %s", path);
    return S_ISREG(status->st_mode) ||
           error_set(err, RETURN_NOT_SUPPORTED, "package.kind", "%s is not a regular file", path);
}

bool package_path_open_file(int package, const char *path, int *fd, struct stat *status, struct error *err)
{
    /* O_NONBLOCK: a FIFO must not hang the program before fstat can tell. */
    struct stat own;
    int opened = -1;
    if (!open_in(package, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, &opened, err))
        return false;
    if (!check_regular(opened, path, &own, err)) {
        close(opened);
        return false;
    }
    if (status)
        *status = own;
    *fd = opened;
    return true;
}

bool package_path_open_directory(int package, const char *path, int *fd, struct error *err)
{
    return open_in(package, path, O_RDONLY | O_DIRECTORY, fd, err);
}

bool package_path_stat(int package, const char *path, struct stat *status, struct error *err)
{
    CLEANUP_FD int fd = -1;
    return open_in(package, path, O_PATH, &fd, err) &&
           (fstat(fd, status) == 0 || error_errno(err, errno, "package.stat", "cannot look at %s", path));
}

static void add_oddity(struct package_tree *tree, const char *prefix, const char *name, const char *why)
{
    CLEANUP_FREE char *shown = text_escape(name);
    *ARRAY_APPEND(tree->oddities, tree->oddity_count) = mem_format("%s%s %s", prefix, shown, why);
}

bool package_path_is_in_package(int directory)
{
    static const char *const records[] = {PACKAGE_RECORD, "../" PACKAGE_RECORD, "../../" PACKAGE_RECORD};
    for (size_t i = 0; i < ARRAY_LENGTH(records); i++) {
        if (faccessat(directory, records[i], F_OK, AT_SYMLINK_NOFOLLOW) == 0)
            return true;
    }
    return false;
}

/* Below the root a directory may only be "machines", below that only a machine's. */
static bool may_hold_directory(const char *prefix, const char *name)
{
    return (*prefix == '\0' && strcmp(name, PACKAGE_MACHINES) == 0) ||
           strcmp(prefix, PACKAGE_MACHINES "/") == 0;
}

static bool list_level(int dir, const char *prefix, unsigned depth, struct package_tree *tree,
                       struct error *err);

static bool list_entry(int dir, const char *prefix, const char *name, unsigned depth,
                       struct package_tree *tree, struct error *err)
{
    struct stat status;
    if (fstatat(dir, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
        return error_errno(err, errno, "package.stat", "cannot look at %s%s", prefix, name);
    if (tree->file_count + tree->oddity_count >= PACKAGE_TREE_LIMIT) {
        error_set(err, RETURN_NOT_SUPPORTED, "package.too-many", "it holds more than %zu files",
                  PACKAGE_TREE_LIMIT);
        return error_next(err,
                          "A package holds only what its export wrote: remove what does not belong there.");
    }
    if (!package_path_is_component(name)) {
        add_oddity(tree, prefix, name, "has a name that no package holds");
    } else if (S_ISREG(status.st_mode)) {
        *ARRAY_APPEND(tree->files, tree->file_count) = mem_format("%s%s", prefix, name);
    } else if (S_ISDIR(status.st_mode) && depth < 2 && may_hold_directory(prefix, name)) {
        CLEANUP_FD int inner = -1;
        CLEANUP_FREE char *deeper = mem_format("%s%s/", prefix, name);
        return package_path_open_directory(dir, name, &inner, err) &&
               list_level(inner, deeper, depth + 1, tree, err);
    } else {
        add_oddity(tree, prefix, name,
                   S_ISLNK(status.st_mode)   ? "is a symbolic link; a package holds only plain files"
                   : S_ISDIR(status.st_mode) ? "is a directory that does not belong in a package"
                                             : "is not a regular file");
    }
    return true;
}

static bool list_level(int dir, const char *prefix, unsigned depth, struct package_tree *tree,
                       struct error *err)
{
    char **names = NULL;
    size_t count = 0;
    if (!fs_list(dir, &names, &count, err))
        return false;
    bool ok = true;
    if (count == 0 && depth > 0)
        add_oddity(tree, prefix, "", "is an empty directory, of which a package has none");
    for (size_t i = 0; i < count && ok; i++)
        ok = list_entry(dir, prefix, names[i], depth, tree, err);
    fs_free_names(names, count);
    return ok;
}

bool package_path_list(int package, struct package_tree *tree, struct error *err)
{
    *tree = (struct package_tree){0};
    if (list_level(package, "", 0, tree, err))
        return true;
    package_tree_clear(tree);
    return false;
}

void package_tree_clear(struct package_tree *tree)
{
    fs_free_names(tree->files, tree->file_count);
    fs_free_names(tree->oddities, tree->oddity_count);
    *tree = (struct package_tree){0};
}
