/* The end of a package, in this order: settings; disks synced; everything hashed; record; SHA256SUMS; its
 * signature; files 0400; files and directories synced from the bottom up; the final name; the export
 * directory synced. A crash between any two steps leaves a partial, which names nothing. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/export/package/digest.h"
#include "core/export/package/path.h"
#include "core/export/package/proof/proof.h"
#include "core/export/package/record.h"
#include "core/export/package/sums.h"
#include "core/export/package/write/machines.h"
#include "core/export/package/write/writer_state.h"
#include "core/job/halt.h"
#include "core/signature/sign.h"
#include "core/system/fs.h"

#define EXPORTER "refpoint " REFPOINT_VERSION

/* --- digests --- */

static bool has_file(const struct package_tree *tree, const char *file)
{
    for (size_t i = 0; i < tree->file_count; i++) {
        if (strcmp(tree->files[i], file) == 0)
            return true;
    }
    return false;
}

/* What lies in the partial is what was asked for, no more and no less. */
static bool check_tree(const struct package_writer *writer, const struct package_tree *tree,
                       struct error *err)
{
    if (tree->oddity_count > 0)
        return error_set(err, RETURN_FAILED, "package.stray", "the package has got a stray entry: %s",
                         tree->oddities[0]);
    size_t expected = writer->task->disk_count + writer->task->file_count;
    for (size_t i = 0; i < writer->task->point.member_count; i++) {
        if (export_task_has_machine(writer->task, i))
            expected += writer->task->point.members[i].machine.domain_xml ? 2 : 1;
    }
    for (size_t i = 0; i < writer->layout.file_count; i++) {
        if (!has_file(tree, writer->layout.files[i]))
            return error_set(err, RETURN_FAILED, "package.missing", "%s has not been written",
                             writer->layout.files[i]);
    }
    for (size_t i = 0; i < writer->layout.disk_count; i++) {
        if (!has_file(tree, writer->layout.disks[i].file))
            return error_set(err, RETURN_FAILED, "package.missing", "%s has not been written",
                             writer->layout.disks[i].file);
    }
    if (tree->file_count != expected)
        return error_set(err, RETURN_FAILED, "package.stray",
                         "the package has got %zu files where %zu were to be written", tree->file_count,
                         expected);
    return true;
}

static bool check_content(const struct package_writer *writer, const struct package_tree *tree,
                          struct error *err)
{
    return check_tree(writer, tree, err) ||
           error_advise(err,
                        "Something else writes to the export directory: find out what, then export again.");
}

/* The disk's result whose file this is and that knows its digest; NULL. */
static const struct package_writer_result *
known(const struct package_writer *writer, const struct package_writer_result *results, const char *file)
{
    for (size_t i = 0; i < writer->layout.disk_count; i++) {
        if (strcmp(writer->layout.disks[i].file, file) == 0)
            return results[i].sha256 && *results[i].sha256 ? &results[i] : NULL;
    }
    return NULL;
}

/* Of what is still to be hashed. */
static bool total_size(const struct package_writer *writer, const struct package_tree *tree,
                       const struct package_writer_result *results, uint64_t *total, struct error *err)
{
    *total = 0;
    for (size_t i = 0; i < tree->file_count; i++) {
        struct stat status;
        if (known(writer, results, tree->files[i]))
            continue;
        if (!package_path_stat(writer->partial.fd, tree->files[i], &status, err))
            return false;
        *total += (uint64_t)status.st_size;
    }
    return true;
}

static bool is_as_read(const struct package_writer *writer, const char *file, const struct stat *as_read,
                       struct error *err)
{
    struct stat now;
    if (!package_path_stat(writer->partial.fd, file, &now, err))
        return false;
    if (fs_is_untouched(as_read, &now))
        return true;
    error_set(err, RETURN_FAILED, "package.changed", "%s was changed after it had been written", file);
    return error_next(err,
                      "Something else writes to the export directory: find out what, then export again.");
}

static void add_file(struct package *package, const char *name, const char *sha256, uint64_t size)
{
    *ARRAY_APPEND(package->files, package->file_count) =
        (struct package_file){.name = mem_strdup(name), .sha256 = mem_strdup(sha256), .size = size};
}

static int by_name(const void *left, const void *right)
{
    return strcmp(((const struct package_file *)left)->name, ((const struct package_file *)right)->name);
}

static bool take_digests(struct package_digest *items, size_t count, struct package *package,
                         struct error *err)
{
    for (size_t i = 0; i < count; i++) {
        if (items[i].failure) {
            *err = *items[i].failure;
            return false;
        }
        add_file(package, items[i].file, items[i].sha256, items[i].size);
    }
    return true;
}

