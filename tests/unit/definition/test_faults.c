/* Definitions by which libvirt would start a machine on something else than its disks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/definition/domain_xml.h"
#include "core/definition/faults.h"

#define DOMAIN(devices) "<domain><name>m</name><devices>" devices "</devices></domain>"
#define QCOW2 "<driver name='qemu' type='qcow2'/>"
#define FILE_A "<source file='/a'/>"
#define VDA "<target dev='vda'/>"
#define VDB_GOOD "<disk><driver type='raw'/><source file='/b'/><target dev='vdb'/></disk>"
#define CHAIN "names the chain of disk vda itself (<backingStore>), and would not see the layers of a point"

static char vda[] = "vda";
static char vdb[] = "vdb";
static char path_a[] = "/a";
static char path_b[] = "/b";
static struct disk disks[] = {{.id = vda, .path = path_a, .format = DISK_FORMAT_QCOW2},
                              {.id = vdb, .path = path_b, .format = DISK_FORMAT_RAW}};
static const struct machine machine = {.disks = disks, .disk_count = 2};

static const struct {
    const char *text;
    size_t count;
    int kind; /* of the first */
    const char *what;
} cases[] = {
    {DOMAIN("<disk>" QCOW2 FILE_A VDA "</disk>" VDB_GOOD), 0, 0, NULL},
    {DOMAIN("<disk type='file' device='disk'>" QCOW2 "<source file='/a' index='1'/>" VDA
            "<alias name='x'/></disk>" VDB_GOOD "<disk><target dev='vdc'/></disk>"),
     0, 0, NULL},
    {DOMAIN("<disk>" QCOW2 FILE_A "<backingStore/>" VDA "</disk>" VDB_GOOD), 1, DEFINITION_FIXES_CHAIN,
     CHAIN},
    {DOMAIN("<disk>" QCOW2 FILE_A "<backingStore type='file' index='2'><format type='qcow2'/>"
            "<source file='/base'/><backingStore/></backingStore>" VDA "</disk>" VDB_GOOD),
     1, DEFINITION_FIXES_CHAIN, CHAIN},
    {DOMAIN("<disk><driver type='raw'/>" FILE_A VDA "</disk>" VDB_GOOD), 1, DEFINITION_FORMAT,
     "says that disk vda is raw, and its image is qcow2"},
    {DOMAIN("<disk><driver name='qemu'/>" FILE_A VDA "</disk>" VDB_GOOD), 1, DEFINITION_FORMAT,
     "does not give the format of disk vda, which is qcow2"},
    {DOMAIN("<disk>" QCOW2 "<source file='/a.snap1'/>" VDA "</disk>" VDB_GOOD), 1, DEFINITION_PATH,
     "has /a.snap1 as disk vda, whose image is /a"},
    {DOMAIN("<disk type='volume'>" QCOW2 "<source pool='p' volume='v'/>" VDA "</disk>" VDB_GOOD), 1,
     DEFINITION_PATH, "has disk vda of the type \"volume\", and its image is the file /a"},
    {DOMAIN("<disk type='block'>" QCOW2 "<source dev='/a' file='/a'/>" VDA "</disk>" VDB_GOOD), 1,
     DEFINITION_PATH, "has disk vda of the type \"block\", and its image is the file /a"},
    {DOMAIN("<disk>" QCOW2 VDA "</disk>" VDB_GOOD), 1, DEFINITION_PATH,
     "has nothing as disk vda, whose image is /a"},
    {DOMAIN("<disk>" QCOW2 FILE_A "<target dev='sda'/></disk>" VDB_GOOD), 1, DEFINITION_NO_DISK,
     "has no disk vda"},
    {DOMAIN("<disk><driver type='raw'/><source file='/x'/><backingStore/>" VDA "</disk>" VDB_GOOD), 3,
     DEFINITION_FIXES_CHAIN, CHAIN},
    {"<domain><name>m</name></domain>", 2, DEFINITION_NO_DISK, "has no disk vda"},
};

static void test_faults(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct error err = {0};
        struct definition_fault *faults = NULL;
        size_t count = 99;
        if (!definition_faults(cases[i].text, &machine, &faults, &count, &err))
            fail_msg("%s: %s", cases[i].text, err.what);
        assert_int_equal(count, cases[i].count);
        if (count > 0) {
            assert_string_equal(faults[0].disk, "vda");
            assert_int_equal(faults[0].kind, cases[i].kind);
            assert_string_equal(faults[0].what, cases[i].what);
        }
        definition_faults_free(faults, count);
    }
}

static void test_second_disk(void **state)
{
    (void)state;
    struct error err = {0};
    struct definition_fault *faults = NULL;
    size_t count = 0;
    assert_true(definition_faults(DOMAIN("<disk>" QCOW2 FILE_A VDA "</disk><disk>" QCOW2
                                         "<source file='/b'/><target dev='vdb'/><backingStore/></disk>"),
                                  &machine, &faults, &count, &err));
    assert_int_equal(count, 2);
    assert_string_equal(faults[0].disk, "vdb");
    assert_int_equal(faults[0].kind, DEFINITION_FIXES_CHAIN);
    assert_int_equal(faults[1].kind, DEFINITION_FORMAT);
    definition_faults_free(faults, count);
}

static void test_as_it_was_read(void **state)
{
    (void)state;
    struct error err = {0};
    struct machine read = {0};
    struct definition_fault *faults = NULL;
    size_t count = 0;
    assert_true(domain_xml_read(&read, cases[0].text, &err));
    assert_true(definition_faults(read.domain_xml, &read, &faults, &count, &err));
    assert_int_equal(count, 0);
    assert_null(faults);
    machine_clear(&read);
}

static void test_no_definition(void **state)
{
    (void)state;
    struct error err = {0};
    struct definition_fault *faults = NULL;
    size_t count = 0;
    assert_false(definition_faults("<pool/>", &machine, &faults, &count, &err));
    assert_int_equal(err.code, 32773);
    assert_null(faults);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_faults),
        cmocka_unit_test(test_second_disk),
        cmocka_unit_test(test_as_it_was_read),
        cmocka_unit_test(test_no_definition),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
