/* Real packages for the tests of core/export: a point of two machines with three disks, whose images are made
 * with qemu-img and filled with qemu-io where the export would have copied. A failure fails the test. What
 * cmocka.h needs before it comes with this header. */
#ifndef REFPOINT_TESTS_UNIT_SUPPORT_PACKAGE_H
#define REFPOINT_TESTS_UNIT_SUPPORT_PACKAGE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/export/package/find_base.h"
#include "core/export/package/write/writer.h"

struct package_world {
    char *root;      /* a new directory under $TMPDIR */
    char *directory; /* ROOT/exports */
    struct export_task task;
    unsigned pattern;   /* what the next image is filled with */
    const char *digest; /* what the record says of what was read at the point; NULL = nothing */
};

/* The world of the test that is running. */
extern struct package_world world;
int world_set_up(void **state);
int world_tear_down(void **state);

/* The next point of the same collection becomes the task's; base: its point is the base of all disks. */
void world_next_point(const struct reference_point *base);
/* package_writer_finish, of which only the package's path is wanted; the caller's. */
bool world_finish(struct package_writer *writer, const struct package_writer_result *results, bool verified,
                  struct job *job, char **path, struct error *err) WARN_UNUSED;
/* An export by hand: every disk of the task written and finished. base: NULL = full. Path is the caller's. */
char *world_export(const struct base_package *base);
/* Only the disks: for tests that end otherwise. results: one per disk. */
void world_write_disks(struct package_writer *writer, struct package_writer_result *results);
/* The package of the task's base point, found as an export finds it. */
void world_find_base(struct base_package *base);

struct member_point *world_add_member(struct reference_point *point, const char *name);
void world_add_disk(struct member_point *member, const char *id, uint64_t size);

/* Runs a program; its output is the caller's. */
char *world_run(const char *const *argv);
#define WORLD_RUN(...) free(world_run((const char *const[]){__VA_ARGS__, NULL}))
bool world_succeeds(const char *const *argv);

/* Entries of a directory, dot names too. */
size_t world_count_entries(const char *directory);

#endif