/* The files in the order of the tree: the disks' digests are known, the others are hashed. */
static bool hash_tree(struct package_writer *writer, const struct package_writer_result *results,
                      const struct package_tree *tree, struct job *job, struct package *package,
                      struct error *err)
{
    struct package_progress progress = {.job = job};
    if (!total_size(writer, tree, results, &progress.total, err))
        return false;
    struct package_digest *items = mem_alloc((tree->file_count + 1) * sizeof *items);
    size_t count = 0;
    bool ok = true;
    for (size_t i = 0; ok && i < tree->file_count; i++) {
        const struct package_writer_result *result = known(writer, results, tree->files[i]);
        if (!result)
            items[count++].file = tree->files[i];
        else if ((ok = is_as_read(writer, tree->files[i], &result->as_read, err)))
            add_file(package, tree->files[i], result->sha256, (uint64_t)result->as_read.st_size);
    }
    ok = ok && (count == 0 || package_digest_files(writer->partial.fd, items, count, &progress, err)) &&
         take_digests(items, count, package, err);
    if (ok)
        qsort(package->files, package->file_count, sizeof *package->files, by_name);
    package_digest_clear(items, count);
    free(items);
    return ok;
}

/* --- record --- */

static void describe_disk(const struct package_writer *writer, size_t index,
                          const struct package_writer_result *result, struct package_disk *disk)
{
    const struct export_disk *from = &writer->task->disks[index];
    const struct member_point *member = &writer->task->point.members[from->member];
    const struct package_layout_disk *layout = &writer->layout.disks[index];
    bool digest = result->data_xxh3 && *result->data_xxh3;
    *disk = (struct package_disk){
        .machine = mem_strdup(member->machine.name ? member->machine.name : ""),
        .machine_id = mem_strdup(member->machine.id.text),
        .disk = mem_strdup(member->disks[from->disk].disk_id ? member->disks[from->disk].disk_id : ""),
        .disk_uuid = mem_strdup(member->disks[from->disk].disk_uuid.text),
        .virtual_size = result->virtual_size,
        .file = mem_strdup(layout->file),
        .format = writer->task->options.format,
        .differential = result->differential,
        .reason = mem_strdup(result->reason && *result->reason ? result->reason : NULL),
        .data_xxh3 = mem_strdup(digest ? result->data_xxh3 : NULL),
        .base_file = mem_strdup(result->differential ? layout->base_file : NULL),
        .backing_name = mem_strdup(result->differential ? layout->backing_name : NULL),
    };
}

static void describe_bases(const struct base_package *base, struct package *package)
{
    for (size_t i = 0; i < base->count; i++) {
        const struct package *from = &base->packages[i];
        struct package_base *to = ARRAY_APPEND(package->bases, package->base_count);
        *to = (struct package_base){.id = from->id, .record_sha256 = mem_strdup(from->record_sha256)};
        if (!base->proofs || base->proofs[i].when.seconds == 0)
            continue;
        to->verified = base->proofs[i].when;
        text_copy_cut(to->how, sizeof to->how, base->proofs[i].how);
    }
}

static void describe(const struct package_writer *writer, const struct package_writer_result *results,
                     bool verified, struct package *package)
{
    const struct export_task *task = writer->task;
    package->id = writer->id;
    reference_point_copy(&package->point, &task->point);
    package_machines_name_files(writer, &package->point);
    export_origins_copy(&package->origins, &package->origin_count, task->origins, task->origin_count);
    package->exporter = mem_strdup(EXPORTER);
    package->verified = verified;
    package->exported = moment_now();
    export_options_copy(&package->options, &task->options);
    package->base_point = (struct object_path){.point_id = task->base_point.id,
                                               .collection_id = task->base_point.collection_id};
    if (guid_is_none(&task->base_point.id))
        package->base_point = (struct object_path){0};
    for (size_t i = 0; i < task->disk_count; i++) {
        describe_disk(writer, i, &results[i], ARRAY_APPEND(package->disks, package->disk_count));
        if (results[i].differential && !package->base_record_sha256) {
            package->base_package_id = writer->base->packages[0].id;
            package->base_record_sha256 = mem_strdup(writer->base->packages[0].record_sha256);
            describe_bases(writer->base, package);
        }
    }
}

/* The record is read back before anything relies on it: what we write, we can read. */
static bool check_record(const char *text, struct error *err)
{
    struct package package = {0};
    bool ok = package_record_parse(&package, text, strlen(text), PACKAGE_RECORD, err);
    package_clear(&package);
    return ok;
}

static bool write_record(struct package_writer *writer, const struct package *package, char **digest,
                         struct error *err)
{
    CLEANUP_FREE char *text = package_record_text(package);
    char own[PACKAGE_DIGEST_TEXT];
    package_digest_bytes(text, strlen(text), own);
    if (!check_record(text, err) ||
        !package_writer_put(writer, writer->partial.fd, PACKAGE_RECORD, text, err))
        return false;
    *digest = mem_strdup(own);
    return true;
}

/* Here, so that what is signed is what was written, whatever lies in the partial by then. */
static bool write_signature(struct package_writer *writer, const char *sums, struct job *job,
                            char **fingerprint, struct error *err)
{
    const char *key = writer->task->options.sign_key;
    CLEANUP_FREE char *signature = NULL;
    return !key || (sign_text(key, sums, job, &signature, fingerprint, err) &&
                    package_writer_put(writer, writer->partial.fd, PACKAGE_SIGNATURE, signature, err));
}

