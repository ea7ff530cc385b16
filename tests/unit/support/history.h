/* A machine with a history, for tests of the ways out: two disks, one over a template, one alone; points in
 * which both have changed, each with a copy taken at the point. The last copies are of the images as they are
 * now. */
#ifndef REFPOINT_TESTS_UNIT_SUPPORT_HISTORY_H
#define REFPOINT_TESTS_UNIT_SUPPORT_HISTORY_H

#include "tests/unit/support/local.h"

#define HISTORY_LIMIT 5
#define HISTORY_DISKS 2

struct history {
    struct local_fixture *fixture;
    char *template;
    char *images[HISTORY_DISKS];
    char *exports; /* a directory */
    struct guid machine;
    struct guid collection;
    size_t count; /* of points */
    struct object_path points[HISTORY_LIMIT];
    char *layers[HISTORY_LIMIT][HISTORY_DISKS];
    char *copies[HISTORY_LIMIT][HISTORY_DISKS];
    char *now[HISTORY_DISKS];
};

void history_make(struct history *history, struct local_fixture *fixture, size_t points);
/* Machine and collection with templates registered, no points yet; then one point at a time, in this
 * collection (NULL: the history's own). */
void history_begin(struct history *history, struct local_fixture *fixture);
void history_add_point(struct history *history, const struct guid *collection);

/* Exports a point, as a difference where there is a base (else the test fails), and compares the package with
 * the copies. */
#define HISTORY_FULL SIZE_MAX
void history_assert_export(struct history *history, size_t point, size_t base);
/* The refusal of an export in full; the caller looks at the error. */
uint32_t history_try_export(struct history *history, size_t point, struct error *err);
/* The images, as the machine's record names them, against the copies of now. */
void history_assert_images(struct history *history);
/* The images and every point that can be read, through its layers where they are now. */
void history_assert_all(struct history *history);
/* Name, content, mode and time of every file in the directory of the images; the caller's. */
char *history_picture(const struct history *history);

#endif
