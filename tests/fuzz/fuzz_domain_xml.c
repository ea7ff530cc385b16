/* libvirt's definitions. What passes has a name, every path is absolute, and what is kept of it is UTF-8 that
 * reads as the same again. */
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/definition/domain_xml.h"
#include "core/definition/faults.h"
#include "core/syntax/xml_decode.h"
#include "tests/fuzz/fuzz.h"

static void check_text(const struct machine *machine)
{
    struct error err = {0};
    struct machine again = {0};
    FUZZ_PROMISE(text_is_utf8(machine->domain_xml));
    FUZZ_PROMISE(domain_xml_read(&again, machine->domain_xml, &err));
    FUZZ_PROMISE(strcmp(again.domain_xml, machine->domain_xml) == 0);
    FUZZ_PROMISE(strcmp(again.name, machine->name) == 0 && again.disk_count == machine->disk_count);
    machine_clear(&again);
}

static void check_lists(const struct machine *machine)
{
    for (size_t i = 0; i < machine->file_count; i++)
        FUZZ_PROMISE(machine->files[i].path[0] == '/');
    for (size_t i = 0; i < machine->left_out_count; i++)
        FUZZ_PROMISE(machine->left_out[i].kind && machine->left_out[i].reason);
}

/* Without one of its disks it is the same machine. */
static void check_without(const struct machine *machine)
{
    struct error err = {0};
    struct machine less = {0};
    const char *id = machine->disk_count > 0 ? machine->disks[0].id : "none";
    if (domain_xml_read_without(&less, machine->domain_xml, &id, 1, &err)) {
        FUZZ_PROMISE(less.disk_count + 1 == machine->disk_count);
        FUZZ_PROMISE(less.left_out_count == machine->left_out_count + 1);
        check_lists(&less);
    } else {
        fuzz_check_refusal(&err);
        FUZZ_PROMISE(machine->disk_count == 0);
    }
    machine_clear(&less);
}

/* What was read from it names its disks as they are; only chains may be written out. */
static void check_faults(const struct machine *machine)
{
    struct error err = {0};
    struct definition_fault *faults = NULL;
    size_t count = 0;
    FUZZ_PROMISE(definition_faults(machine->domain_xml, machine, &faults, &count, &err));
    for (size_t i = 0; i < count; i++)
        FUZZ_PROMISE(faults[i].kind == DEFINITION_FIXES_CHAIN);
    definition_faults_free(faults, count);
}

static void check(const struct machine *machine)
{
    FUZZ_PROMISE(machine->name && *machine->name);
    check_text(machine);
    check_lists(machine);
    check_without(machine);
    check_faults(machine);
    FUZZ_PROMISE(machine->settings.cpus_ceiling == 0 ||
                 machine->settings.cpus_ceiling > machine->settings.cpus);
    FUZZ_PROMISE(machine->settings.cpus > 0 && machine->settings.memory <= INT64_MAX);
    for (size_t i = 0; i < machine->disk_count; i++) {
        const struct disk *disk = &machine->disks[i];
        FUZZ_PROMISE(disk->id && *disk->id && disk->path[0] == '/');
        for (size_t j = 0; j < disk->backing_count; j++)
            FUZZ_PROMISE(disk->backing[j].path[0] == '/');
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error err = {0};
    struct machine machine = {0};
    CLEANUP_FREE char *text = NULL;
    if (!xml_decode(size ? (const char *)data : "", size, "it", &text, &err)) {
        fuzz_check_refusal(&err);
        return 0;
    }
    if (domain_xml_read(&machine, text, &err)) {
        FUZZ_PROMISE(strcmp(machine.domain_xml, text) == 0);
        check(&machine);
    } else {
        fuzz_check_refusal(&err);
        FUZZ_PROMISE(!machine.name && !machine.disks && !machine.files && !machine.left_out);
    }
    machine_clear(&machine);
    return 0;
}
