/* A private directory with real images and a store, and the stock tools on it, for tests of the local host.
 * Whatever fails ends the test. Strings are the fixture's until it is torn down. */
#ifndef REFPOINT_TESTS_UNIT_SUPPORT_LOCAL_H
#define REFPOINT_TESTS_UNIT_SUPPORT_LOCAL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <cmocka.h>

#include "core/base/error.h"
#include "core/host/host.h"
#include "core/host/layers/step_hook.h"
#include "core/host/store/store.h"

struct local_fixture {
    char root[64];
    char *images; /* directory with a hostile name */
    char *store_path;
    struct host *host;
    char **texts; /* kept for the test's length */
    size_t text_count;
};

int local_setup(void **state);
int local_teardown(void **state);
const struct store *fixture_store(const struct local_fixture *fixture);

/* A path in the images' directory, kept. */
char *image_at(struct local_fixture *fixture, const char *name);
char *keep(struct local_fixture *fixture, char *text);

/* Runs a program to the end; false when it fails (its last words are printed). */
bool try_run(const char *const *argv);
void run_ok(const char *const *argv);
#define RUN(...) run_ok((const char *const[]){__VA_ARGS__, NULL})

/* qemu-io commands on an image, e.g. "write -P 1 0 64k". */
#define QEMU_IO_LIMIT 24
void qemu_io(const char *path, const char *format, const char *const *commands);
#define WRITE(path, format, ...) qemu_io((path), (format), (const char *const[]){__VA_ARGS__, NULL})

void make_image(const char *path, const char *format, const char *size, const char *options);
/* The content of an image, through its whole chain, as a raw file beside the images; kept. */
char *copy_of(struct local_fixture *fixture, const char *path, const char *format);
void assert_same(const char *path, const char *format, const char *raw_copy);
/* Opens, and is free of errors and of leaks. */
void assert_clean(const char *path, const char *format);
/* Names in the images' directory that hold this; layers and temporary files hold ".refpoint-". */
size_t count_names(const struct local_fixture *fixture, const char *part);

struct guid add_machine(struct local_fixture *fixture, const char *name, const char *const *paths,
                        const enum disk_format *formats, size_t count);
struct guid add_one_disk(struct local_fixture *fixture, const char *name, const char *path,
                         enum disk_format format);
struct guid define_collection(struct local_fixture *fixture, const char *name, const struct guid *members,
                              size_t count);
struct point_request request_for(const struct guid *collection);
/* Creates a point; kept by the caller. */
void create_point(struct local_fixture *fixture, const struct guid *collection,
                  struct reference_point *point);
uint32_t try_create(struct local_fixture *fixture, const struct guid *collection, struct error *err);
struct object_path path_of(const struct reference_point *point);
/* The sentences of store check; printed when there are some; returns how many. */
size_t check_store(struct local_fixture *fixture);
/* The same in whole; store_report_clear. */
void look_through_store(struct local_fixture *fixture, bool deep, struct store_report *report);
/* The point's record as an earlier version wrote it: of its layers no last change is known. */
void forget_last_changes(struct local_fixture *fixture, const struct object_path *path);
size_t point_count(struct local_fixture *fixture, const struct guid *collection);

#define CRASH_STATUS 77
/* Runs work in a child of its own, which crashes at that step; true when it did. */
typedef void crash_work(const struct step_hook *hook, void *context);
bool crash_at(size_t step, crash_work *work, void *context);
/* How far apart the steps are that a test crashes at, each with a history of its own: the usual run takes
 * every fifth; REFPOINT_TEST_STEPS=all, as in .ci/run, every one. */
size_t crash_stride(void);
/* The same at the step with this name for this disk; it must be reached. */
void crash_at_step(const char *name, size_t disk, crash_work *work, void *context);
/* Works for crash_at: the context is what the names say. */
void work_recover(const struct step_hook *hook, void *fixture);

/* A qemu-nbd with the image open for writing. */
pid_t start_writer(struct local_fixture *fixture, const char *path, const char *format);
void end_writer(pid_t pid);

#endif
