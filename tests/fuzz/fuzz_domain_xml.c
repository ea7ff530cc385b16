/* libvirt's definitions. What passes has a name, and every path is absolute. */
#include <string.h>

#include "core/base/mem.h"
#include "core/host/definition/domain_xml.h"
#include "tests/fuzz/fuzz.h"

static void check(const struct machine *machine, const char *text)
{
    FUZZ_PROMISE(machine->name && *machine->name);
    FUZZ_PROMISE(strcmp(machine->domain_xml, text) == 0);
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
        check(&machine, text);
    } else {
        fuzz_check_refusal(&err);
        FUZZ_PROMISE(!machine.name && !machine.disks);
    }
    machine_clear(&machine);
    return 0;
}
