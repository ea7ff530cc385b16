#include "core/export/package/prune/removal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/access.h"
#include "core/base/mem.h"
#include "core/export/package/hold.h"
#include "core/export/package/path.h"
#include "core/export/package/read.h"
#include "core/export/package/write/leavings.h"
#include "core/image/peek.h"
#include "core/system/fs.h"

#define UP "../../../" /* from a machine's directory out of the package */

const char *prune_name(const struct package *package)
{
    const char *slash = strrchr(package->path, '/');
    return slash ? slash + 1 : package->path;
}

/* --- is it still what it was, and nothing else --- */

static bool check_record(int fd, const struct package *package, struct error *err)
{
    struct package now;
    if (!package_read_at(fd, package->path, &now, err))
        return false;
    bool same = strcmp(now.record_sha256, package->record_sha256) == 0;
    package_clear(&now);
    if (same)
        return true;
    error_set(err, RETURN_INVALID_STATE, "package.changing", "the record of %s has just been changed",
              package->path);
    return error_next(err, "Look at the package with \"refpoint package verify\".");
}

static int compare_files(const void *left, const void *right)
{
    return strcmp(((const struct package_file *)left)->name, ((const struct package_file *)right)->name);
}

static int compare_name(const void *name, const void *file)
{
    return strcmp(name, ((const struct package_file *)file)->name);
}

static bool belongs(const struct package *package, const char *file)
{
    return strcmp(file, PACKAGE_RECORD) == 0 || strcmp(file, PACKAGE_SUMS) == 0 ||
           strcmp(file, PACKAGE_SIGNATURE) == 0 ||
           bsearch(file, package->files, package->file_count, sizeof *package->files, compare_name);
}

static bool refuse_stray(const struct package *package, const char *stray, struct error *err)
{
    error_set(err, RETURN_INVALID_STATE, "package.stray", "%s holds something that no export wrote: %s",
              package->path, stray);
    return error_next(err, "Move that elsewhere, or remove it, then prune again.");
}

/* The record's files are sorted here: any order can stand in it. */
static bool check_tree(const struct package *package, const struct package_tree *tree, struct error *err)
{
    struct package_file *files = mem_alloc((package->file_count + 1) * sizeof *files);
    struct package sorted = {.files = files, .file_count = package->file_count};
    if (package->file_count > 0)
        memcpy(files, package->files, package->file_count * sizeof *files);
    if (package->file_count > 1)
        qsort(files, package->file_count, sizeof *files, compare_files);
    const char *stray = tree->oddity_count > 0 ? tree->oddities[0] : NULL;
    for (size_t i = 0; i < tree->file_count && !stray; i++) {
        if (!belongs(&sorted, tree->files[i]))
            stray = tree->files[i];
    }
    free(files);
    return !stray || refuse_stray(package, stray, err);
}

/* --- may it be removed, and does nobody have it open --- */

static bool check_right(int directory, const struct package *package, struct error *err)
{
    if (faccessat(directory, ".", W_OK | X_OK, AT_EACCESS) == 0)
        return true;
    int number = errno;
    CLEANUP_FREE char *advice = access_advice_to_change_fd(directory, number);
    error_errno(err, number, "package.remove", "the files of %s cannot be removed", package->path);
    return error_next(err, "%s",
                      advice ? advice : "Give this user the right to write in it, or prune as its owner.");
}

static bool check_right_in(int fd, const char *directory, const struct package *package, struct error *err)
{
    CLEANUP_FD int own = -1;
    return package_path_open_directory(fd, directory, &own, err) && check_right(own, package, err);
}

static bool check_rights(int fd, const struct package_tree *tree, const struct package *package,
                         struct error *err)
{
    CLEANUP_FREE char *last = NULL;
    if (!check_right(fd, package, err))
        return false;
    for (size_t i = 0; i < tree->file_count; i++) {
        const char *slash = strrchr(tree->files[i], '/');
        size_t length = slash ? (size_t)(slash - tree->files[i]) : 0;
        if (!slash || (last && strlen(last) == length && strncmp(last, tree->files[i], length) == 0))
            continue;
        free(last);
        last = mem_strndup(tree->files[i], length);
        if (!check_right_in(fd, last, package, err))
            return false;
    }
    return tree->file_count == 0 || !last || check_right_in(fd, PACKAGE_MACHINES, package, err);
}

/* The kernel gives a lease for writing to nobody who is not alone with the file. Whoever opens it at this
 * very moment is told by SIGURG, which is ignored. Where there are no leases, nothing is known. */
static bool is_open_elsewhere(int fd)
{
    if (fcntl(fd, F_SETSIG, SIGURG) != 0)
        return false;
    if (fcntl(fd, F_SETLEASE, F_WRLCK) != 0)
        return errno == EAGAIN || errno == EBUSY;
    fcntl(fd, F_SETLEASE, F_UNLCK);
    return false;
}

static bool check_images(int fd, const struct package *package, struct error *err)
{
    for (size_t i = 0; i < package->disk_count; i++) {
        struct error ignored = {0}; /* a damaged package may go */
        CLEANUP_FD int image = -1;
        if (!package_path_open_file(fd, package->disks[i].file, &image, NULL, &ignored) ||
            !is_open_elsewhere(image))
            continue;
        error_set(err, RETURN_IN_USE, "package.in-use", "another program has %s/%s open", package->path,
                  package->disks[i].file);
        return error_next(err, "End that program (lsof shows it), then prune again.");
    }
    return true;
}

