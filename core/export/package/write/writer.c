/* Making the disks' files; the end is in commit.c. */
#include "core/export/package/write/writer.h"
#include "core/export/package/write/leavings.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/return_code.h"
#include "core/export/package/path.h"
#include "core/export/package/write/still_there.h"
#include "core/export/package/write/writer_state.h"
#include "core/system/beneath.h"
#include "core/system/fs.h"

/* What is partial stays, and can be gone on with. */
static void release(struct package_writer *writer)
{
    package_partial_leave(&writer->partial);
    package_ledger_close(&writer->ledger);
    package_layout_clear(&writer->layout);
    if (writer->directory >= 0)
        close(writer->directory);
    free(writer);
}

static bool open_export_directory(const char *directory, int *fd, struct error *err)
{
    *fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*fd < 0)
        return error_errno(err, errno, "export.directory", "cannot open the export directory %s", directory);
    return true;
}

static struct package_writer *new_writer(const struct export_task *task, const struct base_package *base)
{
    struct package_writer *writer = mem_alloc(sizeof *writer);
    *writer = (struct package_writer){.task = task,
                                      .base = base,
                                      .directory = -1,
                                      .partial = {.parent = -1, .fd = -1},
                                      .ledger = {.parent = -1, .fd = -1}};
    return writer;
}

bool package_writer_begin(const struct export_task *task, const struct base_package *base,
                          struct package_writer **result, struct error *err)
{
    struct package_writer *writer = new_writer(task, base);
    CLEANUP_FREE char *stem = package_name_stem(&task->point);
    struct error ignored = {0}; /* the leavings of another export are no reason to refuse this one */
    bool ok = open_export_directory(task->directory, &writer->directory, err) &&
              package_layout_make(task, base, &writer->layout, err) &&
              (package_partial_clean(writer->directory, NULL, &ignored) || ignored.code != 0) &&
              (package_partial_begin(writer->directory, stem, &writer->partial, &writer->id, err) ||
               error_context(err, "%s", task->directory));
    if (ok)
        *result = writer;
    else
        package_writer_free(writer);
    return ok;
}

static bool is_of_a_disk(const struct package_writer *writer, const char *file)
{
    for (size_t i = 0; i < writer->layout.disk_count; i++) {
        if (strcmp(writer->layout.disks[i].file, file) == 0)
            return true;
    }
    return false;
}

static bool remove_file(int package, const char *file, struct error *err)
{
    const char *slash = strrchr(file, '/');
    CLEANUP_FREE char *directory = slash ? mem_strndup(file, (size_t)(slash - file)) : NULL;
    CLEANUP_FD int fd = -1;
    if (directory && !package_path_open_directory(package, directory, &fd, err))
        return false;
    return unlinkat(slash ? fd : package, slash ? slash + 1 : file, 0) == 0 || errno == ENOENT ||
           error_errno(err, errno, "package.create", "cannot remove %s, which was begun", file);
}

/* What had been written beside the disks when the process died: finish makes all of it. */
static bool strip(const struct package_writer *writer, struct error *err)
{
    static const char *const own[] = {PACKAGE_RECORD, PACKAGE_SUMS, PACKAGE_SIGNATURE};
    struct package_tree tree = {0};
    bool ok = true;
    for (size_t i = 0; ok && i < ARRAY_LENGTH(own); i++)
        ok = remove_file(writer->partial.fd, own[i], err);
    struct stat status;
    if (!ok || fstatat(writer->partial.fd, PACKAGE_MACHINES, &status, AT_SYMLINK_NOFOLLOW) != 0)
        return ok;
    ok = package_path_list(writer->partial.fd, &tree, err);
    for (size_t i = 0; ok && i < tree.file_count; i++)
        ok = is_of_a_disk(writer, tree.files[i]) || remove_file(writer->partial.fd, tree.files[i], err);
    package_tree_clear(&tree);
    return ok;
}

