#include "tests/unit/support/package.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/system/fs.h"
#include "core/system/proc.h"

struct package_world world;

char *world_run(const char *const *argv)
{
    struct error err = {0};
    char *output = NULL;
    struct proc_spec spec = {.argv = argv};
    if (!proc_run(&spec, 60000, "test", &output, &err))
        fail_msg("%s: %s", err.what, err.cause);
    return output;
}

bool world_succeeds(const char *const *argv)
{
    struct error err = {0};
    char *output = NULL;
    struct proc_spec spec = {.argv = argv};
    bool ok = proc_run(&spec, 60000, "test", &output, &err);
    free(output);
    return ok;
}

size_t world_count_entries(const char *directory)
{
    struct error err = {0};
    CLEANUP_FD int fd = -1;
    char **names = NULL;
    size_t count = 0;
    assert_true(fs_open_directory(AT_FDCWD, directory, &fd, &err));
    assert_true(fs_list(fd, &names, &count, &err));
    fs_free_names(names, count);
    return count;
}

struct member_point *world_add_member(struct reference_point *point, const char *name)
{
    struct member_point *member = ARRAY_APPEND(point->members, point->member_count);
    member->instance_id = guid_new();
    member->machine.id = guid_new();
    member->machine.name = mem_strdup(name);
    member->machine.settings = (struct machine_settings){.cpus = 2, .memory = GIB};
    return member;
}

void world_add_disk(struct member_point *member, const char *id, uint64_t size)
{
    struct machine *machine = &member->machine;
    struct disk *disk = ARRAY_APPEND(machine->disks, machine->disk_count);
    *disk = (struct disk){.uuid = guid_new(),
                          .id = mem_strdup(id),
                          .path = mem_format("/vm/%s.qcow2", id),
                          .format = DISK_FORMAT_QCOW2,
                          .virtual_size = size};
    *ARRAY_APPEND(member->disks, member->disk_count) =
        (struct disk_point){.disk_uuid = disk->uuid,
                            .disk_id = mem_strdup(id),
                            .layer_path = mem_format("/vm/.refpoint-%s", id),
                            .layer_format = DISK_FORMAT_QCOW2,
                            .virtual_size = size};
}

static void select_all(struct export_task *task, bool differential)
{
    free(task->disks);
    task->disks = NULL;
    task->disk_count = 0;
    for (size_t m = 0; m < task->point.member_count; m++) {
        for (size_t d = 0; d < task->point.members[m].disk_count; d++)
            *ARRAY_APPEND(task->disks, task->disk_count) =
                (struct export_disk){.member = m, .disk = d, .base_layer = differential ? 1 : EXPORT_NO_BASE};
    }
}

int world_set_up(void **state)
{
    (void)state;
    const char *temporary = getenv("TMPDIR");
    char *made = mem_format("%s/refpoint-package-XXXXXX", temporary ? temporary : "/tmp");
    assert_non_null(mkdtemp(made));
    world = (struct package_world){.root = realpath(made, NULL), .pattern = 1};
    free(made);
    world.directory = mem_format("%s/exports", world.root);
    assert_int_equal(mkdir(world.directory, 0700), 0);
    struct reference_point *point = &world.task.point;
    *point = (struct reference_point){.id = guid_new(),
                                      .collection_id = guid_new(),
                                      .collection_name = mem_strdup("web shop"),
                                      .name = mem_strdup("monday"),
                                      .created = {.seconds = 1790208000},
                                      .sequence = 1,
                                      .type = POINT_TYPE_LOG_BASED,
                                      .consistency_asked = CONSISTENCY_CRASH,
                                      .consistency_level = CONSISTENCY_CRASH,
                                      .has_associated_log = true};
    struct member_point *web = world_add_member(point, "web01");
    world_add_disk(web, "vda", 4 * MIB);
    world_add_disk(web, "vdb", MIB);
    web->machine.domain_xml = mem_strdup("<domain><name>web01</name></domain>\n");
    world_add_disk(world_add_member(point, "db01"), "vda", 2 * MIB);
    world.task.directory = mem_strdup(world.directory);
    world.task.options = export_options_default();
    point->virtual_size = 7 * MIB;
    select_all(&world.task, false);
    return 0;
}

