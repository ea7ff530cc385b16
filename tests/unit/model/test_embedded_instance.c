/* The embedded instance: round trips, the spellings it is met in, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "core/model/embedded_instance.h"

#define POINT "11111111-2222-3333-4444-555555555555"
#define COLLECTION "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
#define BASE_PATH                                                                                            \
    "Msvm_ReferencePointCollection.CollectionID=\"" POINT "\",VirtualSystemCollectionId=\"" COLLECTION "\""
#define SETTINGS(content)                                                                                    \
    "<INSTANCE CLASSNAME=\"Msvm_CollectionReferencePointExportSettingData\">" content "</INSTANCE>"
#define BASE(value) "<PROPERTY NAME=\"BaseReferencePointCollection\" TYPE=\"string\">" value "</PROPERTY>"
#define MACHINES(values)                                                                                     \
    "<PROPERTY.ARRAY NAME=\"VirtualMachinesToDisksToExport\" TYPE=\"string\"><VALUE.ARRAY>" values           \
    "</VALUE.ARRAY></PROPERTY.ARRAY>"
#define MACHINE(content) "<INSTANCE CLASSNAME=\"Msvm_VirtualMachineToDisks\">" content "</INSTANCE>"
#define ID(value) "<PROPERTY NAME=\"VirtualMachineId\" TYPE=\"string\"><VALUE>" value "</VALUE></PROPERTY>"
#define DISKS(values)                                                                                        \
    "<PROPERTY.ARRAY NAME=\"DisksToExport\" TYPE=\"string\"><VALUE.ARRAY>" values                            \
    "</VALUE.ARRAY></PROPERTY.ARRAY>"
#define CDATA(text) "<VALUE><![CDATA[" text "]]></VALUE>"

static void decode(const char *text, struct export_setting_data *settings)
{
    struct error err = {0};
    if (!embedded_instance_decode(settings, text, &err))
        fail_msg("%s: %s", err.what, err.cause);
    assert_int_equal(err.code, 0);
}

static void add_machine(struct export_setting_data *settings, const char *id, const char *const *disks)
{
    struct machine_to_disks *machine = ARRAY_APPEND(settings->machines, settings->machine_count);
    machine->machine_id = mem_strdup(id);
    for (; disks && *disks; disks++)
        *ARRAY_APPEND(machine->disks, machine->disk_count) = mem_strdup(*disks);
}

static void assert_same(const struct export_setting_data *left, const struct export_setting_data *right)
{
    assert_string_equal(left->base.point_id.text, right->base.point_id.text);
    assert_string_equal(left->base.collection_id.text, right->base.collection_id.text);
    assert_int_equal(left->machine_count, right->machine_count);
    for (size_t i = 0; i < left->machine_count; i++) {
        assert_string_equal(left->machines[i].machine_id, right->machines[i].machine_id);
        assert_int_equal(left->machines[i].disk_count, right->machines[i].disk_count);
        for (size_t j = 0; j < left->machines[i].disk_count; j++)
            assert_string_equal(left->machines[i].disks[j], right->machines[i].disks[j]);
    }
}

static void assert_round_trip(const struct export_setting_data *settings)
{
    struct export_setting_data again = {0};
    CLEANUP_FREE char *text = embedded_instance_encode(settings);
    assert_non_null(text);
    decode(text, &again);
    assert_same(settings, &again);
    CLEANUP_FREE char *text_again = embedded_instance_encode(&again);
    assert_string_equal(text, text_again);
    export_setting_data_clear(&again);
}

static void test_round_trip(void **state)
{
    (void)state;
    struct export_setting_data settings = {0};
    assert_round_trip(&settings);
    assert_true(guid_parse(&settings.base.point_id, POINT));
    assert_true(guid_parse(&settings.base.collection_id, COLLECTION));
    assert_round_trip(&settings);
    add_machine(&settings, COLLECTION, NULL);
    add_machine(&settings, "a<b>&\"c\"'d' ]]> \xc3\xb6\t\r\n ", (const char *const[]){"vda", NULL});
    add_machine(&settings, " <INSTANCE/> &amp; ", (const char *const[]){"a", "&lt;", " ", "<![CDATA[", NULL});
    assert_round_trip(&settings);
    export_setting_data_clear(&settings);
}

static void test_encoded_form(void **state)
{
    (void)state;
    struct export_setting_data settings = {0};
    assert_true(guid_parse(&settings.base.point_id, POINT));
    assert_true(guid_parse(&settings.base.collection_id, COLLECTION));
    add_machine(&settings, "web", (const char *const[]){"vda", NULL});
    CLEANUP_FREE char *text = embedded_instance_encode(&settings);
    assert_string_equal(
        text,
        "<INSTANCE CLASSNAME=\"Msvm_CollectionReferencePointExportSettingData\">"
        "<PROPERTY NAME=\"BaseReferencePointCollection\" TYPE=\"string\"><VALUE>"
        "Msvm_ReferencePointCollection.CollectionID=&quot;" POINT
        "&quot;,VirtualSystemCollectionId=&quot;" COLLECTION "&quot;</VALUE></PROPERTY>"
        "<PROPERTY.ARRAY NAME=\"VirtualMachinesToDisksToExport\" TYPE=\"string\"><VALUE.ARRAY><VALUE>"
        "&lt;INSTANCE CLASSNAME=&quot;Msvm_VirtualMachineToDisks&quot;&gt;"
        "&lt;PROPERTY NAME=&quot;VirtualMachineId&quot; TYPE=&quot;string&quot;&gt;&lt;VALUE&gt;web"
        "&lt;/VALUE&gt;&lt;/PROPERTY&gt;"
        "&lt;PROPERTY.ARRAY NAME=&quot;DisksToExport&quot; TYPE=&quot;string&quot;&gt;&lt;VALUE.ARRAY&gt;"
        "&lt;VALUE&gt;vda&lt;/VALUE&gt;&lt;/VALUE.ARRAY&gt;&lt;/PROPERTY.ARRAY&gt;&lt;/INSTANCE&gt;"
        "</VALUE></VALUE.ARRAY></PROPERTY.ARRAY></INSTANCE>");
    export_setting_data_clear(&settings);
}

static void test_cannot_encode(void **state)
{
    (void)state;
    static const char *const names[] = {"a\x01", "\x1b[31m", "\xff", "\xef\xbf\xbf"};
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        struct export_setting_data settings = {0};
        add_machine(&settings, i % 2 ? "web" : names[i], (const char *const[]){names[i], NULL});
        assert_null(embedded_instance_encode(&settings));
        export_setting_data_clear(&settings);
    }
}

static void test_everything(void **state)
{
    (void)state;
    static const char *const texts[] = {
        NULL,
        "",
        " \r\n\t",
        SETTINGS(""),
        SETTINGS(BASE("") MACHINES("")),
        SETTINGS(BASE("<VALUE/>")),
        SETTINGS(BASE("<VALUE></VALUE>")),
        SETTINGS(BASE("<VALUE.NULL/>")),
        SETTINGS("<PROPERTY.ARRAY NAME=\"VirtualMachinesToDisksToExport\" TYPE=\"string\"/>"),
        SETTINGS("<PROPERTY NAME=\"InstanceID\" TYPE=\"string\"><VALUE>x</VALUE></PROPERTY>"
                 "<PROPERTY NAME=\"ElementName\" TYPE=\"string\"/>"
                 "<PROPERTY NAME=\"__PATH\" TYPE=\"string\"/>"),
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<!-- by hand -->" SETTINGS("\n  "),
    };
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        struct export_setting_data settings = {0};
        decode(texts[i], &settings);
        assert_true(object_path_is_none(&settings.base));
        assert_int_equal(settings.machine_count, 0);
    }
}

/* One selection in every spelling: machine "web" with disks vda and vdb, machine "db" whole, and the base. */
static void test_spellings(void **state)
{
    (void)state;
    static const char *const texts[] = {
        SETTINGS(BASE("<VALUE>" BASE_PATH "</VALUE>") MACHINES(CDATA(
            MACHINE(ID("web") DISKS("<VALUE>vda</VALUE><VALUE>vdb</VALUE>"))) CDATA(MACHINE(ID("db"))))),
        /* Escaped by references of every kind; a return and spaces between the elements. */
        "<INSTANCE CLASSNAME='msvm_collectionreferencepointexportsettingdata'>\r\n"
        "<QUALIFIER NAME='x'/><PROPERTY NAME='basereferencepointcollection'><QUALIFIER NAME='y'/> <VALUE>"
        "root/virtualization/v2:" BASE_PATH "</VALUE></PROPERTY>"
        "<PROPERTY.ARRAY NAME='VirtualMachinesToDisksToExport' TYPE='string' EmbeddedObject='instance'>"
        "<VALUE.ARRAY> <VALUE>&#60;INSTANCE CLASSNAME='Msvm_VirtualMachineToDisks'&#x3e; <![CDATA[" ID(
            "web") "]]>&lt;PROPERTY.ARRAY NAME='DisksToExport' TYPE='string'>&lt;VALUE.ARRAY>"
                   "&lt;VALUE>vda&lt;/VALUE>&lt;VALUE>vdb&lt;/VALUE>&lt;/VALUE.ARRAY>&lt;/PROPERTY.ARRAY>"
                   "&lt;/INSTANCE></VALUE> <VALUE>&lt;INSTANCE CLASSNAME='Msvm_VirtualMachineToDisks'>"
                   "&lt;PROPERTY NAME='VirtualMachineId'>&lt;VALUE>db&lt;/VALUE>&lt;/PROPERTY>&lt;/INSTANCE>"
                   "</VALUE></VALUE.ARRAY></PROPERTY.ARRAY></INSTANCE>",
        /* WMI DTD 2.0. */
        "<CIM CIMVERSION=\"2.0\" "
        "DTDVERSION=\"2.0\"><DECLARATION><DECLGROUP.WITHPATH><VALUE.OBJECTWITHPATH>"
        "<INSTANCEPATH><INSTANCENAME CLASSNAME=\"x\"/></INSTANCEPATH>" SETTINGS(
            BASE("<VALUE>" BASE_PATH
                 "</VALUE>") "<PROPERTY.OBJECTARRAY NAME=\"VirtualMachinesToDisksToExport\" "
                             "REFERENCECLASS=\"Msvm_VirtualMachineToDisks\"><VALUE.OBJECTARRAY>"
                             "<VALUE.OBJECT>" MACHINE(ID("web") DISKS("<VALUE>vda</VALUE><VALUE>vdb</"
                                                                      "VALUE>")) "</"
                                                                                 "VALUE.OBJECT><VALUE."
                                                                                 "OBJECT>" MACHINE(
                                                                                     ID("db")) "</"
                                                                                               "VALUE."
                                                                                               "OBJECT></"
                                                                                               "VALUE."
                                                                                               "OBJECTARRAY>"
                                                                                               "</"
                                                                                               "PROPERTY."
                                                                                               "OBJECTARRAY"
                                                                                               ">") "</"
                                                                                                    "VALUE."
                                                                                                    "OBJECTW"
                                                                                                    "ITHPATH"
                                                                                                    "></"
                                                                                                    "DECLGRO"
                                                                                                    "UP."
                                                                                                    "WITHPAT"
                                                                                                    "H></"
                                                                                                    "DECLARA"
                                                                                                    "TION></"
                                                                                                    "CIM>",
        SETTINGS(BASE("<VALUE>" BASE_PATH "</VALUE>") MACHINES("<VALUE.OBJECT>" MACHINE(
            ID("web") DISKS("<VALUE>vda</VALUE><VALUE>vdb</VALUE>")) "</VALUE.OBJECT>"
                                                                     "<VALUE.OBJECT>" MACHINE(ID("db") DISKS(
                                                                         "")) "</VALUE.OBJECT>")),
    };
    struct export_setting_data wanted = {0};
    assert_true(guid_parse(&wanted.base.point_id, POINT));
    assert_true(guid_parse(&wanted.base.collection_id, COLLECTION));
    add_machine(&wanted, "web", (const char *const[]){"vda", "vdb", NULL});
    add_machine(&wanted, "db", NULL);
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        struct export_setting_data settings = {0};
        decode(texts[i], &settings);
        assert_same(&settings, &wanted);
        export_setting_data_clear(&settings);
    }
    export_setting_data_clear(&wanted);
}