bool package_writer_resume(const struct export_task *task, const struct base_package *base,
                           const char *partial, struct package_writer **result, struct error *err)
{
    struct package_writer *writer = new_writer(task, base);
    writer->resumed = true;
    bool ok = open_export_directory(task->directory, &writer->directory, err) &&
              package_layout_make(task, base, &writer->layout, err) &&
              package_partial_resume(writer->directory, partial, &writer->partial, err) && strip(writer, err);
    if (ok)
        *result = writer;
    else
        release(writer);
    return ok;
}

bool package_writer_is_resumed(const struct package_writer *writer)
{
    return writer->resumed;
}

bool package_writer_keep(struct package_writer *writer, const char *keeper,
                         struct package_ledger_terms *terms, struct error *err)
{
    if (writer->resumed) {
        writer->id = terms->package_id;
        return package_ledger_open(writer->directory, writer->partial.name, &writer->ledger, err);
    }
    terms->package_id = writer->id;
    return package_ledger_begin(writer->directory, writer->partial.name, keeper, terms, &writer->ledger, err);
}

bool package_writer_spool(const struct package_writer *writer, size_t disk, const char *what,
                          size_t record_size, struct spool *spool, struct error *err)
{
    return writer->ledger.fd >= 0 ? package_ledger_spool(&writer->ledger, disk, what, record_size, spool, err)
                                  : spool_open(spool, writer->directory, record_size, err);
}

const struct package_layout *package_writer_layout(const struct package_writer *writer)
{
    return &writer->layout;
}

int package_writer_directory(const struct package_writer *writer)
{
    return writer->directory;
}

bool package_writer_is_whole(const struct package_writer *writer, struct error *err)
{
    return package_partial_is_whole(&writer->partial, writer->task->directory, err);
}

void package_writer_be_patient(struct package_writer *writer, const struct write_patience *patience)
{
    writer->patience = patience;
}

void package_writer_ask_for_footing(struct package_writer *writer, const struct package_footing *footing)
{
    writer->footing = *footing;
}

bool package_writer_stands(const struct package_writer *writer, bool differential, struct error *err)
{
    return still_there_directory(writer->directory, writer->task->directory, err) &&
           (!differential || still_there_base(writer->base, err)) && package_writer_is_whole(writer, err);
}

uint64_t package_writer_written(const struct package_writer *writer)
{
    uint64_t total = 0;
    for (size_t i = 0; i < writer->layout.disk_count; i++) {
        struct stat status;
        if (fstatat(writer->partial.fd, writer->layout.disks[i].file, &status, AT_SYMLINK_NOFOLLOW) == 0)
            total += (uint64_t)status.st_blocks * 512;
    }
    return total;
}

/* Leaves errno. */
static bool is_worth_another_try(const struct package_writer *writer)
{
    int number = errno;
    bool again = writer->patience && writer->patience->wait(writer->patience->context, number);
    errno = number;
    return again;
}

/* A link, or a file, in the place of a directory that is ours. */
static bool refuse_planted(struct error *err)
{
    return error_next(err,
                      "Something else writes to the export directory: find out what, then export again.");
}

static bool make_directory(const struct package_writer *writer, int parent, const char *name, int *fd,
                           struct error *err)
{
    bool made;
    while (!(made = mkdirat(parent, name, 0700) == 0) && errno != EEXIST && is_worth_another_try(writer))
        ;
    if (!made && errno != EEXIST)
        return error_errno(err, errno, "package.create", "cannot create the directory %s", name);
    if (!package_path_open_directory(parent, name, fd, err))
        return err->code == RETURN_NOT_SUPPORTED ? refuse_planted(err) : false;
    /* The mode that mkdir gives is cut by the umask. */
    return !made || fchmod(*fd, 0700) == 0 ||
           error_errno(err, errno, "package.create", "cannot create the directory %s", name);
}

bool package_writer_open_machine(struct package_writer *writer, const char *directory, int *fd,
                                 struct error *err)
{
    CLEANUP_FD int machines = -1;
    const char *name = directory + strlen(PACKAGE_MACHINES "/");
    return make_directory(writer, writer->partial.fd, PACKAGE_MACHINES, &machines, err) &&
           make_directory(writer, machines, name, fd, err);
}

