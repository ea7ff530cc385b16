/* Makes a large store of records alone, without images: collections, machines and points that the screens
 * list. Ids are drawn anew each time; everything else is the same.
 *
 *   bench_store DIRECTORY Collections POINTS MACHINES
 *
 * POINTS and MACHINES are those of each collection. Nothing is synced: it is thrown away. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/mem.h"
#include "core/base/units.h"
#include "core/model/cfg.h"

#define FIRST_MOMENT 1790000000 /* in 2026 */
#define HOUR 3600

struct counts {
    unsigned collections;
    unsigned points;
    unsigned machines;
};

static void make_directory(const char *path)
{
    if (mkdir(path, 0700) == 0 || errno == EEXIST)
        return;
    perror(path);
    exit(1);
}

/* Destroys the configuration. */
static void write_object(const char *parent, const struct guid *id, const char *name, config_t *config)
{
    CLEANUP_FREE char *directory = mem_format("%s/%s", parent, id->text);
    CLEANUP_FREE char *path = mem_format("%s/%s", directory, name);
    make_directory(directory);
    if (config_write_file(config, path) != CONFIG_TRUE) {
        perror(path);
        exit(1);
    }
    config_destroy(config);
}

static struct machine make_machine(unsigned collection, unsigned number)
{
    struct machine machine = {.id = guid_new(), .name = mem_format("machine-%04u-%u", collection, number)};
    machine.settings = (struct machine_settings){.cpus = 4, .memory = 8 * GIB};
    machine.disks = mem_alloc(sizeof *machine.disks);
    machine.disk_count = 1;
    machine.disks[0] = (struct disk){
        .uuid = guid_new(),
        .id = mem_strdup("vda"),
        .path = mem_format("/var/lib/images/machine-%04u-%u.qcow2", collection, number),
        .format = DISK_FORMAT_QCOW2,
        .virtual_size = 40 * GIB,
    };
    return machine;
}

static void write_machine(const char *root, const struct machine *machine)
{
    CLEANUP_FREE char *parent = mem_format("%s/machines", root);
    config_t config;
    config_init(&config);
    machine_to_cfg(machine, config_root_setting(&config));
    write_object(parent, &machine->id, "machine.cfg", &config);
}

static void add_member(struct reference_point *point, const struct machine *machine)
{
    struct member_point *member = ARRAY_APPEND(point->members, point->member_count);
    *member = (struct member_point){.instance_id = guid_new()};
    machine_copy(&member->machine, machine);
    member->disks = mem_alloc(sizeof *member->disks);
    member->disk_count = 1;
    member->disks[0] = (struct disk_point){
        .disk_uuid = machine->disks[0].uuid,
        .disk_id = mem_strdup("vda"),
        .layer_path = mem_format("%s.refpoint-%08llu.qcow2", machine->disks[0].path,
                                 (unsigned long long)point->sequence),
        .layer_format = DISK_FORMAT_QCOW2,
        .virtual_size = machine->disks[0].virtual_size,
        .inode = 100000 + point->sequence,
        .file_size = 5 * GIB,
        .modified = point->created,
    };
}

static void write_point(const char *parent, const struct collection *collection,
                        const struct machine *machines, unsigned sequence)
{
    struct reference_point point = {
        .id = guid_new(),
        .collection_id = collection->id,
        .collection_name = mem_strdup(collection->name),
        .name = mem_format("point %u", sequence),
        .created = {.seconds = FIRST_MOMENT + (int64_t)sequence * HOUR},
        .sequence = sequence,
        .type = POINT_TYPE_LOG_BASED,
        .consistency_asked = CONSISTENCY_CRASH,
        .consistency_level = CONSISTENCY_CRASH,
        .has_associated_log = true,
        .virtual_size = collection->member_count * 40 * GIB,
        .log_size = GIB,
    };
    for (size_t i = 0; i < collection->member_count; i++)
        add_member(&point, &machines[i]);
    config_t config;
    config_init(&config);
    reference_point_to_cfg(&point, true, config_root_setting(&config));
    write_object(parent, &point.id, "point.cfg", &config);
    reference_point_clear(&point);
}

static void write_collection(const char *root, unsigned number, const struct counts *counts)
{
    CLEANUP_FREE char *parent = mem_format("%s/collections", root);
    struct collection collection = {.id = guid_new(), .name = mem_format("collection-%04u", number)};
    struct machine *machines = mem_alloc(counts->machines * sizeof *machines);
    for (unsigned i = 0; i < counts->machines; i++) {
        machines[i] = make_machine(number, i);
        write_machine(root, &machines[i]);
        *ARRAY_APPEND(collection.members, collection.member_count) = machines[i].id;
    }
    config_t config;
    config_init(&config);
    collection_to_cfg(&collection, config_root_setting(&config));
    write_object(parent, &collection.id, "collection.cfg", &config);
    CLEANUP_FREE char *points = mem_format("%s/%s/points", parent, collection.id.text);
    make_directory(points);
    for (unsigned i = 1; i <= counts->points; i++)
        write_point(points, &collection, machines, i);
    for (unsigned i = 0; i < counts->machines; i++)
        machine_clear(&machines[i]);
    free(machines);
    collection_clear(&collection);
}

static bool parse_count(const char *text, unsigned least, unsigned *count)
{
    char *end = NULL;
    errno = 0;
    unsigned long number = strtoul(text, &end, 10);
    *count = (unsigned)number;
    return errno == 0 && end != text && *end == '\0' && number >= least && number <= 10000000;
}

int main(int argc, char **argv)
{
    struct counts counts;
    if (argc != 5 || !parse_count(argv[2], 0, &counts.collections) ||
        !parse_count(argv[3], 0, &counts.points) || !parse_count(argv[4], 1, &counts.machines)) {
        fprintf(stderr, "usage: %s DIRECTORY Collections POINTS MACHINES\n", argv[0]);
        return 2;
    }
    CLEANUP_FREE char *machines = mem_format("%s/machines", argv[1]);
    CLEANUP_FREE char *collections = mem_format("%s/collections", argv[1]);
    make_directory(argv[1]);
    make_directory(machines);
    make_directory(collections);
    for (unsigned i = 1; i <= counts.collections; i++)
        write_collection(argv[1], i, &counts);
    return 0;
}