int world_tear_down(void **state)
{
    (void)state;
    struct error err = {0};
    assert_true(fs_remove_tree(AT_FDCWD, world.root, &err));
    free(world.root);
    free(world.directory);
    reference_point_clear(&world.task.point);
    reference_point_clear(&world.task.base_point);
    export_options_clear(&world.task.options);
    free(world.task.directory);
    free(world.task.disks);
    return 0;
}

void world_next_point(const struct reference_point *base)
{
    struct export_task *task = &world.task;
    struct reference_point kept = {0};
    if (base)
        reference_point_copy(&kept, base);
    reference_point_clear(&task->base_point);
    task->base_point = kept;
    task->point.id = guid_new();
    task->point.created.seconds += 3600;
    task->point.sequence++;
    select_all(task, base != NULL);
}

static void fill(const char *path, size_t disk, bool raw)
{
    /* A part of the disk, another one each time, so that a differential needs its base. */
    unsigned number = world.pattern++;
    CLEANUP_FREE char *command = mem_format("write -P 0x%02x %uk 96k", (number * 37 + 11) & 0xff,
                                            (unsigned)((number * 128 + (unsigned)disk * 64) % 768));
    WORLD_RUN("qemu-io", "-f", raw ? "raw" : "qcow2", "-c", command, path);
}

void world_write_disks(struct package_writer *writer, struct package_writer_result *results)
{
    const struct package_layout *layout = package_writer_layout(writer);
    for (size_t i = 0; i < world.task.disk_count; i++) {
        struct error err = {0};
        CLEANUP_FD int fd = -1;
        const struct export_disk *disk = &world.task.disks[i];
        uint64_t size = world.task.point.members[disk->member].disks[disk->disk].virtual_size;
        CLEANUP_FREE char *size_text = mem_format("%llu", (unsigned long long)size);
        bool raw = world.task.options.format == DISK_FORMAT_RAW;
        const char *backing = layout->disks[i].backing_name;
        if (!package_writer_create_disk(writer, i, &fd, NULL, &err))
            fail_msg("%s: %s", err.what, err.cause);
        CLEANUP_FREE char *path = package_writer_disk_path(writer, i);
        if (backing)
            WORLD_RUN("qemu-img", "create", "-q", "-u", "-f", "qcow2", "-b", backing, "-F",
                      disk_format_word(layout->disks[i].base_format), path, size_text);
        else if (raw)
            assert_int_equal(ftruncate(fd, (off_t)size), 0);
        else
            WORLD_RUN("qemu-img", "create", "-q", "-f", "qcow2", path, size_text);
        fill(path, i, raw);
        results[i] = (struct package_writer_result){.differential = backing != NULL,
                                                    .reason = layout->disks[i].full_reason,
                                                    .data_xxh3 = world.digest,
                                                    .virtual_size = size};
    }
}

bool world_finish(struct package_writer *writer, const struct package_writer_result *results, bool verified,
                  struct job *job, char **path, struct error *err)
{
    struct package_finished finished;
    if (!package_writer_finish(writer, results, verified, job, &finished, err))
        return false;
    *path = mem_strdup(finished.path);
    package_finished_clear(&finished);
    return true;
}

char *world_export(const struct base_package *base)
{
    struct error err = {0};
    struct package_writer *writer = NULL;
    char *path = NULL;
    if (!package_writer_begin(&world.task, base, &writer, &err))
        fail_msg("%s: %s", err.what, err.cause);
    struct package_writer_result *results = mem_alloc(world.task.disk_count * sizeof *results);
    world_write_disks(writer, results);
    if (!world_finish(writer, results, true, NULL, &path, &err))
        fail_msg("%s: %s", err.what, err.cause);
    package_writer_free(writer);
    free(results);
    return path;
}

void world_find_base(struct base_package *base)
{
    struct error err = {0};
    if (!base_package_find(&world.task, base, &err))
        fail_msg("%s: %s", err.what, err.cause);
}
