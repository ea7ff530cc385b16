/* The one that reads behind the copy: what it proves, and that its SHA-256 is the file's. */
#include "core/export/copy/trail.h"

#include <sys/stat.h>

#include "core/base/units.h"
#include "core/export/copy/copy.h"
#include "core/export/copy/window_digest.h"
#include "core/export/plan/planner.h"
#include "tests/unit/support/image_files.h"
#include "tests/unit/support/null_endpoint.h"

#define G RUN_GRANULE

struct fixture {
    struct image_files files;
    struct job *job;
    struct halt halt;
    struct rate_limit rate;
    struct run_list runs;
    struct spool digests;
    struct sink *sink; /* the real one beneath the sink that damages */
    uint64_t size;
    int fd;
    bool no_hole;
};

static void fixture_make(struct fixture *fixture, uint64_t size, unsigned skip_every)
{
    struct job_identity identity = {.id = guid_new()};
    struct error err = {0};
    *fixture = (struct fixture){.job = job_new(&identity), .size = size};
    fixture->halt.job = fixture->job;
    image_files_make(&fixture->files);
    shell(&fixture->files, ": >copy.raw");
    fixture->fd = image_open(&fixture->files, "copy.raw", O_RDWR);
    rate_limit_init(&fixture->rate, 0);
    assert_true(run_list_open(&fixture->runs, AT_FDCWD, &err));
    assert_true(spool_open(&fixture->digests, AT_FDCWD, sizeof(struct window_digest), &err));
    struct planner planner;
    planner_begin(&planner, &fixture->runs);
    for (uint64_t at = 0; at < size; at += G)
        assert_true(planner_feed(&planner, at / G % skip_every == 1 ? RUN_SKIP : RUN_DATA,
                                 size - at < G ? size - at : G, &err));
    assert_true(planner_finish(&planner, &err));
    struct job_disk row = {.bytes_total = size};
    job_set_state(fixture->job, JOB_STATE_STARTING);
    job_set_state(fixture->job, JOB_STATE_RUNNING);
    job_set_disks(fixture->job, &row, 1);
}

static void fixture_clear(struct fixture *fixture)
{
    close(fixture->fd);
    run_list_close(&fixture->runs);
    spool_close(&fixture->digests);
    rate_limit_destroy(&fixture->rate);
    job_free(fixture->job);
    image_files_remove(&fixture->files);
}

/* --- a sink in front of a real one, behind whose back the storage turns one bit --- */

struct turning {
    struct sink sink;
    struct sink *real;
    int fd;
    uint64_t at;  /* of the file */
    bool no_hole; /* the second cluster, which is skipped, is written as zeroes */
};

static bool open_writer(struct sink *sink, struct sink_writer **writer, struct error *err)
{
    struct turning *turning = (struct turning *)sink;
    struct sink_writer *real;
    if (!turning->real->ops->open_writer(turning->real, &real, err))
        return false;
    void **pair = mem_alloc(2 * sizeof *pair);
    pair[0] = turning;
    pair[1] = real;
    *writer = (struct sink_writer *)pair;
    return true;
}

static bool write_window(struct sink_writer *writer, const struct window *window, uint16_t content,
                         const unsigned char *data, struct error *err)
{
    void **pair = (void **)writer;
    struct turning *turning = pair[0];
    if (!turning->real->ops->write(pair[1], window, content, data, err))
        return false;
    unsigned char byte;
    static const unsigned char zeroes[G];
    if (turning->no_hole && window->offset == 0)
        assert_int_equal(pwrite(turning->fd, zeroes, sizeof zeroes, G), sizeof zeroes);
    if (turning->at >= window->offset && turning->at < window->offset + window->length) {
        assert_int_equal(pread(turning->fd, &byte, 1, (off_t)turning->at), 1);
        byte ^= 4;
        assert_int_equal(pwrite(turning->fd, &byte, 1, (off_t)turning->at), 1);
    }
    return true;
}

static void close_writer(struct sink_writer *writer)
{
    void **pair = (void **)writer;
    struct turning *turning = pair[0];
    turning->real->ops->close_writer(pair[1]);
    free(pair);
}

static uint64_t place(const struct sink *sink, const struct window *window, uint64_t offset)
{
    const struct turning *turning = (const struct turning *)sink;
    return turning->real->ops->place(turning->real, window, offset);
}

static bool finish(struct sink *sink, struct error *err)
{
    struct turning *turning = (struct turning *)sink;
    return turning->real->ops->finish(turning->real, err);
}

static const struct sink_ops TURNING_OPS = {.open_writer = open_writer,
                                            .write = write_window,
                                            .close_writer = close_writer,
                                            .place = place,
                                            .finish = finish};

static bool copy(struct fixture *fixture, uint64_t turned, bool prove, struct copy_result *result,
                 struct error *err)
{
    struct sink_spec spec = {.fd = fixture->fd,
                             .path = "copy.raw",
                             .label = "web01/vda",
                             .virtual_size = fixture->size,
                             .runs = &fixture->runs,
                             .halt = &fixture->halt};
    assert_true(sink_raw_open(&spec, &fixture->sink, err));
    struct turning turning = {
        .sink = {.ops = &TURNING_OPS, .end = fixture->size, .sparse = fixture->sink->sparse},
        .real = fixture->sink,
        .fd = fixture->fd,
        .at = turned,
        .no_hole = fixture->no_hole};
    struct source *source = source_null_open(size_whole_sectors(fixture->size), NULL_NEVER);
    struct copy_spec copy = {.source = source,
                             .sink = &turning.sink,
                             .fd = fixture->fd,
                             .path = "copy.raw",
                             .label = "web01/vda",
                             .runs = &fixture->runs,
                             .digests = &fixture->digests,
                             .rate = &fixture->rate,
                             .halt = &fixture->halt,
                             .workers = 3,
                             .buffers = 7,
                             .prove = prove};
    bool ok = copy_disk(&copy, result, err);
    source->ops->close(source);
    fixture->sink->ops->close(fixture->sink);
    return ok;
}

