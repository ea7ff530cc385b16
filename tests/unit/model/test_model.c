/* Values, WMI paths, and the records that the store and packages hold. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/model/cfg.h"
#include "core/model/model.h"

#define POINT "11111111-2222-3333-4444-555555555555"
#define COLLECTION "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
#define DIGEST "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static struct guid guid_of(const char *text)
{
    struct guid guid = {0};
    assert_true(guid_parse(&guid, text));
    return guid;
}

static void test_words(void **state)
{
    (void)state;
    enum disk_format format;
    enum compression compression;
    assert_true(disk_format_parse(&format, "raw") && format == DISK_FORMAT_RAW);
    assert_true(disk_format_parse(&format, "qcow2") && format == DISK_FORMAT_QCOW2);
    assert_false(disk_format_parse(&format, "QCOW2"));
    assert_false(disk_format_parse(&format, ""));
    assert_string_equal(disk_format_word(DISK_FORMAT_RAW), "raw");
    assert_string_equal(disk_format_word(DISK_FORMAT_QCOW2), "qcow2");
    assert_true(compression_parse(&compression, "zstd") && compression == COMPRESSION_ZSTD);
    assert_true(compression_parse(&compression, "none") && compression == COMPRESSION_NONE);
    assert_false(compression_parse(&compression, "zlib"));
    assert_string_equal(compression_word(COMPRESSION_NONE), "none");
    assert_string_equal(compression_word(COMPRESSION_ZSTD), "zstd");
    assert_true(export_options_default().verify);
}

#define CLASS "Msvm_ReferencePointCollection."
#define KEY_1(id) "CollectionID=\"" id "\""
#define KEY_2(id) "VirtualSystemCollectionId=\"" id "\""

static void test_object_path(void **state)
{
    (void)state;
    static const char *const good[] = {
        CLASS KEY_1(POINT) "," KEY_2(COLLECTION),
        CLASS KEY_2(COLLECTION) "," KEY_1(POINT),
        "root/virtualization/v2:" CLASS KEY_1(POINT) "," KEY_2(COLLECTION),
        "\\\\HOST.example\\root\\virtualization\\v2:msvm_referencepointcollection.collectionid=\"{" POINT
        "}\",virtualsystemcollectionid=\"AAAAAAAA-BBBB-CCCC-DDDD-EEEEEEEEEEEE\"",
        " " CLASS KEY_1("\\" POINT) "," KEY_2(COLLECTION) "\n",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(good); i++) {
        struct object_path path = {0};
        assert_true(object_path_parse(&path, good[i]));
        assert_string_equal(path.point_id.text, POINT);
        assert_string_equal(path.collection_id.text, COLLECTION);
        CLEANUP_FREE char *text = object_path_format(&path);
        assert_string_equal(text, good[0]);
        assert_false(object_path_is_none(&path));
    }
    assert_true(object_path_is_none(&(struct object_path){0}));
}

static void test_object_path_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "x",
        ":",
        "Msvm_ReferencePointCollection",
        CLASS,
        CLASS KEY_1(POINT),
        CLASS KEY_1(POINT) "," KEY_1(POINT),
        CLASS KEY_1(POINT) ",VirtualSystemCollectionId=\"" COLLECTION,
        CLASS KEY_1(POINT) ",VirtualSystemCollectionId=\"\\",
        CLASS KEY_1(POINT) "," KEY_2(""),
        CLASS KEY_1(POINT) "," KEY_2(COLLECTION) "x",
        CLASS KEY_1(POINT) "," KEY_2(COLLECTION "0000000000000000000000000000000000000000"),
        "Msvm_VirtualSystemCollection." KEY_1(POINT) "," KEY_2(COLLECTION),
        "<wsa:EndpointReference/>",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        struct object_path path = {0};
        assert_false(object_path_parse(&path, bad[i]));
        assert_true(object_path_is_none(&path));
    }
}

static void fill_machine(struct machine *machine)
{
    machine->id = guid_new();
    machine->name = mem_strdup("../../x \"q\" \\ \x1b[31m h\xc3\xb6rt \xff\n");
    machine->settings = (struct machine_settings){.cpus = UINT32_MAX,
                                                  .memory = (uint64_t)INT64_MAX,
                                                  .firmware = mem_strdup("efi"),
                                                  .architecture = mem_strdup("x86_64"),
                                                  .machine_type = mem_strdup("pc-q35-7.2")};
    for (int i = 0; i < 2; i++) {
        struct disk *disk = ARRAY_APPEND(machine->disks, machine->disk_count);
        *disk = (struct disk){.uuid = guid_new(),
                              .id = mem_format("vd%c", 'a' + i),
                              .path = mem_strdup("/images/with space, colon: and\nnewline"),
                              .format = i ? DISK_FORMAT_RAW : DISK_FORMAT_QCOW2,
                              .virtual_size = i ? 1 : (uint64_t)INT64_MAX};
    }
    struct disk *first = &machine->disks[0];
    *ARRAY_APPEND(first->backing, first->backing_count) =
        (struct backing_file){.path = mem_strdup("../template.qcow2"), .format = DISK_FORMAT_QCOW2};
    *ARRAY_APPEND(first->backing, first->backing_count) =
        (struct backing_file){.path = mem_strdup("/t/base.raw"),
                              .format = DISK_FORMAT_RAW,
                              .file_size = 5000000000,
                              .modified = {.seconds = 1790208000, .nanoseconds = 7}};
    *ARRAY_APPEND(machine->adapters, machine->adapter_count) =
        (struct network_adapter){.mac = mem_strdup("52:54:00:12:34:56"), .model = mem_strdup("")};
}

static void assert_text_same(const char *left, const char *right)
{
    assert_int_equal(!left, !right);
    if (left)
        assert_string_equal(left, right);
}

static void assert_disk_same(const struct disk *left, const struct disk *right)
{
    assert_true(guid_equal(&left->uuid, &right->uuid));
    assert_text_same(left->id, right->id);
    assert_text_same(left->path, right->path);
    assert_int_equal(left->format, right->format);
    assert_int_equal(left->virtual_size, right->virtual_size);
    assert_int_equal(left->backing_count, right->backing_count);
    for (size_t i = 0; i < left->backing_count; i++) {
        assert_text_same(left->backing[i].path, right->backing[i].path);
        assert_int_equal(left->backing[i].format, right->backing[i].format);
        assert_int_equal(left->backing[i].file_size, right->backing[i].file_size);
        assert_int_equal(moment_compare(left->backing[i].modified, right->backing[i].modified), 0);
    }
}

static void assert_machine_same(const struct machine *left, const struct machine *right)
{
    assert_true(guid_equal(&left->id, &right->id));
    assert_text_same(left->name, right->name);
    assert_int_equal(left->settings.cpus, right->settings.cpus);
    assert_int_equal(left->settings.memory, right->settings.memory);
    assert_text_same(left->settings.firmware, right->settings.firmware);
    assert_text_same(left->settings.architecture, right->settings.architecture);
    assert_text_same(left->settings.machine_type, right->settings.machine_type);
    assert_int_equal(left->disk_count, right->disk_count);
    for (size_t i = 0; i < left->disk_count; i++)
        assert_disk_same(&left->disks[i], &right->disks[i]);
    assert_int_equal(left->adapter_count, right->adapter_count);
    for (size_t i = 0; i < left->adapter_count; i++) {
        assert_text_same(left->adapters[i].mac, right->adapters[i].mac);
        assert_text_same(left->adapters[i].network, right->adapters[i].network);
        assert_text_same(left->adapters[i].model, right->adapters[i].model);
    }
}

/* Turns a configuration into text and reads that text again. */
static void through_text(const config_t *written, config_t *read_back)
{
    struct error err = {0};
    CLEANUP_FREE char *text = cfg_text(written);
    if (!cfg_parse(read_back, text, strlen(text), "record", &err))
        fail_msg("%s", err.what);
}

