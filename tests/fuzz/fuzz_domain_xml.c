/* libvirt's definitions. What passes has a name, every path is absolute, and what is kept of it is UTF-8 that
 * reads as the same again. */
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/definition/domain_xml.h"
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

static void check(const struct machine *machine)
{
    FUZZ_PROMISE(machine->name && *machine->name);
    check_text(machine);
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
    CLEANUP_FREE char *text = mem_strndup(size ? (const char *)data : "", size);
    if (domain_xml_read(&machine, text, &err)) {
        check(&machine);
    } else {
        fuzz_check_refusal(&err);
        FUZZ_PROMISE(!machine.name && !machine.disks);
    }
    machine_clear(&machine);
    return 0;
}