static void digest_is_of_the_file(uint64_t size, unsigned skip_every, bool prove)
{
    struct fixture fixture;
    struct copy_result result;
    struct error err = {0};
    fixture_make(&fixture, size, skip_every);
    if (!copy(&fixture, UINT64_MAX, prove, &result, &err))
        fail_msg("%s: %s", err.what, err.cause);
    assert_int_equal(result.as_read.st_size, size);
    shell(&fixture.files, "echo '%s  copy.raw' | sha256sum --quiet -c", result.sha256);
    fixture_clear(&fixture);
}

static void test_digest_is_of_the_file(void **state)
{
    (void)state;
    /* Behind an odd end a disk reads zero, as the source does there: the last cluster of both is. */
    const uint64_t sizes[] = {
        1, 512, G - 512, G, 147 * G + 100, 40 * WINDOW_SIZE + 3 * G, 70 * WINDOW_SIZE + 12288};
    for (size_t i = 0; i < ARRAY_LENGTH(sizes); i++) {
        digest_is_of_the_file(sizes[i], 1000000, true);
        digest_is_of_the_file(sizes[i], 5, i % 2 == 0);
        digest_is_of_the_file(sizes[i], 2, i % 2 != 0);
    }
}

/* More windows than a lead may have, of one cluster each. */
static void test_many_windows_of_one_cluster(void **state)
{
    (void)state;
    struct fixture fixture;
    struct copy_result result;
    struct error err = {0};
    fixture_make(&fixture, 0, 2);
    fixture.size = 300 * WINDOW_SIZE;
    struct planner planner;
    run_list_close(&fixture.runs);
    assert_true(run_list_open(&fixture.runs, AT_FDCWD, &err));
    planner_begin(&planner, &fixture.runs);
    for (unsigned i = 0; i < 300; i++)
        assert_true(planner_feed(&planner, RUN_DATA, G, &err) &&
                    planner_feed(&planner, RUN_SKIP, WINDOW_SIZE - G, &err));
    assert_true(planner_finish(&planner, &err));
    assert_true(copy(&fixture, UINT64_MAX, true, &result, &err));
    assert_int_equal(result.windows, 300);
    shell(&fixture.files, "echo '%s  copy.raw' | sha256sum --quiet -c", result.sha256);
    fixture_clear(&fixture);
}

static void test_turned_bit_behind_the_copier(void **state)
{
    (void)state;
    const uint64_t size = 20 * WINDOW_SIZE + 1024;
    const uint64_t places[] = {0, G + 5, 7 * WINDOW_SIZE + 3 * G, size - 1};
    for (size_t i = 0; i < ARRAY_LENGTH(places); i++) {
        struct fixture fixture;
        struct copy_result result;
        struct error err = {0};
        fixture_make(&fixture, size, 1000000);
        assert_false(copy(&fixture, places[i], true, &result, &err));
        assert_string_equal(err.key, "export.verify");
        assert_non_null(strstr(err.what, "gives back"));
        fixture_clear(&fixture);
        /* Without the proof nobody looks, but the digest is of what should lie there: who looks sees it. */
        err = (struct error){0};
        fixture_make(&fixture, size, 1000000);
        assert_true(copy(&fixture, places[i], false, &result, &err));
        shell(&fixture.files, "! echo '%s  copy.raw' | sha256sum --quiet -c 2>/dev/null", result.sha256);
        fixture_clear(&fixture);
    }
}

/* File systems that have no holes say that all is data. */
static void test_zeroes_that_are_no_hole(void **state)
{
    (void)state;
    for (int prove = 0; prove < 2; prove++) {
        struct fixture fixture;
        struct copy_result result;
        struct error err = {0};
        fixture_make(&fixture, 3 * WINDOW_SIZE, 1000000);
        fixture.no_hole = true;
        if (!copy(&fixture, UINT64_MAX, prove, &result, &err))
            fail_msg("%s: %s", err.what, err.cause);
        shell(&fixture.files, "echo '%s  copy.raw' | sha256sum --quiet -c", result.sha256);
        fixture_clear(&fixture);
    }
}

/* What was zero is not any more. */
static void test_turned_bit_in_zeroes(void **state)
{
    (void)state;
    struct fixture fixture;
    struct copy_result result;
    struct error err = {0};
    fixture_make(&fixture, 4 * WINDOW_SIZE, 1000000);
    assert_int_equal(null_byte(7 * G), 0);
    assert_false(copy(&fixture, 7 * G + 9, true, &result, &err));
    assert_string_equal(err.key, "export.verify");
    fixture_clear(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_digest_is_of_the_file),
        cmocka_unit_test(test_many_windows_of_one_cluster),
        cmocka_unit_test(test_turned_bit_behind_the_copier),
        cmocka_unit_test(test_zeroes_that_are_no_hole),
        cmocka_unit_test(test_turned_bit_in_zeroes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