static void test_machine_round_trip(void **state)
{
    (void)state;
    struct error err = {0};
    struct machine machine = {0};
    struct machine copy = {0};
    struct machine again = {0};
    config_t written;
    config_t read_back;
    fill_machine(&machine);
    machine.domain_xml = mem_strdup("<domain/>");
    machine_copy(&copy, &machine);
    assert_machine_same(&machine, &copy);
    assert_string_equal(copy.domain_xml, "<domain/>");
    assert_ptr_not_equal(copy.disks[0].backing, machine.disks[0].backing);
    machine_clear(&machine);
    assert_null(machine.disks);

    config_init(&written);
    machine_to_cfg(&copy, config_root_setting(&written));
    through_text(&written, &read_back);
    assert_true(machine_from_cfg(&again, config_root_setting(&read_back), &err));
    assert_machine_same(&copy, &again);
    assert_null(again.domain_xml);
    config_destroy(&written);
    config_destroy(&read_back);
    machine_clear(&copy);
    machine_clear(&again);
}

static void fill_point(struct reference_point *point, struct moment created, uint64_t inode)
{
    *point = (struct reference_point){.id = guid_of(POINT),
                                      .collection_id = guid_of(COLLECTION),
                                      .collection_name = mem_strdup("shop"),
                                      .name = mem_strdup("before update"),
                                      .created = created,
                                      .sequence = 7,
                                      .type = POINT_TYPE_LOG_BASED,
                                      .consistency_asked = CONSISTENCY_APPLICATION,
                                      .consistency_level = CONSISTENCY_CRASH,
                                      .has_associated_log = true,
                                      .virtual_size = 1,
                                      .log_size = 2};
    struct member_point *member = ARRAY_APPEND(point->members, point->member_count);
    member->instance_id = guid_new();
    fill_machine(&member->machine);
    for (size_t i = 0; i < member->machine.disk_count; i++) {
        *ARRAY_APPEND(member->disks, member->disk_count) = (struct disk_point){
            .disk_uuid = member->machine.disks[i].uuid,
            .disk_id = mem_strdup(member->machine.disks[i].id),
            .layer_path = i ? NULL : mem_strdup("/images/.refpoint-0"),
            .layer_format = DISK_FORMAT_QCOW2,
            .virtual_size = 512,
            .device = 64768,
            .inode = inode,
            .file_size = 4096,
            .modified = created,
            .touched = i ? (struct touch){0}
                         : (struct touch){.at = {1790208001, 7}, .owner = 4294967295, .group = 7},
            .content_sha256 = i ? NULL : mem_strdup(DIGEST),
            .unproven = i == 0,
            .unproven_since = i ? (struct moment){0} : created};
    }
}

