/* Traps 5, 6, 10, 11: what an export stands on goes away while it runs: the base package, the export
 * directory, a layer, the room. And directories that are hard to reach. Each time the export fails with the
 * reason, or is right, and never leaves half a package, a child or a descriptor behind. */
#include "tests/unit/support/export_scene.h"

#include <sys/mount.h>
#include <unistd.h>

#include "core/export/package/package.h"
#include "core/export/package/read.h"

/* --- what the export rests on goes away --- */

struct disturbance {
    int phase;
    bool verify;
    const char *command; /* in the history's directory */
    const char *key;     /* of the error */
    const char *cause;
    const char *after; /* must be true in the end */
};

static void disturb(size_t base, const struct disturbance *disturbance)
{
    struct scene scene;
    scene_make(&scene, base);
    scene.task.options.verify = disturbance->verify;
    bool copying = disturbance->phase == JOB_PHASE_COPY;
    (copying ? running_start : running_start_still)(&scene.running, &scene.task, disturbance->phase);
    running_wait_held(&scene.running);
    /* In the copy: not before the partial is there. */
    if (copying)
        scene_wait_copying(&scene);
    shell(&scene.history.files, "%s", disturbance->command);
    running_resume(&scene.running);
    running_join(&scene.running);
    print_message("phase %d, %s, %s: ", disturbance->phase, disturbance->verify ? "verified" : "not verified",
                  disturbance->command);
    assert_failed(&scene.running, disturbance->key, disturbance->cause);
    shell(&scene.history.files, "%s", disturbance->after);
    scene_remove(&scene);
}

#define MOVE_BASE "mkdir away && mv out/web-* away"
#define CHANGE_BASE "f=$(ls out/web-*/reference-point.cfg) && chmod u+w $f && echo '# x' >>$f"
#define EMPTY "test -z \"$(ls -A out)\""
#define ONE "test $(ls -A out | wc -l) = 1"

static void test_base_package_goes_away(void **state)
{
    (void)state;
    static const struct disturbance disturbances[] = {
        {JOB_PHASE_COPY, true, MOVE_BASE, "export.base-gone", "No such file", EMPTY},
        {JOB_PHASE_COPY, false, MOVE_BASE, "export.base-gone", "", EMPTY},
        {JOB_PHASE_COMMIT, true, MOVE_BASE, "export.base-gone", "", EMPTY},
        {JOB_PHASE_COMMIT, false, MOVE_BASE, "export.base-gone", "", EMPTY},
        {JOB_PHASE_COPY, true, CHANGE_BASE, "export.base-gone", "", ONE},
        {JOB_PHASE_COMMIT, false, CHANGE_BASE, "export.base-gone", "", ONE},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(disturbances); i++)
        disturb(BASE, &disturbances[i]);
}

#define REMOVE_OUT "rm -rf out"
#define REPLACE_OUT "mv out away && mkdir out"
#define BOTH_EMPTY "test -z \"$(ls -A out)$(ls -A away)\""
#define NO_OUT "! test -e out"

static void test_export_directory_goes_away(void **state)
{
    (void)state;
    static const struct disturbance disturbances[] = {
        {JOB_PHASE_COPY, true, REMOVE_OUT, "export.directory-gone", "", NO_OUT},
        {JOB_PHASE_COPY, false, REMOVE_OUT, "export.directory-gone", "", NO_OUT},
        {JOB_PHASE_COPY, true, REPLACE_OUT, "export.directory-gone", "", BOTH_EMPTY},
        {JOB_PHASE_COPY, false, REPLACE_OUT, "export.directory-gone", "", BOTH_EMPTY},
        {JOB_PHASE_COMMIT, true, REMOVE_OUT, "export.directory-gone", "", NO_OUT},
        {JOB_PHASE_COMMIT, false, REMOVE_OUT, "export.directory-gone", "", NO_OUT},
        {JOB_PHASE_COMMIT, true, REPLACE_OUT, "export.directory-gone", "", BOTH_EMPTY},
        {JOB_PHASE_COMMIT, false, REPLACE_OUT, "export.directory-gone", "", BOTH_EMPTY},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(disturbances); i++)
        disturb(FULL, &disturbances[i]);
}

#define REMOVE_PARTIAL "rm -rf out/.web-*.partial"
#define MOVE_PARTIAL "mv out/.web-*.partial away"
#define EMPTY_PARTIAL "rm -rf out/.web-*.partial/*"
#define REMOVE_DISK "rm -f out/.web-*.partial/machines/web01/vda.qcow2"
#define REPLACE_DISK "cd out/.web-*.partial/machines/web01 && cp vda.qcow2 x && mv x vda.qcow2"
#define AWAY "test -z \"$(ls -A out)\" && test -d away/machines"