/* --- what has come meanwhile --- */

static int compare_names(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

static bool is_new(const struct prune_place *place, const char *name)
{
    return name[0] != '.' && (place->name_count == 0 || !bsearch(&name, place->names, place->name_count,
                                                                 sizeof *place->names, compare_names));
}

static bool is_based_on(const struct prune_place *place, const char *name, const struct package *base)
{
    struct error unread = {0};
    CLEANUP_FD int fd = -1;
    struct package package;
    if (!package_path_open_directory(place->fd, name, &fd, &unread))
        return false;
    if (!package_read_at(fd, name, &package, &unread))
        return unread.code != RETURN_FILE_NOT_FOUND; /* no package, or one of which nothing is known */
    bool based = guid_equal(&package.base_package_id, &base->id);
    package_clear(&package);
    return based;
}

/* Exports that were on their way when it was decided have their packages by now: they held it until then. */
static bool check_dependents(const struct prune_place *place, const struct package *package,
                             struct error *err)
{
    char **names = NULL;
    size_t count = 0;
    if (!fs_list(place->fd, &names, &count, err))
        return false;
    bool free_to_go = true;
    for (size_t i = 0; i < count && free_to_go; i++) {
        if (!is_new(place, names[i]) || !is_based_on(place, names[i], package))
            continue;
        free_to_go = error_set(err, RETURN_IN_USE, "package.in-use", "the new package %s is based on %s",
                               names[i], package->path);
        error_next(err, "Prune again.");
    }
    fs_free_names(names, count);
    return free_to_go;
}

/* --- removing --- */

static bool look_inside(int fd, const struct package *package, struct error *err)
{
    struct package_tree tree;
    if (!package_path_list(fd, &tree, err))
        return error_context(err, "%s", package->path);
    bool ok = check_tree(package, &tree, err) && check_rights(fd, &tree, package, err);
    package_tree_clear(&tree);
    return ok && check_images(fd, package, err);
}

static bool take_away(const struct prune_place *place, const struct package *package, char **hidden,
                      struct error *err)
{
    const char *name = prune_name(package);
    if (!package_remove_name(place->fd, name, hidden, err))
        return false;
    if (fsync(place->fd) != 0) {
        int number = errno;
        if (renameat2(place->fd, *hidden, place->fd, name, RENAME_NOREPLACE) == 0) {
            free(*hidden);
            *hidden = NULL;
        }
        return error_errno(err, number, "package.sync", "cannot bring the removal of %s to the disk",
                           package->path);
    }
    if (!fs_remove_tree(place->fd, *hidden, err)) {
        error_context(err, "%s/%s, which is what is left of %s", place->path, *hidden, package->path);
        return error_advise(err, "Look at what refuses it, then prune again: that removes what is left.");
    }
    free(*hidden);
    *hidden = NULL;
    return true;
}

bool prune_remove(const struct prune_place *place, const struct package *package, bool remove, char **hidden,
                  struct error *err)
{
    CLEANUP_FD int fd = -1;
    *hidden = NULL;
    if (!package_path_open_directory(place->fd, prune_name(package), &fd, err) ||
        !package_hold_alone(fd, package->path, err) || !check_record(fd, package, err) ||
        !look_inside(fd, package, err) || !check_dependents(place, package, err))
        return false;
    return !remove || take_away(place, package, hidden, err);
}

/* --- looking --- */

uint64_t prune_bytes(const struct prune_place *place, const char *name)
{
    CLEANUP_FD int fd = -1;
    struct package_tree tree;
    struct error ignored = {0};
    uint64_t total = 0;
    if (!package_path_open_directory(place->fd, name, &fd, &ignored) ||
        !package_path_list(fd, &tree, &ignored))
        return 0;
    for (size_t i = 0; i < tree.file_count; i++) {
        struct stat status;
        if (fstatat(fd, tree.files[i], &status, AT_SYMLINK_NOFOLLOW) == 0 && status.st_nlink == 1)
            total += (uint64_t)status.st_blocks * 512;
    }
    package_tree_clear(&tree);
    return total;
}

/* "../../../NAME/machines/...": NAME. */
static char *directory_of(const char *backing)
{
    if (strncmp(backing, UP, strlen(UP)) != 0)
        return NULL;
    const char *name = backing + strlen(UP);
    size_t length = strcspn(name, "/");
    return length > 0 && name[length] == '/' ? mem_strndup(name, length) : NULL;
}

void prune_led_to(const struct prune_place *place, const char *name,
                  void (*take)(void *context, const char *name, const char *base), void *context)
{
    CLEANUP_FD int fd = -1;
    struct package_tree tree;
    struct error ignored = {0};
    if (!package_path_open_directory(place->fd, name, &fd, &ignored) ||
        faccessat(fd, PACKAGE_MACHINES, F_OK, AT_SYMLINK_NOFOLLOW) != 0 ||
        !package_path_list(fd, &tree, &ignored))
        return;
    for (size_t i = 0; i < tree.file_count; i++) {
        CLEANUP_FD int image = -1;
        if (!package_path_is_member(tree.files[i]) ||
            !package_path_open_file(fd, tree.files[i], &image, NULL, &ignored))
            continue;
        CLEANUP_FREE char *backing = image_peek_backing(image);
        CLEANUP_FREE char *base = backing ? directory_of(backing) : NULL;
        if (base)
            take(context, name, base);
    }
    package_tree_clear(&tree);
}
