/* A disk with a history for export tests: layer k is the disk as it was at point k, an overlay of layer k-1.
 * Built on image_files.h; everything static. */
#ifndef REFPOINT_TESTS_UNIT_SUPPORT_EXPORT_FILES_H
#define REFPOINT_TESTS_UNIT_SUPPORT_EXPORT_FILES_H

#include "core/export/export.h"
#include "tests/unit/support/image_files.h"

#define HISTORY_LIMIT 8

struct history {
    struct image_files files;
    struct guid collection;
    struct guid machine;
    struct guid disk;
    struct guid points[HISTORY_LIMIT];
    uint64_t sizes[HISTORY_LIMIT]; /* virtual, true */
    enum disk_format formats[HISTORY_LIMIT];
    size_t count;
};

__attribute__((unused)) static void history_make(struct history *history)
{
    *history = (struct history){.collection = guid_new(), .machine = guid_new(), .disk = guid_new()};
    image_files_make(&history->files);
    shell(&history->files, "mkdir -m 0700 out");
}

__attribute__((unused)) static void history_remove(struct history *history)
{
    image_files_remove(&history->files);
}

/* The file layerN (N = the number of points so far) has been made by the test: it becomes a point, frozen.
 * What it reads is kept in refN.raw, by stock QEMU through the stored names. */
__attribute__((unused)) static void history_point(struct history *history, enum disk_format format,
                                                  uint64_t size)
{
    size_t n = history->count++;
    history->points[n] = guid_new();
    history->sizes[n] = size;
    history->formats[n] = format;
    shell(&history->files, "qemu-img convert -f %s -O raw layer%zu ref%zu.raw && chmod 0444 layer%zu",
          disk_format_word(format), n, n, n);
}

__attribute__((unused)) static void history_layer(const struct history *history, size_t n,
                                                  struct export_layer *layer)
{
    struct stat status;
    CLEANUP_FREE char *name = mem_format("layer%zu", n);
    *layer = (struct export_layer){.path = image_path(&history->files, name), .format = history->formats[n]};
    assert_int_equal(stat(layer->path, &status), 0);
    layer->device = status.st_dev;
    layer->inode = status.st_ino;
    layer->file_size = (uint64_t)status.st_size;
    layer->modified = (struct moment){status.st_mtim.tv_sec, (int32_t)status.st_mtim.tv_nsec};
    layer->touched = touch_of(&status);
}

__attribute__((unused)) static void history_reference_point(const struct history *history, size_t n,
                                                            struct reference_point *point)
{
    *point = (struct reference_point){.id = history->points[n],
                                      .collection_id = history->collection,
                                      .collection_name = mem_strdup("web"),
                                      .name = mem_format("point %zu", n),
                                      .created = {.seconds = 1800000000 + (int64_t)n},
                                      .virtual_size = history->sizes[n],
                                      .sequence = n + 1,
                                      .type = POINT_TYPE_LOG_BASED,
                                      .consistency_asked = CONSISTENCY_CRASH,
                                      .consistency_level = CONSISTENCY_CRASH,
                                      .has_associated_log = true,
                                      .member_count = 1};
    struct member_point *member = point->members = mem_alloc(sizeof *point->members);
    *member = (struct member_point){.instance_id = guid_new(),
                                    .machine = {.id = history->machine, .name = mem_strdup("web01")},
                                    .disk_count = 1};
    member->machine.disks = mem_alloc(sizeof *member->machine.disks);
    member->machine.disk_count = 1;
    member->machine.disks[0] = (struct disk){.uuid = history->disk,
                                             .id = mem_strdup("vda"),
                                             .path = mem_strdup("/srv/vda.qcow2"),
                                             .format = DISK_FORMAT_QCOW2,
                                             .virtual_size = history->sizes[n]};
    struct export_layer layer;
    history_layer(history, n, &layer);
    member->disks = mem_alloc(sizeof *member->disks);
    member->disks[0] = (struct disk_point){.disk_uuid = history->disk,
                                           .disk_id = mem_strdup("vda"),
                                           .layer_path = layer.path,
                                           .layer_format = layer.format,
                                           .virtual_size = history->sizes[n],
                                           .device = layer.device,
                                           .inode = layer.inode,
                                           .file_size = layer.file_size,
                                           .modified = layer.modified};
}

#define FULL SIZE_MAX

/* Point `n`, in full or against point `base`, into the directory "out". */
__attribute__((unused)) static void history_task(const struct history *history, size_t n, size_t base,
                                                 struct export_task *task)
{
    *task = (struct export_task){.directory = image_path(&history->files, "out"),
                                 .options = export_options_default(),
                                 .disk_count = 1};
    history_reference_point(history, n, &task->point);
    if (base != FULL)
        history_reference_point(history, base, &task->base_point);
    struct export_disk *disk = task->disks = mem_alloc(sizeof *task->disks);
    disk->layer_count = n + 1;
    disk->layers = mem_alloc((n + 1) * sizeof *disk->layers);
    for (size_t i = 0; i <= n; i++)
        history_layer(history, n - i, &disk->layers[i]);
    disk->base_layer = base == FULL ? EXPORT_NO_BASE : n - base;
    disk->base_virtual_size = base == FULL ? 0 : history->sizes[base];
}

__attribute__((unused)) static struct job *history_job(void)
{
    struct job_identity identity = {.id = guid_new()};
    return job_new(&identity);
}

/* Exports; the package's path is the caller's. */
__attribute__((unused)) static char *history_export_task(const struct export_task *task)
{
    struct job *job = history_job();
    struct export_result result = {0};
    struct error err = {0};
    uint32_t code = export_run(task, job, &result, &err);
    if (code != RETURN_DONE) {
        CLEANUP_FREE char *text = error_text(&err);
        fail_msg("export: %u %s %s", code, err.key, text);
    }
    struct job_snapshot snapshot = {0};
    job_get_snapshot(job, &snapshot);
    assert_int_equal(snapshot.bytes_done, snapshot.bytes_total);
    assert_int_equal(snapshot.phase, JOB_PHASE_COMMIT);
    job_snapshot_clear(&snapshot);
    job_free(job);
    char *package = result.package;
    result.package = NULL;
    export_result_clear(&result);
    return package;
}

__attribute__((unused)) static char *history_export(const struct history *history, size_t n, size_t base)
{
    struct export_task task;
    history_task(history, n, base, &task);
    char *package = history_export_task(&task);
    export_task_clear(&task);
    return package;
}

/* The package's disk, opened by stock QEMU by its stored names, reads what the point read. */
#define assert_package_is_point(history, package, n, format)                                                 \
    shell(&(history)->files,                                                                                 \
          "cd '%s' && sha256sum --quiet -c SHA256SUMS && "                                                   \
          "qemu-img compare -f raw -F %s ../../ref%zu.raw machines/web01/vda.%s",                            \
          (package), (format), (size_t)(n), (format));                                                       \
    if (strcmp((format), "qcow2") == 0)                                                                      \
    shell(&(history)->files, "qemu-img check -f qcow2 '%s/machines/web01/vda.qcow2'", (package))

#endif
