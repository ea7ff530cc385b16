/* The store: what is written is read back byte for byte, a broken file blocks only its object, what crashes
 * leave is swept. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/host/store/store.h"
#include "core/system/fs.h"

static const char *const hostile[] = {
    "plain",
    "../../x",
    "a b\"c'd\\e",
    "line\nbreak\r\ttab",
    "esc \033[31mred\033[0m \x07",
    "@include \"/etc/passwd\"",
    "\n@include \"/etc/passwd\"",
    "# // /* not a comment */ {([",
    "comma, colon: semicolon; $HOME `id` %s%n",
    "Gr\xc3\xb6\xc3\x9f\x65 \xe6\x97\xa5\xe6\x9c\xac \xf0\x9f\x92\xbe",
    "no utf8 \xff\xfe\x80",
};

struct fixture {
    char root[64];
    struct store store;
};

static int setup(void **state)
{
    struct fixture *fixture = mem_alloc(sizeof *fixture);
    struct error err = {0};
    snprintf(fixture->root, sizeof fixture->root, "/tmp/refpoint-store-XXXXXX");
    assert_non_null(mkdtemp(fixture->root));
    CLEANUP_FREE char *path = mem_format("%s/a store", fixture->root);
    assert_true(store_init(&fixture->store, path, &err));
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    struct error err = {0};
    assert_true(fs_remove_tree(AT_FDCWD, fixture->root, &err));
    store_clear(&fixture->store);
    free(fixture);
    return 0;
}

static void lock_and_release(struct store *store)
{
    struct error err = {0};
    int lock = -1;
    assert_true(store_lock(store, &lock, &err));
    close(lock);
}

static void make_machine(struct machine *machine, const char *text)
{
    *machine = (struct machine){.id = guid_new(), .name = mem_strdup(text)};
    machine->settings.cpus = 4;
    struct disk *disk = ARRAY_APPEND(machine->disks, machine->disk_count);
    disk->uuid = guid_new();
    disk->id = mem_strdup("vda");
    disk->path = mem_format("/images/%s.qcow2", text);
    disk->format = DISK_FORMAT_QCOW2;
    disk->virtual_size = 1 << 20;
    struct backing_file *backing = ARRAY_APPEND(disk->backing, disk->backing_count);
    backing->path = mem_format("/templates/%s.raw", text);
    backing->format = DISK_FORMAT_RAW;
    machine->domain_xml = mem_strdup("<domain>\xff</domain>");
}

static void test_round_trip_of_hostile_text(void **state)
{
    struct fixture *fixture = *state;
    struct error err = {0};
    lock_and_release(&fixture->store);
    for (size_t i = 0; i < ARRAY_LENGTH(hostile); i++) {
        struct machine written;
        struct machine read;
        make_machine(&written, hostile[i]);
        assert_true(store_write_machine(&fixture->store, &written, &err));
        assert_true(store_read_machine(&fixture->store, &written.id, &read, &err));
        assert_string_equal(read.name, written.name);
        assert_string_equal(read.disks[0].path, written.disks[0].path);
        assert_string_equal(read.disks[0].backing[0].path, written.disks[0].backing[0].path);
        assert_string_equal(read.domain_xml, written.domain_xml);
        assert_int_equal(read.disks[0].virtual_size, 1 << 20);
        machine_clear(&written);
        machine_clear(&read);
    }
    struct machine_list list;
    struct findings findings = {0};
    assert_true(store_list_machines(&fixture->store, &list, &findings, &err));
    assert_int_equal(list.count, ARRAY_LENGTH(hostile));
    assert_int_equal(findings.count, 0);
    machine_list_clear(&list);
}

static void test_a_store_that_is_not_there_is_empty(void **state)
{
    struct fixture *fixture = *state;
    struct error err = {0};
    struct machine_list machines;
    struct collection_list collections;
    assert_true(store_list_machines(&fixture->store, &machines, NULL, &err));
    assert_true(store_list_collections(&fixture->store, &collections, NULL, &err));
    assert_int_equal(machines.count + collections.count, 0);
    assert_int_equal(access(fixture->store.path, F_OK), -1);
    struct guid id = guid_new();
    struct machine machine;
    assert_false(store_read_machine(&fixture->store, &id, &machine, &err));
    assert_int_equal(err.code, RETURN_INVALID_PARAMETER);
}

static void overwrite(const char *store, const struct guid *id, const char *file, const char *text)
{
    CLEANUP_FREE char *path = mem_format("%s/machines/%s/%s", store, id->text, file);
    struct error err = {0};
    assert_true(fs_write_atomic(AT_FDCWD, path, text, strlen(text), 0600, &err));
}

static void test_a_broken_file_blocks_only_its_object(void **state)
{
    struct fixture *fixture = *state;
    struct error err = {0};
    struct machine good;
    struct machine bad;
    struct machine copied;
    lock_and_release(&fixture->store);
    make_machine(&good, "good");
    make_machine(&bad, "bad");
    make_machine(&copied, "copied");
    assert_true(store_write_machine(&fixture->store, &good, &err));
    assert_true(store_write_machine(&fixture->store, &bad, &err));
    overwrite(fixture->store.path, &bad.id, "machine.cfg", "name = \"x\";\nid = ;\n");
    /* A directory copied by hand: two objects claim one id. */
    struct guid other = guid_new();
    assert_true(store_write_machine(&fixture->store, &copied, &err));
    CLEANUP_FREE char *from = mem_format("%s/machines/%s", fixture->store.path, copied.id.text);
    CLEANUP_FREE char *to = mem_format("%s/machines/%s", fixture->store.path, other.text);
    assert_int_equal(rename(from, to), 0);

    struct machine_list list;
    struct findings findings = {0};
    assert_true(store_list_machines(&fixture->store, &list, &findings, &err));
    assert_int_equal(list.count, 1);
    assert_string_equal(list.items[0].name, "good");
    assert_int_equal(findings.count, 2);
    assert_int_equal(list.left_out.count, 2);
    bool salvaged = false;
    for (size_t i = 0; i < list.left_out.count; i++) {
        const struct damaged_record *damaged = &list.left_out.items[i];
        assert_non_null(damaged->problem);
        salvaged = salvaged ||
                   (guid_equal(&damaged->id, &bad.id) && damaged->name && strcmp(damaged->name, "x") == 0);
    }
    assert_true(salvaged);
    bool line_told = false;
    for (size_t i = 0; i < findings.count; i++)
        line_told = line_told ||
                    (strstr(findings.items[i], bad.id.text) && strstr(findings.items[i], "machine.cfg:2"));
    assert_true(line_told);
    struct machine read;
    assert_false(store_read_machine(&fixture->store, &bad.id, &read, &err));
    assert_int_equal(err.code, RETURN_INCORRECT_DATA_TYPE);
    assert_non_null(strstr(err.what, "damaged"));
    assert_non_null(strstr(err.next, "store check"));
    findings_clear(&findings);
    machine_list_clear(&list);
    machine_clear(&good);
    machine_clear(&bad);
    machine_clear(&copied);
}

static void make_point(struct reference_point *point, const struct guid *collection, uint64_t sequence)
{
    *point = (struct reference_point){
        .id = guid_new(),
        .collection_id = *collection,
        .collection_name = mem_strdup("c"),
        .name = mem_strdup("p"),
        .created = moment_now(),
        .sequence = sequence,
        .type = POINT_TYPE_LOG_BASED,
        .consistency_asked = CONSISTENCY_CRASH,
        .consistency_level = CONSISTENCY_CRASH,
        .has_associated_log = true,
    };
    struct member_point *member = ARRAY_APPEND(point->members, point->member_count);
    member->instance_id = guid_new();
    make_machine(&member->machine, "m");
    struct disk_point *disk = ARRAY_APPEND(member->disks, member->disk_count);
    disk->disk_uuid = member->machine.disks[0].uuid;
    disk->disk_id = mem_strdup("vda");
    disk->layer_path = mem_strdup("/images/\n.refpoint-1");
    disk->layer_format = DISK_FORMAT_QCOW2;
    disk->inode = UINT64_MAX - 1;
    disk->file_size = 4096;
    disk->modified = (struct moment){.seconds = 1700000000, .nanoseconds = 123456789};
}

static void test_points_in_order_whatever_the_clock_said(void **state)
{
    struct fixture *fixture = *state;
    struct error err = {0};
    struct collection collection = {.id = guid_new(), .name = mem_strdup("c")};
    *ARRAY_APPEND(collection.members, collection.member_count) = guid_new();
    lock_and_release(&fixture->store);
    assert_true(store_write_collection(&fixture->store, &collection, &err));
    struct object_path path = {.collection_id = collection.id};
    for (uint64_t i = 1; i <= 12; i++) {
        struct reference_point point;
        make_point(&point, &collection.id, i);
        point.created.seconds -= (int64_t)i * 1000;
        path.point_id = point.id;
        assert_true(store_write_point(&fixture->store, &point, &err));
        reference_point_clear(&point);
    }
    struct reference_point_list list;
    assert_true(store_list_points(&fixture->store, &collection.id, false, &list, NULL, &err));
    assert_int_equal(list.count, 12);
    for (size_t i = 0; i < list.count; i++) {
        assert_int_equal(list.items[i].sequence, 12 - i);
        assert_int_equal(list.items[i].member_count, 0);
    }
    reference_point_list_clear(&list);

    struct reference_point read;
    assert_true(store_read_point(&fixture->store, &path, &read, &err));
    assert_string_equal(read.members[0].disks[0].layer_path, "/images/\n.refpoint-1");
    assert_true(read.members[0].disks[0].inode == UINT64_MAX - 1);
    assert_int_equal(read.members[0].disks[0].modified.nanoseconds, 123456789);
    assert_string_equal(read.members[0].machine.domain_xml, "<domain>\xff</domain>");
    reference_point_clear(&read);

    size_t count = 0;
    assert_true(store_hide_point(&fixture->store, &path, &err));
    assert_true(store_count_points(&fixture->store, &collection.id, &count, &err));
    assert_int_equal(count, 11);
    assert_false(store_read_point(&fixture->store, &path, &read, &err));
    assert_true(store_remove_point(&fixture->store, &path, &err));
    assert_true(store_remove_point(&fixture->store, &path, &err));
    collection_clear(&collection);
}

/* Wherever it is cut: never a sound point with other properties, never one that was not there. */
static void test_a_cut_record_is_damaged(void **state)
{
    struct fixture *fixture = *state;
    struct error err = {0};
    struct collection collection = {.id = guid_new(), .name = mem_strdup("c")};
    struct reference_point point;
    lock_and_release(&fixture->store);
    assert_true(store_write_collection(&fixture->store, &collection, &err));
    make_point(&point, &collection.id, 1);
    assert_true(store_write_point(&fixture->store, &point, &err));
    CLEANUP_FREE char *directory =
        mem_format("%s/collections/%s/points/%s", fixture->store.path, collection.id.text, point.id.text);
    CLEANUP_FREE char *file = mem_format("%s/point.cfg", directory);
    CLEANUP_FREE char *text = NULL;
    assert_true(fs_read(AT_FDCWD, file, 1 << 20, &text, NULL, &err));
    /* The last bracket, and the semicolon and newline behind it, which say nothing. */
    size_t length = (size_t)(strrchr(text, ')') - text);
    const struct object_path path = {.point_id = point.id, .collection_id = collection.id};
    for (size_t cut = 0; cut <= length; cut++) {
        struct reference_point_list list;
        struct reference_point read;
        assert_true(fs_write_atomic(AT_FDCWD, file, text, cut, 0600, &err));
        assert_true(store_list_points(&fixture->store, &collection.id, false, &list, NULL, &err));
        if (list.count != 0 || list.left_out.count != 1)
            fail_msg("cut at %zu: %zu points, %zu damaged", cut, list.count, list.left_out.count);
        assert_true(guid_equal(&list.left_out.items[0].id, &point.id));
        assert_false(store_read_point(&fixture->store, &path, &read, &err));
        reference_point_list_clear(&list);
    }
    reference_point_clear(&point);
    collection_clear(&collection);
}

static void test_what_is_no_file_or_directory_is_damaged(void **state)
{
    struct fixture *fixture = *state;
    struct error err = {0};
    struct collection collection = {.id = guid_new(), .name = mem_strdup("c")};
    struct reference_point point;
    struct reference_point_list list;
    struct reference_point read;
    lock_and_release(&fixture->store);
    assert_true(store_write_collection(&fixture->store, &collection, &err));
    make_point(&point, &collection.id, 1);
    assert_true(store_write_point(&fixture->store, &point, &err));
    CLEANUP_FREE char *directory =
        mem_format("%s/collections/%s/points/%s", fixture->store.path, collection.id.text, point.id.text);
    CLEANUP_FREE char *file = mem_format("%s/point.cfg", directory);
    const struct object_path path = {.point_id = point.id, .collection_id = collection.id};
    assert_int_equal(unlink(file) | mkfifo(file, 0600), 0);
    assert_true(store_list_points(&fixture->store, &collection.id, false, &list, NULL, &err));
    assert_int_equal(list.count, 0);
    assert_int_equal(list.left_out.count, 1);
    assert_null(list.left_out.items[0].name);
    reference_point_list_clear(&list);
    /* The directory itself. */
    struct findings findings = {0};
    assert_true(fs_remove_tree(AT_FDCWD, directory, &err));
    assert_int_equal(mkfifo(directory, 0600), 0);
    assert_true(store_list_points(&fixture->store, &collection.id, false, &list, &findings, &err));
    assert_int_equal(list.left_out.count, 1);
    assert_non_null(strstr(list.left_out.items[0].problem, "is no directory"));
    assert_int_equal(findings.count, 1);
    assert_false(store_read_point(&fixture->store, &path, &read, &err));
    assert_string_equal(err.key, "store.object");
    findings_clear(&findings);
    reference_point_list_clear(&list);
    reference_point_clear(&point);
    collection_clear(&collection);
}

static void test_sweep_removes_what_crashes_leave(void **state)
{
    struct fixture *fixture = *state;
    struct error err = {0};
    struct machine machine;
    lock_and_release(&fixture->store);
    make_machine(&machine, "kept");
    assert_true(store_write_machine(&fixture->store, &machine, &err));
    CLEANUP_FREE char *fresh = mem_format("%s/machines/.new-%s", fixture->store.path, machine.id.text);
    CLEANUP_FREE char *gone = mem_format("%s/machines/.gone-%s", fixture->store.path, machine.id.text);
    CLEANUP_FREE char *part =
        mem_format("%s/machines/%s/machine.cfg.12345678.tmp", fixture->store.path, machine.id.text);
    assert_int_equal(mkdir(fresh, 0700) | mkdir(gone, 0700), 0);
    CLEANUP_FREE char *inside = mem_format("%s/machine.cfg", gone);
    assert_true(fs_write_atomic(AT_FDCWD, inside, "x", 1, 0600, &err));
    assert_true(fs_write_atomic(AT_FDCWD, part, "x", 1, 0600, &err));
    struct machine_list list;
    assert_true(store_list_machines(&fixture->store, &list, NULL, &err));
    assert_int_equal(list.count, 1);
    machine_list_clear(&list);
    assert_true(store_sweep(&fixture->store, &err));
    assert_int_equal(access(fresh, F_OK), -1);
    assert_int_equal(access(gone, F_OK), -1);
    assert_int_equal(access(part, F_OK), -1);
    struct machine read;
    assert_true(store_read_machine(&fixture->store, &machine.id, &read, &err));
    machine_clear(&read);
    machine_clear(&machine);
}

static void test_lock_keeps_others_out(void **state)
{
    struct fixture *fixture = *state;
    struct error err = {0};
    int lock = -1;
    int again = -1;
    assert_true(store_lock(&fixture->store, &lock, &err));
    pid_t child = fork();
    if (child == 0)
        _exit(store_lock(&fixture->store, &again, &err) ? 0 : (err.code == RETURN_IN_USE ? 7 : 8));
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(WEXITSTATUS(status), 7);
    close(lock);
    lock_and_release(&fixture->store);
}

/* Objects are written without fsync here: only the listing is looked at. */
static void write_plain(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void test_listing_thousands(void **state)
{
    struct fixture *fixture = *state;
    struct error err = {0};
    const size_t total = getenv("REFPOINT_TEST_MANY") ? 10000 : 2000;
    struct collection collection = {.id = guid_new(), .name = mem_strdup("c")};
    *ARRAY_APPEND(collection.members, collection.member_count) = guid_new();
    lock_and_release(&fixture->store);
    assert_true(store_write_collection(&fixture->store, &collection, &err));
    struct reference_point point;
    make_point(&point, &collection.id, 1);
    assert_true(store_write_point(&fixture->store, &point, &err));
    CLEANUP_FREE char *points =
        mem_format("%s/collections/%s/points", fixture->store.path, collection.id.text);
    CLEANUP_FREE char *name = mem_format("%s/%s/point.cfg", points, point.id.text);
    CLEANUP_FREE char *text = NULL;
    assert_true(fs_read(AT_FDCWD, name, 1 << 20, &text, NULL, &err));
    char *at = strstr(text, point.id.text);
    for (size_t i = 1; i < total; i++) {
        struct guid id = guid_new();
        memcpy(at, id.text, 36);
        CLEANUP_FREE char *directory = mem_format("%s/%s", points, id.text);
        CLEANUP_FREE char *file = mem_format("%s/point.cfg", directory);
        assert_int_equal(mkdir(directory, 0700), 0);
        write_plain(file, text);
    }
    struct reference_point_list list;
    int64_t start = monotonic_milliseconds();
    assert_true(store_list_points(&fixture->store, &collection.id, false, &list, NULL, &err));
    print_message("%zu points listed in %lld ms\n", list.count,
                  (long long)(monotonic_milliseconds() - start));
    assert_int_equal(list.count, total);
    reference_point_list_clear(&list);
    reference_point_clear(&point);
    collection_clear(&collection);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_round_trip_of_hostile_text, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_store_that_is_not_there_is_empty, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_broken_file_blocks_only_its_object, setup, teardown),
        cmocka_unit_test_setup_teardown(test_points_in_order_whatever_the_clock_said, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_cut_record_is_damaged, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_is_no_file_or_directory_is_damaged, setup, teardown),
        cmocka_unit_test_setup_teardown(test_sweep_removes_what_crashes_leave, setup, teardown),
        cmocka_unit_test_setup_teardown(test_lock_keeps_others_out, setup, teardown),
        cmocka_unit_test_setup_teardown(test_listing_thousands, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