static void assert_moment_same(struct moment left, struct moment right)
{
    assert_true(left.seconds == right.seconds);
    assert_int_equal(left.nanoseconds, right.nanoseconds);
}

static void assert_member_same(const struct member_point *left, const struct member_point *right)
{
    assert_true(guid_equal(&left->instance_id, &right->instance_id));
    assert_machine_same(&left->machine, &right->machine);
    assert_int_equal(left->disk_count, right->disk_count);
    for (size_t i = 0; i < left->disk_count; i++) {
        const struct disk_point *a = &left->disks[i];
        const struct disk_point *b = &right->disks[i];
        assert_true(guid_equal(&a->disk_uuid, &b->disk_uuid));
        assert_text_same(a->disk_id, b->disk_id);
        assert_text_same(a->layer_path, b->layer_path);
        assert_int_equal(a->layer_format, b->layer_format);
        assert_int_equal(a->virtual_size, b->virtual_size);
        assert_true(a->device == b->device && a->inode == b->inode);
        assert_int_equal(a->file_size, b->file_size);
        assert_moment_same(a->modified, b->modified);
        assert_true(touch_equal(&a->touched, &b->touched));
        assert_text_same(a->content_sha256, b->content_sha256);
        assert_int_equal(a->unproven, b->unproven);
        assert_moment_same(a->unproven_since, b->unproven_since);
    }
}

static void assert_point_same(const struct reference_point *left, const struct reference_point *right)
{
    assert_true(guid_equal(&left->id, &right->id));
    assert_true(guid_equal(&left->collection_id, &right->collection_id));
    assert_text_same(left->collection_name, right->collection_name);
    assert_text_same(left->name, right->name);
    assert_moment_same(left->created, right->created);
    assert_int_equal(left->sequence, right->sequence);
    assert_int_equal(left->type, right->type);
    assert_int_equal(left->consistency_asked, right->consistency_asked);
    assert_int_equal(left->consistency_level, right->consistency_level);
    assert_int_equal(left->has_associated_log, right->has_associated_log);
    assert_int_equal(left->virtual_size, right->virtual_size);
    assert_int_equal(left->log_size, right->log_size);
    assert_int_equal(left->member_count, right->member_count);
    for (size_t i = 0; i < left->member_count; i++)
        assert_member_same(&left->members[i], &right->members[i]);
}