/* Something tidies the export directory, hidden entries included, while an export makes its package there. */
static void test_partial_goes_away(void **state)
{
    (void)state;
    static const struct disturbance disturbances[] = {
        {JOB_PHASE_COPY, true, REMOVE_PARTIAL, "export.partial-gone", "", EMPTY},
        {JOB_PHASE_COPY, false, REMOVE_PARTIAL, "export.partial-gone", "", EMPTY},
        {JOB_PHASE_COPY, false, REMOVE_DISK, "export.partial-gone", "", EMPTY},
        {JOB_PHASE_VERIFY, true, REMOVE_DISK, "export.partial-gone", "", EMPTY},
        {JOB_PHASE_VERIFY, true, MOVE_PARTIAL, "export.partial-gone", "", AWAY},
        {JOB_PHASE_COMMIT, true, REMOVE_PARTIAL, "export.partial-gone", "", EMPTY},
        {JOB_PHASE_COMMIT, false, EMPTY_PARTIAL, "export.partial-gone", "", EMPTY},
        {JOB_PHASE_COMMIT, false, REMOVE_DISK, "export.partial-gone", "", EMPTY},
        {JOB_PHASE_COMMIT, false, REPLACE_DISK, "export.partial-gone", "", EMPTY},
        {JOB_PHASE_COMMIT, true, MOVE_PARTIAL, "export.partial-gone", "", AWAY},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(disturbances); i++)
        disturb(FULL, &disturbances[i]);
}

static void test_layer_is_touched(void **state)
{
    (void)state;
    static const struct disturbance disturbances[] = {
        {JOB_PHASE_COPY, false, "touch layer0", "export.layer-changed", "", EMPTY},
        {JOB_PHASE_VERIFY, true, "touch layer1", "export.layer-changed", "", EMPTY},
        {JOB_PHASE_COPY, false, "chmod u+w layer0 && printf x | dd of=layer0 bs=1 seek=1000000 conv=notrunc",
         "export.layer-changed", "", EMPTY},
        {JOB_PHASE_COPY, false, "chmod 0400 layer0", "export.layer-changed", "", EMPTY},
        {JOB_PHASE_COPY, true, "chmod u+w layer1 && truncate -s +512 layer1", "export.layer-changed", "",
         EMPTY},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(disturbances); i++)
        disturb(FULL, &disturbances[i]);
}

/* Trap 10: nobody can take a layer for a change while any phase runs; afterwards, anybody can. */
static void test_layers_are_pinned_to_the_end(void **state)
{
    (void)state;
    for (int phase = JOB_PHASE_COPY; phase <= JOB_PHASE_COMMIT; phase++) {
        struct scene scene;
        scene_make_held(&scene, FULL, phase);
        shell(&scene.history.files,
              "! flock -xn layer0 true && ! flock -xn layer1 true && flock -sn layer1 true");
        running_resume(&scene.running);
        running_join(&scene.running);
        assert_right(&scene);
        shell(&scene.history.files, "flock -xn layer0 true && flock -xn layer1 true");
        scene_remove(&scene);
    }
}

/* Another file under a layer's name, while the export reads the one it has open: exported right. */
static void test_layer_is_replaced(void **state)
{
    (void)state;
    struct scene scene;
    scene_make_held(&scene, FULL, JOB_PHASE_COPY);
    shell(&scene.history.files,
          "qemu-img create -q -f qcow2 other 8M && qemu-io -c 'write -P 99 0 8M' other && mv other layer0");
    running_resume(&scene.running);
    running_join(&scene.running);
    assert_right(&scene);
    scene_remove(&scene);
}

/* --- no room --- */

/* A small file system of its own at out, gone with the process at the latest. */
static bool mount_small(struct scene *scene, const char *options)
{
    CLEANUP_FREE char *out = image_path(&scene->history.files, "out");
    return mount("tmpfs", out, "tmpfs", 0, options) == 0;
}

static void unmount(struct scene *scene)
{
    CLEANUP_FREE char *out = image_path(&scene->history.files, "out");
    assert_int_equal(umount(out), 0);
}

/* `left` pages remain when the settings, the record and the checksums are to be written: each is one page. */
static void test_no_room_at_the_end(void **state)
{
    (void)state;
    for (int left = 0; left <= 2; left++) {
        struct scene scene;
        scene_make(&scene, FULL);
        if (!mount_small(&scene, "size=24m,mode=0700"))
            skip();
        running_start(&scene.running, &scene.task, JOB_PHASE_VERIFY);
        running_wait_held(&scene.running);
        shell(&scene.history.files,
              "{ dd if=/dev/zero of=out/other bs=4k status=none || true; } && "
              "truncate -s $(($(stat -c %%s out/other) / 4096 * 4096 - %d)) out/other",
              left * 4096);
        running_resume(&scene.running);
        running_join(&scene.running);
        assert_failed(&scene.running, "export.no-space", "available");
        print_message("%s\n", scene.running.err.what);
        shell(&scene.history.files, "test \"$(ls -A out)\" = other");
        unmount(&scene);
        scene_remove(&scene);
    }
}

