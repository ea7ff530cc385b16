#include "core/host/libvirt/rct/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/host/layers/freeze/freeze_files.h"
#include "core/system/fs.h"
#include "core/system/proc.h"

#define MIRROR_PREFIX "mirror-"

/* What each is, as its file system says: of directories (a TPM's state), what is in them. */
static const char TELL[] =
    "for f; do [ ! -e \"$f\" ] || find -L \"$f\" -type f -exec stat -L -c '%i %s %y %n' {} + "
    "|| exit 1; done";
/* Those that are there, links followed, under their paths. */
static const char FETCH[] =
    "cd / || exit 1; for f; do shift; [ ! -e \"$f\" ] || set -- \"$@\" \"./$f\"; done; "
    "exec tar -chf - -- \"$@\"";

static bool tell(const struct rct_work *work, const char *const *paths, size_t count, char **said,
                 struct error *err)
{
    return account_run(work->account, TELL, paths, count, 0, said, err);
}

static bool unpack(int archive, const char *mirror, struct error *err)
{
    const char *const argv[] = {"tar",    "-C",        mirror, "--no-same-owner", "--no-same-permissions",
                                "--mode", "u+rwX,go=", "-xf",  "/proc/self/fd/3", NULL};
    const struct proc_spec spec = {.argv = argv, .descriptors = &archive, .descriptor_count = 1};
    return proc_run(&spec, -1, "point.file", NULL, err);
}

static bool fetch(const struct rct_work *work, const char *const *paths, size_t count, const char *mirror,
                  struct error *err)
{
    CLEANUP_FREE char *path = mem_format("%s/archive", mirror);
    CLEANUP_FD int archive = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (archive < 0 || unlink(path) != 0)
        return error_errno(err, errno, "point.file", "cannot write in %s", mirror);
    if (!account_run(work->account, FETCH, paths, count, archive, NULL, err))
        return error_context(err, "files of the machines");
    return lseek(archive, 0, SEEK_SET) == 0 && unpack(archive, mirror, err);
}

/* Of a killed one before this. */
static void remove_old_mirrors(const struct store *store)
{
    char **names = NULL;
    size_t count = 0;
    struct error ignored;
    CLEANUP_FD int directory = open(store->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0 || !fs_list(directory, &names, &count, &ignored))
        return;
    for (size_t i = 0; i < count; i++) {
        if (strncmp(names[i], MIRROR_PREFIX, strlen(MIRROR_PREFIX)) == 0)
            (void)!fs_remove_tree(directory, names[i], &ignored);
    }
    fs_free_names(names, count);
}

static bool take_there(struct rct_work *work, const struct point_request *request, struct error *err)
{
    const char **paths = NULL;
    size_t count = 0;
    remove_old_mirrors(work->live->store);
    CLEANUP_FREE char *mirror = mem_format("%s/" MIRROR_PREFIX "XXXXXX", work->live->store->path);
    if (!freeze_files_name(&work->frame, request, &work->file_paths, &work->file_path_count, err))
        return false;
    if (work->file_path_count == 0)
        return freeze_files_take(&work->frame, request, err);
    for (size_t i = 0; i < work->file_path_count; i++)
        *ARRAY_APPEND(paths, count) = work->file_paths[i];
    if (!mkdtemp(mirror)) {
        free(paths);
        return error_errno(err, errno, "point.file", "cannot make a directory in %s",
                           work->live->store->path);
    }
    struct error ignored;
    work->frame.root = mirror;
    bool ok = tell(work, paths, count, &work->files_said, err) && fetch(work, paths, count, mirror, err) &&
              freeze_files_take(&work->frame, request, err);
    work->frame.root = NULL;
    (void)!fs_remove_tree(AT_FDCWD, mirror, &ignored);
    free(paths);
    return ok;
}

bool files_take(struct rct_work *work, const struct point_request *request, struct error *err)
{
    return work->account ? take_there(work, request, err) : freeze_files_take(&work->frame, request, err);
}

bool files_are_still(const struct rct_work *work, struct error *err)
{
    CLEANUP_FREE char *said = NULL;
    if (!work->account)
        return freeze_files_are_still(&work->frame, err);
    if (work->file_path_count == 0)
        return true;
    CLEANUP_FREE const char **paths = mem_alloc(work->file_path_count * sizeof *paths);
    for (size_t i = 0; i < work->file_path_count; i++)
        paths[i] = work->file_paths[i];
    if (!tell(work, paths, work->file_path_count, &said, err))
        return false;
    if (strcmp(said, work->files_said) == 0)
        return true;
    error_set(err, RETURN_IN_USE, "point.file-in-use",
              "files of the machines on %s change while they are copied", account_word(work->account));
    return error_next(err, "Try again.");
}
