/* Definitions that are rewritten: what comes out is well-formed, says what was asked, and is the same when it
 * is rewritten again. */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/base/units.h"
#include "core/definition/domain_xml.h"
#include "core/definition/rewrite.h"
#include "tests/fuzz/fuzz.h"

static const struct guid no_guid;
static const struct guid new_guid = {"11111111-2222-4333-8444-555555555555"};
static const struct definition_disk disks[] = {
    {"vda", "/new/a & 'b'.qcow2", DISK_FORMAT_QCOW2},
    {"sdb", "/new/b\".img", DISK_FORMAT_RAW},
    {"root", "/new/<r>", DISK_FORMAT_RAW},
};
static const struct definition_file files[] = {
    {MACHINE_FILE_NVRAM, "/v", "/new/v"}, {MACHINE_FILE_LOADER, "/l", NULL},
    {MACHINE_FILE_KERNEL, "/k", NULL},    {MACHINE_FILE_ACPI_TABLE, "/t", NULL},
    {MACHINE_FILE_TPM, "/s", "/new/s"},   {MACHINE_FILE_FIRMWARE_CONFIG, "/c", NULL},
};
static const struct definition_change changes[] = {
    {0},
    {.name = "n", .uuid = &new_guid, .new_macs = true, .cpus = 3, .memory = 5 * MIB, .firmware = "efi"},
    {.uuid = &no_guid,
     .cpus = 6,
     .cpus_ceiling = 8,
     .memory = 1025,
     .firmware = "bios",
     .disks = disks,
     .disk_count = ARRAY_LENGTH(disks),
     .only_these_disks = true,
     .empty_drives = true,
     .files = files,
     .file_count = ARRAY_LENGTH(files)},
    {.cpus_ceiling = 2, .disks = disks, .disk_count = 1},
};

static void free_notes(char **notes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        CLEANUP_FREE char *escaped = text_escape(notes[i]);
        FUZZ_PROMISE(strcmp(escaped, notes[i]) == 0);
        free(notes[i]);
    }
    free(notes);
}

static void check_read(const char *made, const struct definition_change *change)
{
    struct machine machine = {0};
    struct error err = {0};
    if (!domain_xml_read(&machine, made, &err))
        return;
    FUZZ_PROMISE(!change->name || strcmp(machine.name, change->name) == 0);
    FUZZ_PROMISE(!change->uuid || guid_equal(&machine.id, change->uuid));
    FUZZ_PROMISE(!change->memory || machine.settings.memory == change->memory);
    FUZZ_PROMISE(!change->firmware || strcmp(machine.settings.firmware, change->firmware) == 0);
    FUZZ_PROMISE(!change->only_these_disks || machine.disk_count == change->disk_count);
    for (size_t i = 0; change->new_macs && i < machine.adapter_count; i++)
        FUZZ_PROMISE(!machine.adapters[i].mac);
    machine_clear(&machine);
}

static void check_made(const char *made, const struct definition_change *change)
{
    CLEANUP_FREE char *again = NULL;
    struct error err = {0};
    char **notes;
    size_t count;
    FUZZ_PROMISE(definition_rewrite(made, change, &again, &notes, &count, &err));
    FUZZ_PROMISE(strcmp(again, made) == 0);
    free_notes(notes, count);
    check_read(made, change);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP_FREE char *text = mem_strndup(size ? (const char *)data : "", size);
    for (size_t i = 0; i < ARRAY_LENGTH(changes); i++) {
        CLEANUP_FREE char *made = NULL;
        struct error err = {0};
        char **notes;
        size_t count;
        if (definition_rewrite(text, &changes[i], &made, &notes, &count, &err))
            check_made(made, &changes[i]);
        else
            fuzz_check_refusal(&err);
        free_notes(notes, count);
    }
    return 0;
}