static void round_trip_point(struct moment created, uint64_t inode)
{
    struct error err = {0};
    struct reference_point point = {0};
    struct reference_point copy = {0};
    struct reference_point again = {0};
    struct reference_point bare = {0};
    config_t written;
    config_t read_back;
    fill_point(&point, created, inode);
    reference_point_copy(&copy, &point);
    assert_point_same(&copy, &point);
    config_init(&written);
    reference_point_to_cfg(&copy, true, config_root_setting(&written));
    through_text(&written, &read_back);
    if (!reference_point_from_cfg(&again, true, config_root_setting(&read_back), &err))
        fail_msg("%s", err.what);
    assert_point_same(&copy, &again);
    assert_true(reference_point_from_cfg(&bare, false, config_root_setting(&read_back), &err));
    assert_int_equal(bare.member_count, 0);
    assert_text_same(bare.name, point.name);
    config_destroy(&written);
    config_destroy(&read_back);
    reference_point_clear(&point);
    reference_point_clear(&copy);
    reference_point_clear(&again);
    reference_point_clear(&bare);
}

/* Times within and outside what RFC 3339 can say; inode numbers of 63 and of 64 bits. */
static void test_a_copy_grows(void **state)
{
    (void)state;
    struct machine machine = {.name = mem_strdup("m")};
    for (size_t count = 0; count < 9; count++) {
        struct machine copy;
        machine_copy(&copy, &machine);
        struct disk *disk = ARRAY_APPEND(copy.disks, copy.disk_count);
        disk->id = mem_strdup("behind");
        assert_int_equal(copy.disk_count, count + 1);
        machine_clear(&copy);
        disk = ARRAY_APPEND(machine.disks, machine.disk_count);
        disk->id = mem_strdup("vda");
    }
    machine_clear(&machine);
}

static void test_point_round_trip(void **state)
{
    (void)state;
    static const struct moment moments[] = {
        {1790208000, 123456789},
        {0, 0},
        {0, 1},
        {-1, 999999999},
        {-9000000000, 5},
        {6000000000000, 0},
        {-99999999999, 0},
        {INT64_MAX, 999999999},
    };
    static const uint64_t inodes[] = {42, INT64_MAX, (uint64_t)INT64_MAX + 1, UINT64_MAX};
    static const char *const zones[] = {"UTC", "Europe/Berlin", "Asia/Kathmandu", "America/New_York"};
    for (size_t zone = 0; zone < ARRAY_LENGTH(zones); zone++) {
        setenv("TZ", zones[zone], 1);
        tzset();
        for (size_t i = 0; i < ARRAY_LENGTH(moments); i++)
            round_trip_point(moments[i], inodes[i % ARRAY_LENGTH(inodes)]);
    }
    unsetenv("TZ");
    tzset();
}

static void test_collection_round_trip(void **state)
{
    (void)state;
    struct error err = {0};
    struct collection collection = {.id = guid_of(COLLECTION), .name = mem_strdup("shop")};
    struct collection copy = {0};
    struct collection again = {0};
    config_t written;
    config_t read_back;
    for (int i = 0; i < 5; i++)
        *ARRAY_APPEND(collection.members, collection.member_count) = guid_new();
    collection_copy(&copy, &collection);
    collection_clear(&collection);
    config_init(&written);
    collection_to_cfg(&copy, config_root_setting(&written));
    through_text(&written, &read_back);
    assert_true(collection_from_cfg(&again, config_root_setting(&read_back), &err));
    assert_string_equal(again.name, "shop");
    assert_true(guid_equal(&again.id, &copy.id));
    assert_int_equal(again.member_count, 5);
    for (size_t i = 0; i < 5; i++)
        assert_true(guid_equal(&again.members[i], &copy.members[i]));
    config_destroy(&written);
    config_destroy(&read_back);
    collection_clear(&copy);
    collection_clear(&again);
}

/* An operator mends these files: names stay letters, not escapes. */
static void test_record_is_readable(void **state)
{
    (void)state;
    struct collection collection = {.id = guid_of(COLLECTION), .name = mem_strdup("B\xc3\xbcro")};
    config_t written;
    config_init(&written);
    collection_to_cfg(&collection, config_root_setting(&written));
    CLEANUP_FREE char *text = cfg_text(&written);
    assert_non_null(strstr(text, "name = \"B\xc3\xbcro\""));
    config_destroy(&written);
    collection_clear(&collection);
}