static bool create_file(const struct package_writer *writer, int directory, const char *name, int access,
                        int *fd)
{
    do
        *fd = beneath_open(directory, name, access | O_CREAT | O_EXCL, 0600);
    while (*fd < 0 && is_worth_another_try(writer));
    return *fd >= 0;
}

bool package_writer_create(struct package_writer *writer, int directory, const char *file, int *fd,
                           struct error *err)
{
    const char *slash = strrchr(file, '/');
    const char *name = slash ? slash + 1 : file;
    if (!create_file(writer, directory, name, O_WRONLY, fd))
        return error_errno(err, errno, "package.create", "cannot create %s", file);
    package_partial_made(&writer->partial, file, *fd);
    return true;
}

bool package_writer_put(struct package_writer *writer, int directory, const char *file, const char *text,
                        struct error *err)
{
    CLEANUP_FD int fd = -1;
    return package_writer_create(writer, directory, file, &fd, err) &&
           (write_at_patiently(fd, text, strlen(text), 0, writer->patience) ||
            error_errno(err, errno, "file.write", "cannot write %s", file));
}

/* The one that was begun, if it is as we make them: *fd stays -1 where there is none. finish may have sealed
 * it. */
static bool open_begun(const char *file, int directory, int *fd, struct error *err)
{
    struct stat status;
    struct stat opened;
    const char *name = strrchr(file, '/') + 1;
    CLEANUP_FD int found = beneath_open(directory, name, O_RDONLY | O_NONBLOCK, 0);
    if (found < 0 && errno == ENOENT)
        return true;
    bool ok = found >= 0 && fstat(found, &status) == 0 && S_ISREG(status.st_mode) && status.st_nlink == 1 &&
              status.st_uid == geteuid() && fchmod(found, 0600) == 0;
    if (ok)
        *fd = beneath_open(directory, name, O_RDWR | O_NONBLOCK, 0);
    ok = ok && *fd >= 0 && fstat(*fd, &opened) == 0 && opened.st_ino == status.st_ino &&
         opened.st_dev == status.st_dev;
    return ok ||
           error_set(err, RETURN_FAILED, "export.partial-gone",
                     "%s is not the file that was begun, or cannot be written to", file) ||
           refuse_planted(err);
}

bool package_writer_create_disk(struct package_writer *writer, size_t disk, int *fd, bool *there,
                                struct error *err)
{
    const char *file = writer->layout.disks[disk].file;
    CLEANUP_FD int directory = -1;
    *fd = -1;
    if (!package_writer_open_machine(writer, writer->layout.machines[writer->task->disks[disk].member],
                                     &directory, err) ||
        (writer->resumed && !open_begun(file, directory, fd, err)))
        return false;
    if (there)
        *there = *fd >= 0;
    if (*fd < 0 && !create_file(writer, directory, strrchr(file, '/') + 1, O_RDWR, fd))
        return error_errno(err, errno, "package.create", "cannot create %s", file);
    package_partial_made(&writer->partial, file, *fd);
    return true;
}

bool package_writer_open_disk(struct package_writer *writer, size_t disk, int *fd, struct error *err)
{
    return package_path_open_file(writer->partial.fd, writer->layout.disks[disk].file, fd, NULL, err);
}

char *package_writer_path(const struct package_writer *writer, const char *name)
{
    size_t length = strlen(writer->task->directory);
    while (length > 0 && writer->task->directory[length - 1] == '/')
        length--;
    return mem_format("%.*s/%s", (int)length, writer->task->directory, name);
}

char *package_writer_disk_path(const struct package_writer *writer, size_t disk)
{
    CLEANUP_FREE char *partial = package_writer_path(writer, writer->partial.name);
    return mem_format("%s/%s", partial, writer->layout.disks[disk].file);
}

void package_writer_free(struct package_writer *writer)
{
    if (!writer)
        return;
    package_partial_end(&writer->partial);
    package_ledger_remove(&writer->ledger); /* only now: one with a partial is never a leaving */
    release(writer);
}