struct refusal {
    uint32_t code;
    const char *part; /* of the sentence */
    const char *text;
};

static void assert_refused(const struct refusal *refusal)
{
    struct error err = {0};
    struct export_setting_data settings = {0};
    if (embedded_instance_decode(&settings, refusal->text, &err))
        fail_msg("passes: %s", refusal->text);
    if (err.code != refusal->code || !strstr(err.what, refusal->part))
        fail_msg("%s: %u %s", refusal->text, err.code, err.what);
    assert_string_not_equal(err.next, "");
    assert_null(settings.machines);
    assert_true(object_path_is_none(&settings.base));
}

static void test_refused(void **state)
{
    (void)state;
    static const struct refusal cases[] = {
        {32773, "well-formed", "x"},
        {32773, "well-formed", "<INSTANCE"},
        {32773, "well-formed", "<!-- nothing else -->"},
        {32773, "well-formed", SETTINGS("") SETTINGS("")},
        {32773, "well-formed", SETTINGS(BASE("<VALUE>&nosuch;</VALUE>"))},
        {32773, "well-formed", SETTINGS(BASE("<VALUE>\x01</VALUE>"))},
        {32773, "well-formed", SETTINGS(BASE("<VALUE>\xff</VALUE>"))},
        {32773, "document type", "<!DOCTYPE CIM>" SETTINGS("")},
        {32773, "document type",
         "<!DOCTYPE a [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>"
         "<a>&e;</a>"},
        {32773, "<html>", "<html/>"},
        {32773, "no <INSTANCE>", "<CIM/>"},
        {32773, "more than one", "<CIM>" SETTINGS("") SETTINGS("") "</CIM>"},
        {32773, "an instance of \"Msvm_X\"", "<INSTANCE CLASSNAME=\"Msvm_X\"/>"},
        {32773, "an instance of \"\"", "<INSTANCE/>"},
        {32773, "<METHOD>", SETTINGS("<METHOD NAME=\"x\"/>")},
        {32773, "<PROPERTY>", SETTINGS("<PROPERTY/>")},
        /* Misspelt: passed over, it would export everything. */
        {32773, "\"VirtualMachinesToDiskToExport\"",
         SETTINGS("<PROPERTY.ARRAY NAME=\"VirtualMachinesToDiskToExport\"/>")},
        {32773, "\"DiskToExport\"",
         SETTINGS(MACHINES(CDATA(MACHINE(ID("a") "<PROPERTY NAME=\"DiskToExport\"/>"))))},
        {32773, "not the path of a point: \"x\"", SETTINGS(BASE("<VALUE>x</VALUE>"))},
        {32773, "twice", SETTINGS(BASE("<VALUE>" BASE_PATH "</VALUE>") BASE("<VALUE>" BASE_PATH "</VALUE>"))},
        {32773, "twice", SETTINGS(MACHINES(CDATA(MACHINE(ID("a")))) MACHINES(CDATA(MACHINE(ID("b")))))},
        {32773, "twice", SETTINGS(MACHINES(CDATA(MACHINE(ID("a") ID("b")))))},
        {32773, "twice",
         SETTINGS(MACHINES(CDATA(MACHINE(ID("a") DISKS("<VALUE>x</VALUE>") DISKS("<VALUE>y</VALUE>")))))},
        {32773, "without VirtualMachineId", SETTINGS(MACHINES(CDATA(MACHINE(""))))},
        {32773, "without VirtualMachineId", SETTINGS(MACHINES(CDATA(MACHINE(ID("")))))},
        {32773, "disk without a name", SETTINGS(MACHINES(CDATA(MACHINE(ID("a") DISKS("<VALUE/>")))))},
        {32773, "one of Msvm_VirtualMachineToDisks", SETTINGS(MACHINES(CDATA(SETTINGS(""))))},
        {32776, "BaseReferencePointCollection of the export setting data is not text",
         SETTINGS(
             "<PROPERTY NAME=\"BaseReferencePointCollection\" TYPE=\"uint32\"><VALUE>5</VALUE></PROPERTY>")},
        {32776, "is not text", SETTINGS("<PROPERTY.ARRAY NAME=\"BaseReferencePointCollection\"/>")},
        {32776, "is not text", SETTINGS("<PROPERTY.REFERENCE NAME=\"BaseReferencePointCollection\"/>")},
        {32776, "is not text", SETTINGS(BASE("<VALUE><EPR/></VALUE>"))},
        {32776, "is not text", SETTINGS(BASE("<VALUE.REFERENCE/>"))},
        {32776, "is not one text", SETTINGS(BASE("<VALUE>a</VALUE><VALUE>b</VALUE>"))},
        {32776, "is not a list", SETTINGS("<PROPERTY NAME=\"VirtualMachinesToDisksToExport\"/>")},
        {32776, "is not a list",
         SETTINGS("<PROPERTY.ARRAY NAME=\"VirtualMachinesToDisksToExport\"><VALUE/></PROPERTY.ARRAY>")},
        {32776, "is not text", SETTINGS(MACHINES("<VALUE.NULL/>"))},
        {32776, "is not text", SETTINGS(MACHINES("<VALUE>" MACHINE(ID("a")) "</VALUE>"))},
        {32776, "a machine in the export setting data: line 1", SETTINGS(MACHINES("<VALUE>web</VALUE>"))},
        {32776, "document type", SETTINGS(MACHINES(CDATA("<!DOCTYPE x><x/>")))},
        {32776, "DisksToExport of the export setting data is not text",
         SETTINGS(MACHINES(CDATA(MACHINE(ID("a") DISKS("<VALUE.NULL/>")))))},
        {32776, "is not a list of texts",
         SETTINGS(
             MACHINES(CDATA(MACHINE(ID("a") "<PROPERTY.ARRAY NAME=\"DisksToExport\" TYPE=\"uint8\"/>"))))},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
        assert_refused(&cases[i]);
}

static char *repeated(const char *before, const char *part, size_t count, const char *after)
{
    struct strbuf text = {0};
    strbuf_add(&text, before);
    for (size_t i = 0; i < count; i++)
        strbuf_add(&text, part);
    strbuf_add(&text, after);
    return strbuf_take(&text);
}

static void test_bounds(void **state)
{
    (void)state;
    CLEANUP_FREE char *deep = repeated("", "<CIM>", 100000, "");
    assert_refused(&(struct refusal){32773, "well-formed", deep});
    CLEANUP_FREE char *deep_and_whole = repeated("", "<CIM>", 300, "");
    CLEANUP_FREE char *closed = repeated(deep_and_whole, "</CIM>", 300, "");
    assert_refused(&(struct refusal){32773, "well-formed", closed});
    CLEANUP_FREE char *large = repeated("<CIM>", "          ", 120000, "</CIM>");
    assert_refused(&(struct refusal){32773, "larger than 1048576 bytes", large});
    CLEANUP_FREE char *laughs = repeated(
        "<!DOCTYPE a [<!ENTITY a \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\">"
        "<!ENTITY b \"",
        "&a;", 1000, "\">]><a>&b;</a>");
    assert_refused(&(struct refusal){32773, "document type", laughs});

    /* As many machines as fit are read. */
    struct export_setting_data settings = {0};
    for (int i = 0; i < 1000; i++)
        add_machine(&settings, COLLECTION, (const char *const[]){"vda", NULL});
    assert_round_trip(&settings);
    export_setting_data_clear(&settings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),    cmocka_unit_test(test_encoded_form),
        cmocka_unit_test(test_cannot_encode), cmocka_unit_test(test_everything),
        cmocka_unit_test(test_spellings),     cmocka_unit_test(test_refused),
        cmocka_unit_test(test_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