#define DISK_A "{uuid=\"" POINT "\";id=\"vda\";path=\"/a\";format=\"raw\";}"
#define DISK_B(id, uuid, path, more) "{uuid=\"" uuid "\";id=\"" id "\";path=\"" path "\";" more "}"
#define RAW "format=\"raw\";"
#define MACHINE "id=\"" COLLECTION "\";name=\"m\";"

struct refusal {
    const char *text;
    const char *part; /* of the sentence */
};

static void assert_refused(bool ok, const struct error *err, const struct refusal *refusal)
{
    assert_false(ok);
    assert_int_equal(err->code, RETURN_INCORRECT_DATA_TYPE);
    assert_string_equal(err->key, "record.member");
    if (!strstr(err->what, refusal->part))
        fail_msg("\"%s\" does not say \"%s\"", err->what, refusal->part);
    assert_string_not_equal(err->next, "");
}

static void test_machine_refused(void **state)
{
    (void)state;
    static const struct refusal cases[] = {
        {"name=\"m\";", "\"id\" is missing"},
        {"id=\"1\";name=\"m\";", "line 1: \"id\" is not an id"},
        {"id=5;name=\"m\";", "\"id\" is not an id"},
        {"id=\"" POINT "\";\nname=5;", "line 2: \"name\" is not text"},
        {"id=\"" POINT "\";name=\"\";", "\"name\" is empty"},
        {"id=\"" POINT "\";", "\"name\" is missing"},
        {MACHINE "cpus=-1;", "\"cpus\" is not a number from 0"},
        {MACHINE "cpus=4294967296L;", "\"cpus\" is not a number from 0 to 4294967295"},
        {MACHINE "memory=\"2G\";", "\"memory\" is not a number"},
        {MACHINE "memory=1.5;", "\"memory\" is not a number"},
        {MACHINE "disks=5;", "\"disks\" is not a list"},
        {MACHINE "disks=(5);", "\"disks[0]\" is not a group"},
        {MACHINE "disks=({});", "\"disks[0].uuid\" is missing"},
        {MACHINE "disks=(" DISK_A "," DISK_B("vdb", COLLECTION, "b", RAW) ");",
         "\"disks[1].path\" is not an absolute path"},
        {MACHINE "disks=(" DISK_A "," DISK_B("vda", COLLECTION, "/b", RAW) ");",
         "\"disks[1].id\" is already"},
        {MACHINE "disks=(" DISK_A "," DISK_B("vdb", POINT, "/b", RAW) ");", "\"disks[1].uuid\" is already"},
        {MACHINE "disks=(" DISK_B("vda", POINT, "/a", "format=\"vmdk\";") ");",
         "\"disks[0].format\" is neither"},
        {MACHINE "disks=(" DISK_B("vda", POINT, "/a", "") ");", "\"disks[0].format\" is missing"},
        {MACHINE "disks=(" DISK_B("vda", POINT, "/a", RAW "backing=({path=\"x\";});") ");",
         "\"disks[0].backing[0].format\" is missing"},
        {MACHINE "adapters=({mac=1;});", "\"adapters[0].mac\" is not text"},
        {MACHINE "cpus=2;", "\"disks\" is missing"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct error err = {0};
        struct machine machine = {0};
        config_t config;
        assert_true(cfg_parse(&config, cases[i].text, strlen(cases[i].text), "record", &err));
        assert_refused(machine_from_cfg(&machine, config_root_setting(&config), &err), &err, &cases[i]);
        assert_null(machine.name);
        assert_null(machine.disks);
        config_destroy(&config);
    }
}

#define RECORD "id=\"" POINT "\";collection_id=\"" COLLECTION "\";name=\"p\";"
#define MEMBER "instance_id=\"" POINT "\";machine={" MACHINE "disks=(" DISK_A ");};"
#define LAYERS(uuid, more) "disks=({disk_uuid=\"" uuid "\";disk_id=\"vda\";layer_format=\"raw\";" more "});"

#define KNOWN                                                                                                \
    "created=\"2026-09-24T02:00:00+02:00\";sequence=1;reference_point_type=1;consistency_asked=2;"           \
    "consistency_level=2;"

static void test_point_refused(void **state)
{
    (void)state;
    static const struct refusal cases[] = {
        {"id=\"" POINT "\";name=\"p\";", "\"collection_id\" is missing"},
        {RECORD "created=\"yesterday\";", "\"created\" is not a time"},
        {RECORD "created=\"@12\";", "\"created\" is not a time"},
        {RECORD "created=\"@99999999999999999999.000000000\";", "\"created\" is not a time"},
        {RECORD "created=5;", "\"created\" is not a time"},
        {RECORD "has_associated_log=1;", "\"has_associated_log\" is neither true nor false"},
        {RECORD "members=({});", "\"members[0].machine\" is missing"},
        {RECORD "members=({" MEMBER "});", "\"members[0].disks\" does not list every disk"},
        {RECORD "members=({" MEMBER LAYERS(POINT, "inode=\"0x1\";") "});",
         "\"members[0].disks[0].inode\" is neither a number"},
        {RECORD "members=({" MEMBER LAYERS(POINT, "layer_path=\"rel\";") "});",
         "\"members[0].disks[0].layer_path\" is not an absolute path"},
        {RECORD "members=({" MEMBER LAYERS(POINT, "content_sha256=\"12\";") "});",
         "\"members[0].disks[0].content_sha256\" is not 64 hexadecimal digits"},
        {RECORD "members=({" MEMBER LAYERS(COLLECTION, "") "});",
         "\"members[0].disks[0].disk_uuid\" is not the uuid"},
        {RECORD "members=({" MEMBER LAYERS(POINT, "") "},{" MEMBER LAYERS(POINT, "") "});",
         "\"members[1].machine\" is in the list twice"},
        {RECORD "members=();", "\"sequence\" is missing"},
        {RECORD KNOWN "members=();", "\"has_associated_log\" is missing"},
        {RECORD KNOWN "has_associated_log=true;virtual_size=1;log_size=1;", "\"members\" is missing"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct error err = {0};
        struct reference_point point = {0};
        config_t config;
        assert_true(cfg_parse(&config, cases[i].text, strlen(cases[i].text), "record", &err));
        assert_refused(reference_point_from_cfg(&point, true, config_root_setting(&config), &err), &err,
                       &cases[i]);
        assert_null(point.members);
        config_destroy(&config);
    }
}

#define SHOP "id=\"" POINT "\";name=\"c\";"

static void test_collection_refused(void **state)
{
    (void)state;
    static const struct refusal cases[] = {
        {SHOP "members=(5);", "\"members[0]\" is not an id"},
        {SHOP "members=(\"" POINT "\",\"" POINT "\");", "\"members[1]\" is in the list"},
        {SHOP "members={};", "\"members\" is not a list"},
        {SHOP, "\"members\" is missing"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct error err = {0};
        struct collection collection = {0};
        config_t config;
        assert_true(cfg_parse(&config, cases[i].text, strlen(cases[i].text), "record", &err));
        assert_refused(collection_from_cfg(&collection, config_root_setting(&config), &err), &err, &cases[i]);
        config_destroy(&config);
    }
}

static void test_request_copy(void **state)
{
    (void)state;
    struct export_request request = {.point = {guid_of(POINT), guid_of(COLLECTION)},
                                     .directory = mem_strdup("/exports"),
                                     .options = export_options_default()};
    struct export_request copy = {0};
    struct machine_to_disks *machine =
        ARRAY_APPEND(request.settings.machines, request.settings.machine_count);
    machine->machine_id = mem_strdup("web");
    *ARRAY_APPEND(machine->disks, machine->disk_count) = mem_strdup("vda");
    *ARRAY_APPEND(request.options.base_packages, request.options.base_package_count) = mem_strdup("/old");
    export_request_copy(&copy, &request);
    export_request_clear(&request);
    assert_string_equal(copy.directory, "/exports");
    assert_string_equal(copy.point.point_id.text, POINT);
    assert_string_equal(copy.settings.machines[0].machine_id, "web");
    assert_string_equal(copy.settings.machines[0].disks[0], "vda");
    assert_string_equal(copy.options.base_packages[0], "/old");
    assert_true(copy.options.verify);
    export_request_clear(&copy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_copy_grows),          cmocka_unit_test(test_words),
        cmocka_unit_test(test_object_path),           cmocka_unit_test(test_object_path_refused),
        cmocka_unit_test(test_machine_round_trip),    cmocka_unit_test(test_point_round_trip),
        cmocka_unit_test(test_collection_round_trip), cmocka_unit_test(test_record_is_readable),
        cmocka_unit_test(test_machine_refused),       cmocka_unit_test(test_point_refused),
        cmocka_unit_test(test_collection_refused),    cmocka_unit_test(test_request_copy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
