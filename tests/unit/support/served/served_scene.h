/* Points of one disk that is served, and their exports. Built on export_files.h and served_disk.h; everything
 * static. */
#ifndef REFPOINT_TESTS_UNIT_SUPPORT_SERVED_SCENE_H
#define REFPOINT_TESTS_UNIT_SUPPORT_SERVED_SCENE_H

#include "tests/unit/support/export_files.h"
#include "tests/unit/support/served/served_disk.h"

struct served_scene {
    struct history history; /* its layers are empty files: nothing reads them */
    struct served_disk disk;
    struct dice dice;
};

/* options: of qemu-img create. */
__attribute__((unused)) static void served_scene_make(struct served_scene *scene, const char *format,
                                                      const char *options, uint64_t size, uint64_t seed)
{
    *scene = (struct served_scene){.dice = {.state = seed * 0x9e3779b97f4a7c15ULL}};
    history_make(&scene->history);
    shell(&scene->history.files, "qemu-img create -q -f %s %s disk %llu", format, options,
          (unsigned long long)size);
    served_disk_open(&scene->disk, scene->history.files.directory, format);
}

__attribute__((unused)) static void served_scene_remove(struct served_scene *scene)
{
    served_disk_close(&scene->disk);
    history_remove(&scene->history);
}

__attribute__((unused)) static void served_scene_write(struct served_scene *scene, unsigned writes)
{
    for (unsigned i = 0; i < writes; i++)
        served_disk_write(&scene->disk, &scene->dice);
}

/* The point begins; what it reads is kept in refN.raw. size: as the record has it, 0 = the disk's. */
__attribute__((unused)) static void served_scene_point(struct served_scene *scene, bool backup, uint64_t size)
{
    struct history *history = &scene->history;
    size_t n = history->count++;
    served_disk_point(&scene->disk, backup);
    CLEANUP_FREE unsigned char *bytes = served_disk_read(&scene->disk);
    CLEANUP_FREE char *name = mem_format("%s/ref%zu.raw", history->files.directory, n);
    FILE *file = fopen(name, "we");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, scene->disk.size, file), scene->disk.size);
    fclose(file);
    shell(&history->files, ": >layer%zu", n);
    history->points[n] = guid_new();
    history->sizes[n] = size ? size : scene->disk.size;
    history->formats[n] = DISK_FORMAT_QCOW2;
}

__attribute__((unused)) static void served_scene_end_point(struct served_scene *scene)
{
    served_disk_end_point(&scene->disk);
}

static void forget_layer(struct reference_point *point)
{
    if (point->member_count > 0) {
        free(point->members[0].disks[0].layer_path);
        point->members[0].disks[0].layer_path = NULL;
    }
    point->type = POINT_TYPE_RCT_BASED;
}

/* The newest point, in full or against the one before. */
__attribute__((unused)) static void served_scene_task(struct served_scene *scene, bool differential,
                                                      struct export_task *task)
{
    size_t n = scene->history.count - 1;
    history_task(&scene->history, n, differential ? n - 1 : FULL, task);
    struct export_disk *disk = &task->disks[0];
    for (size_t i = 0; i < disk->layer_count; i++)
        free(disk->layers[i].path);
    free(disk->layers);
    disk->layers = NULL;
    disk->layer_count = 0;
    disk->base_layer = EXPORT_NO_BASE;
    disk->served = (struct export_served){.socket = mem_strdup(scene->disk.daemon.socket),
                                          .name = mem_strdup("vda"),
                                          .changes = mem_strdup(differential ? scene->disk.changes : NULL)};
    forget_layer(&task->point);
    forget_layer(&task->base_point);
}

__attribute__((unused)) static char *served_scene_export(struct served_scene *scene, bool differential)
{
    struct export_task task;
    served_scene_task(scene, differential, &task);
    char *package = history_export_task(&task);
    export_task_clear(&task);
    return package;
}

#define assert_package_is_newest(scene, package)                                                             \
    assert_package_is_point(&(scene)->history, (package), (scene)->history.count - 1, "qcow2")

#endif