static bool write_sums(struct package_writer *writer, const struct package *package,
                       const char *record_digest, struct job *job, struct package_finished *finished,
                       struct error *err)
{
    CLEANUP_FREE char *text = package_sums_text(package, record_digest);
    char sum[PACKAGE_DIGEST_TEXT];
    package_digest_bytes(text, strlen(text), sum);
    finished->sum = mem_strdup(sum);
    return package_writer_put(writer, writer->partial.fd, PACKAGE_SUMS, text, err) &&
           write_signature(writer, text, job, &finished->key_fingerprint, err);
}

/* --- on the disk --- */

static bool seal_file(int package, const char *file, struct error *err)
{
    CLEANUP_FD int fd = -1;
    if (!package_path_open_file(package, file, &fd, NULL, err))
        return false;
    if (fchmod(fd, 0400) != 0)
        return error_errno(err, errno, "package.mode", "cannot make %s read-only", file);
    return fs_sync(fd, file, err);
}

static bool sync_directory(int package, const char *name, struct error *err)
{
    CLEANUP_FD int fd = -1;
    return package_path_open_directory(package, name, &fd, err) && fs_sync(fd, name, err);
}

static bool seal_tree(struct package_writer *writer, const struct package_tree *tree, struct job *job,
                      struct error *err)
{
    int package = writer->partial.fd;
    for (size_t i = 0; i < tree->file_count; i++) {
        if (job && !job_checkpoint(job))
            return halt_cancelled(err);
        if (!seal_file(package, tree->files[i], err))
            return false;
    }
    for (size_t i = 0; i < writer->layout.machine_count; i++) {
        if (export_task_has_machine(writer->task, i) &&
            !sync_directory(package, writer->layout.machines[i], err))
            return false;
    }
    return (tree->file_count == 0 || sync_directory(package, PACKAGE_MACHINES, err)) &&
           seal_file(package, PACKAGE_RECORD, err) && seal_file(package, PACKAGE_SUMS, err) &&
           (!writer->task->options.sign_key || seal_file(package, PACKAGE_SIGNATURE, err)) &&
           fs_sync(package, writer->partial.name, err);
}

static bool complete(struct package_writer *writer, const struct package_writer_result *results,
                     const struct package_tree *tree, bool verified, struct job *job,
                     struct package_finished *finished, struct error *err)
{
    struct package package = {0};
    CLEANUP_FREE char *record_digest = NULL;
    describe(writer, results, verified, &package);
    bool ok = check_content(writer, tree, err) && hash_tree(writer, results, tree, job, &package, err) &&
              write_record(writer, &package, &record_digest, err) &&
              write_sums(writer, &package, record_digest, job, finished, err) &&
              seal_tree(writer, tree, job, err);
    package_clear(&package);
    return ok;
}

/* After all that takes long, so that little can happen between this and the rename. */
static bool check_still_there(const struct package_writer *writer,
                              const struct package_writer_result *results, struct error *err)
{
    bool differential = false;
    for (size_t i = 0; i < writer->task->disk_count; i++)
        differential |= results[i].differential;
    return writer->footing.stands ? writer->footing.stands(writer->footing.context, err)
                                  : package_writer_stands(writer, differential, err);
}

void package_finished_clear(struct package_finished *finished)
{
    free(finished->path);
    free(finished->sum);
    free(finished->key_fingerprint);
    *finished = (struct package_finished){0};
}

struct naming {
    const struct package_writer *writer;
    struct job *job;
};

static void tell_naming(void *context, const char *name)
{
    const struct naming *naming = context;
    CLEANUP_FREE char *path = package_writer_path(naming->writer, name);
    if (naming->job)
        job_tell_naming(naming->job, path, &naming->writer->id);
}

bool package_writer_finish(struct package_writer *writer, const struct package_writer_result *results,
                           bool verified, struct job *job, struct package_finished *finished,
                           struct error *err)
{
    struct package_tree tree = {0};
    *finished = (struct package_finished){0};
    char *name = NULL;
    bool ok = package_machines_write(writer, err) && package_path_list(writer->partial.fd, &tree, err) &&
              complete(writer, results, &tree, verified, job, finished, err) &&
              check_still_there(writer, results, err);
    package_tree_clear(&tree);
    /* The last moment for a cancellation: after the rename the package exists. */
    if (ok && job && !job_checkpoint(job))
        ok = halt_cancelled(err);
    struct naming context = {.writer = writer, .job = job};
    const struct package_naming naming = {.tell = tell_naming, .context = &context};
    if (!ok || !package_partial_commit(&writer->partial, &naming, &name, err)) {
        CLEANUP_FREE char *left = name ? package_writer_path(writer, name) : NULL;
        if (left && job)
            job_set_package(job, left);
        free(name);
        package_finished_clear(finished);
        return error_context(err, "the package in %s", writer->task->directory);
    }
    finished->path = package_writer_path(writer, name);
    free(name);
    return true;
}
