/* A collection of three machines with three points, the newest of which is to be exported; for the tests of
 * the export form. */
#ifndef REFPOINT_TESTS_UNIT_SUPPORT_EXPORT_FORM_H
#define REFPOINT_TESTS_UNIT_SUPPORT_EXPORT_FORM_H

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "ui/screens/form/model/make.h"

static const struct host_capabilities everything = {.raw_format = true,
                                                    .zstd_compression = true,
                                                    .verify = true,
                                                    .rate_limit = true,
                                                    .local_directory = true};

struct fixture {
    struct reference_point_list points;
    struct reference_point point; /* whole */
    struct collection_list collections;
    struct machine_list machines;     /* of a host that knows running ones */
    struct host_capabilities running; /* of that host */
    struct form_source source;
};

static inline struct guid id_of(unsigned number)
{
    struct guid id;
    char text[37];
    snprintf(text, sizeof text, "%08x-0000-4000-8000-%012x", number, number);
    assert_true(guid_parse(&id, text));
    return id;
}

static inline void add_point(struct fixture *fixture, unsigned sequence, int64_t seconds, const char *name)
{
    *ARRAY_APPEND(fixture->points.items, fixture->points.count) =
        (struct reference_point){.id = id_of(100 + sequence),
                                 .collection_id = id_of(1),
                                 .collection_name = mem_strdup("web-prod"),
                                 .name = mem_strdup(name),
                                 .created = {.seconds = seconds},
                                 .sequence = sequence,
                                 .type = POINT_TYPE_LOG_BASED,
                                 .has_associated_log = sequence != 1};
}

static inline void add_machine(struct fixture *fixture, unsigned number, const char *name, unsigned disks)
{
    struct member_point *member = ARRAY_APPEND(fixture->point.members, fixture->point.member_count);
    member->machine.id = id_of(number);
    member->machine.name = mem_strdup(name);
    for (unsigned i = 0; i < disks; i++) {
        struct disk *disk = ARRAY_APPEND(member->machine.disks, member->machine.disk_count);
        disk->uuid = id_of(number + i + 1);
        disk->id = mem_format("vd%c", 'a' + (int)i);
        disk->virtual_size = (i + 1) * 10 * GIB;
    }
}

/* Three points; the newest is exported. 2026-09-24 00:00 UTC = 02:00 in the time zone of the test. */
static inline int set_up(void **state)
{
    struct fixture *fixture = mem_alloc(sizeof *fixture);
    add_point(fixture, 3, 1790208000, "third");
    add_point(fixture, 2, 1790121600, "second");
    add_point(fixture, 1, 1789862400, "first");
    reference_point_copy(&fixture->point, &fixture->points.items[0]);
    add_machine(fixture, 0x1000, "web01", 2);
    add_machine(fixture, 0x2000, "web02", 2);
    add_machine(fixture, 0x3000, "web03", 1);
    struct collection *collection = ARRAY_APPEND(fixture->collections.items, fixture->collections.count);
    collection->id = id_of(1);
    collection->name = mem_strdup("web-prod");
    fixture->source = (struct form_source){.capabilities = &everything,
                                           .bell = true,
                                           .path = {.point_id = fixture->point.id, .collection_id = id_of(1)},
                                           .point = &fixture->point,
                                           .points = &fixture->points,
                                           .collections = &fixture->collections};
    *state = fixture;
    return 0;
}

static inline int tear_down(void **state)
{
    struct fixture *fixture = *state;
    reference_point_list_clear(&fixture->points);
    reference_point_clear(&fixture->point);
    collection_list_clear(&fixture->collections);
    machine_list_clear(&fixture->machines);
    free(fixture);
    return 0;
}

/* The same on a host that exports its machines as they are now: the collection's, web04 besides, and a
 * stranger. The first and the second point are RCT based. */
static inline void let_machines_run(struct fixture *fixture)
{
    struct collection *collection = &fixture->collections.items[0];
    fixture->running = everything;
    fixture->running.live_export = fixture->running.machine_states = true;
    fixture->running.application_consistency = true;
    add_machine(fixture, 0x4000, "web04", 1);
    for (size_t i = 0; i < fixture->point.member_count; i++) {
        struct machine *machine = ARRAY_APPEND(fixture->machines.items, fixture->machines.count);
        machine_copy(machine, &fixture->point.members[i].machine);
        machine->state = MACHINE_STATE_RUNNING;
        *ARRAY_APPEND(collection->members, collection->member_count) = machine->id;
    }
    member_point_clear(&fixture->point.members[--fixture->point.member_count]);
    struct machine *stranger = ARRAY_APPEND(fixture->machines.items, fixture->machines.count);
    stranger->id = id_of(0x9000);
    stranger->name = mem_strdup("stranger");
    for (size_t i = 1; i < fixture->points.count; i++) {
        fixture->points.items[i].type = POINT_TYPE_RCT_BASED;
        fixture->points.items[i].has_associated_log = false;
    }
    fixture->source.capabilities = &fixture->running;
    fixture->source.machines = &fixture->machines;
}

/* A collection alone. */
static inline void take_points_away(struct fixture *fixture)
{
    reference_point_list_clear(&fixture->points);
    fixture->source.point = NULL;
    fixture->source.path.point_id = (struct guid){0};
}

static inline void fill_directory(struct export_form *form, const char *text)
{
    line_editor_set(&form->directory, text);
    export_form_edited(form, FORM_DIRECTORY);
}

static inline void prepare_process(void)
{
    assert_non_null(setlocale(LC_CTYPE, "C.UTF-8"));
    setenv("TZ", "Europe/Berlin", 1);
    tzset();
}

#endif
