#include "tests/unit/support/history.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/mem.h"
#include "core/export/package/package.h"
#include "core/export/package/read.h"
#include "core/system/proc.h"

void history_begin(struct history *history, struct local_fixture *fixture)
{
    static const char *const names[HISTORY_DISKS] = {"a.qcow2", "b.qcow2"};
    struct machine machine = {.name = mem_strdup("m")};
    struct error err = {0};
    *history = (struct history){.fixture = fixture};
    history->template = image_at(fixture, "template.raw");
    history->exports = keep(fixture, mem_format("%s/exports", fixture->root));
    assert_int_equal(mkdir(history->exports, 0700), 0);
    make_image(history->template, "raw", "4M", NULL);
    WRITE(history->template, "raw", "write -P 1 0 4M");
    for (size_t i = 0; i < HISTORY_DISKS; i++) {
        history->images[i] = image_at(fixture, names[i]);
        struct disk *disk = ARRAY_APPEND(machine.disks, machine.disk_count);
        disk->id = mem_format("vd%zu", i);
        disk->path = mem_strdup(history->images[i]);
        disk->format = DISK_FORMAT_QCOW2;
    }
    RUN("qemu-img", "create", "-q", "-f", "qcow2", "-b", "template.raw", "-F", "raw", history->images[0]);
    make_image(history->images[1], "qcow2", "4M", NULL);
    *ARRAY_APPEND(machine.disks[0].backing, machine.disks[0].backing_count) =
        (struct backing_file){.path = mem_strdup(history->template), .format = DISK_FORMAT_RAW};
    if (!fixture->host->ops->add_machine(fixture->host, &machine, &err))
        fail_msg("%s: %s", err.what, err.cause);
    history->machine = machine.id;
    machine_clear(&machine);
    history->collection = define_collection(fixture, "c", &history->machine, 1);
    for (size_t i = 0; i < HISTORY_DISKS; i++)
        history->now[i] = copy_of(fixture, history->images[i], "qcow2");
}

void history_add_point(struct history *history, const struct guid *collection)
{
    struct local_fixture *fixture = history->fixture;
    struct reference_point point;
    size_t number = history->count++;
    assert_true(number < HISTORY_LIMIT);
    create_point(fixture, collection ? collection : &history->collection, &point);
    history->points[number] = path_of(&point);
    for (size_t i = 0; i < HISTORY_DISKS; i++) {
        CLEANUP_FREE char *write = mem_format("write -P %zu %zuk 300k", 10 * number + i + 2, number * 200);
        CLEANUP_FREE char *zero = mem_format("write -z %zuk 64k", 3000 + number * 64);
        history->layers[number][i] = keep(fixture, mem_strdup(point.members[0].disks[i].layer_path));
        history->copies[number][i] = copy_of(fixture, history->layers[number][i], "qcow2");
        WRITE(history->images[i], "qcow2", write, zero);
        history->now[i] = copy_of(fixture, history->images[i], "qcow2");
    }
    reference_point_clear(&point);
}

void history_make(struct history *history, struct local_fixture *fixture, size_t points)
{
    history_begin(history, fixture);
    while (history->count < points)
        history_add_point(history, NULL);
}

static void compare_package(struct history *history, const char *path, size_t point, bool differential)
{
    struct package package;
    struct error err = {0};
    assert_true(package_read(path, &package, &err));
    assert_int_equal(package.disk_count, HISTORY_DISKS);
    for (size_t i = 0; i < package.disk_count; i++) {
        CLEANUP_FREE char *file = mem_format("%s/%s", path, package.disks[i].file);
        size_t number = strcmp(package.disks[i].disk, "vd1") == 0;
        assert_same(file, "qcow2", history->copies[point][number]);
        assert_int_equal(package.disks[i].differential, differential);
    }
    package_clear(&package);
}

static uint32_t export_point(struct history *history, size_t point, size_t base, struct export_result *result,
                             struct error *err)
{
    struct export_request request = {
        .point = history->points[point], .directory = history->exports, .options = export_options_default()};
    struct job_identity identity = {.id = guid_new()};
    struct job *job = job_new(&identity);
    struct host *host = history->fixture->host;
    *result = (struct export_result){0};
    *err = (struct error){0};
    if (base != HISTORY_FULL)
        request.settings.base = history->points[base];
    request.options.strict = true;
    uint32_t code = host->ops->export_point(host, &request, job, result, err);
    job_free(job);
    return code;
}

void history_assert_export(struct history *history, size_t point, size_t base)
{
    struct export_result result;
    struct error err;
    if (export_point(history, point, base, &result, &err) != RETURN_DONE)
        fail_msg("point %zu, base %zu: %s: %s", point, base, err.what, err.cause);
    assert_true(result.verified);
    compare_package(history, result.package, point, base != HISTORY_FULL);
    export_result_clear(&result);
}

uint32_t history_try_export(struct history *history, size_t point, struct error *err)
{
    struct export_result result;
    uint32_t code = export_point(history, point, HISTORY_FULL, &result, err);
    export_result_clear(&result);
    return code;
}

void history_assert_images(struct history *history)
{
    struct machine machine;
    struct error err = {0};
    assert_true(store_read_machine(fixture_store(history->fixture), &history->machine, &machine, &err));
    for (size_t i = 0; i < HISTORY_DISKS; i++) {
        assert_same(machine.disks[i].path, "qcow2", history->now[i]);
        assert_clean(machine.disks[i].path, "qcow2");
    }
    machine_clear(&machine);
}

void history_assert_all(struct history *history)
{
    history_assert_images(history);
    for (size_t i = 0; i < history->count; i++) {
        struct reference_point point;
        struct error err = {0};
        struct host *host = history->fixture->host;
        if (!host->ops->read_point(host, &history->points[i], &point, &err))
            continue;
        for (size_t j = 0; j < HISTORY_DISKS; j++)
            assert_same(point.members[0].disks[j].layer_path, "qcow2", history->copies[i][j]);
        reference_point_clear(&point);
    }
}

char *history_picture(const struct history *history)
{
    const char *const argv[] = {
        "sh",
        "-c",
        "find \"$1\" -type f -printf '%f %m %T@ ' -exec openssl dgst -r -sha256 {} \\; "
        "| sort",
        "sh",
        history->fixture->images,
        NULL};
    const struct proc_spec spec = {.argv = argv};
    struct error err = {0};
    char *output = NULL;
    assert_true(proc_run(&spec, 60000, "test", &output, &err));
    return output;
}
