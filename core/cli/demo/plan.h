/* What the demo consists of, as a table. Names exercise UTF-8: accents, wide characters, spaces. */
#ifndef REFPOINT_CLI_DEMO_PLAN_H
#define REFPOINT_CLI_DEMO_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DEMO_DISKS_MAX 2
#define DEMO_MACHINES_MAX 3
#define DEMO_POINTS_MAX 4

struct demo_disk_plan {
    const char *id; /* NULL ends the list */
    uint64_t size;
    uint64_t data; /* written before the first point */
    bool over_template;
};

struct demo_machine_plan {
    const char *name; /* NULL ends the list */
    const char *directory;
    uint32_t cpus;
    uint64_t memory;
    const char *firmware;
    const char *mac;
    const char *network;
    struct demo_disk_plan disks[DEMO_DISKS_MAX];
};

struct demo_collection_plan {
    const char *name;
    struct demo_machine_plan machines[DEMO_MACHINES_MAX];
    const char *points[DEMO_POINTS_MAX]; /* NULL ends the list */
};

const struct demo_collection_plan *demo_plan(size_t *count);

/* The template: below images/, and where an overlay names it relative to its own directory. */
#define DEMO_TEMPLATE "templates/debian-12.qcow2"
#define DEMO_TEMPLATE_FROM_IMAGE "../" DEMO_TEMPLATE
struct demo_disk_plan demo_template(void);

#endif