/* The room is gone while data is written, in each format. */
static void test_no_room_for_the_data(void **state)
{
    (void)state;
    for (int format = 0; format < 3; format++) {
        struct scene scene;
        scene_make(&scene, FULL);
        scene.task.options.format = format == 0 ? DISK_FORMAT_RAW : DISK_FORMAT_QCOW2;
        scene.task.options.compression = format == 1 ? COMPRESSION_ZSTD : COMPRESSION_NONE;
        if (!mount_small(&scene, "size=24m,mode=0700"))
            skip();
        running_start(&scene.running, &scene.task, JOB_PHASE_COPY);
        running_wait_held(&scene.running);
        scene_wait_copying(&scene);
        shell(&scene.history.files, "dd if=/dev/zero of=out/other bs=4k status=none || true");
        running_resume(&scene.running);
        running_join(&scene.running);
        assert_failed(&scene.running, "export.no-space", "available");
        shell(&scene.history.files, "test \"$(ls -A out)\" = other");
        unmount(&scene);
        scene_remove(&scene);
    }
}

/* --- where it is written to --- */

static void test_directory_behind_links_and_slashes(void **state)
{
    (void)state;
    struct scene scene;
    struct package package;
    struct error err = {0};
    scene_make(&scene, BASE);
    shell(&scene.history.files, "mkdir -p real/deep && mv out real/deep/out && ln -s real/deep way");
    CLEANUP_FREE char *directory = image_path(&scene.history.files, "way/../deep/./out///");
    mem_replace(&scene.task.directory, directory);
    running_start(&scene.running, &scene.task, RUNNING_FREELY);
    running_join(&scene.running);
    assert_int_equal(scene.running.code, RETURN_DONE);
    assert_true(package_read(scene.running.result.package, &package, &err));
    assert_true(package.disks[0].differential);
    /* The stored name does not lead over the link: both packages can be moved together. */
    shell(&scene.history.files,
          "mv real moved && rm way && cd 'moved/deep/out/%s' && sha256sum --quiet -c SHA256SUMS && "
          "qemu-img compare -f raw -F qcow2 %s/ref1.raw machines/web01/vda.qcow2",
          strrchr(package.path, '/') + 1, scene.history.files.directory);
    package_clear(&package);
    scene_remove(&scene);
}

/* A directory whose path has `length` bytes. */
static char *deep_directory(const struct scene *scene, size_t length)
{
    struct strbuf path = {0};
    CLEANUP_FREE char *start = image_path(&scene->history.files, "out");
    strbuf_add(&path, start);
    while (path.length < length) {
        size_t step = length - path.length - 1;
        step = step > 200 ? (step < 202 ? 100 : 200) : step;
        strbuf_add(&path, "/");
        for (size_t i = 0; i < step; i++)
            strbuf_add(&path, "d");
    }
    char *text = strbuf_take(&path);
    assert_int_equal(strlen(text), length);
    struct error err = {0};
    if (!fs_make_directories(text, 0700, &err))
        fail_msg("%s: %s", err.what, err.cause);
    return text;
}

static void test_long_paths(void **state)
{
    (void)state;
    static const struct {
        size_t length;
        bool right;
    } cases[] = {{3900, true}, {4025, true}, {4040, false}, {4094, false}};
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct scene scene;
        struct export_estimate estimate;
        struct error err = {0};
        scene_make(&scene, FULL);
        CLEANUP_FREE char *directory = deep_directory(&scene, cases[i].length);
        mem_replace(&scene.task.directory, directory);
        uint32_t code = export_check(&scene.task, NULL, &estimate, &err);
        export_estimate_clear(&estimate);
        running_start(&scene.running, &scene.task, RUNNING_FREELY);
        running_join(&scene.running);
        print_message("%zu bytes: %s: %s\n", cases[i].length, err.what, err.cause);
        if (cases[i].right) {
            assert_int_equal(code, RETURN_DONE);
            assert_int_equal(scene.running.code, RETURN_DONE);
            shell(&scene.history.files,
                  "cd '%s' && qemu-img compare -f raw -F qcow2 %s/ref1.raw "
                  "machines/web01/vda.qcow2",
                  scene.running.result.package, scene.history.files.directory);
        } else {
            assert_int_equal(code, RETURN_INVALID_PARAMETER);
            assert_string_equal(err.key, "export.directory-path");
            assert_int_equal(scene.running.code, RETURN_INVALID_PARAMETER);
            shell(&scene.history.files,
                  "test -z \"$(find out ! -type d)\" && ! find out -name '*web*' | grep .");
        }
        scene_remove(&scene);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_base_package_goes_away),
        cmocka_unit_test(test_export_directory_goes_away),
        cmocka_unit_test(test_partial_goes_away),
        cmocka_unit_test(test_layer_is_touched),
        cmocka_unit_test(test_layers_are_pinned_to_the_end),
        cmocka_unit_test(test_layer_is_replaced),
        cmocka_unit_test(test_no_room_at_the_end),
        cmocka_unit_test(test_no_room_for_the_data),
        cmocka_unit_test(test_directory_behind_links_and_slashes),
        cmocka_unit_test(test_long_paths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
