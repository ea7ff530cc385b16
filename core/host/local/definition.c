/* A machine that comes with libvirt's definition of it: what is not set beside it is read from there. */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/host/definition/domain_xml.h"
#include "core/host/local/internal.h"

static struct disk *find_disk(const struct machine *machine, const char *id)
{
    for (size_t i = 0; i < machine->disk_count; i++) {
        if (strcmp(machine->disks[i].id, id) == 0)
            return &machine->disks[i];
    }
    return NULL;
}

/* A stored definition rarely tells the chain of an image, so that backing files may be named beside it. */
static bool add_backing(struct machine *read, const struct disk *given, struct error *err)
{
    struct disk *disk = find_disk(read, given->id);
    if (!disk) {
        error_set(err, RETURN_INVALID_PARAMETER, "machine.definition", "the definition has no disk %s",
                  given->id);
        error_cause(err, "a backing file was named for it");
        return error_next(err, "Name a disk by its target in the definition, such as vda.");
    }
    for (size_t i = 0; i < given->backing_count; i++) {
        *ARRAY_APPEND(disk->backing, disk->backing_count) = (struct backing_file){
            .path = mem_strdup(given->backing[i].path), .format = given->backing[i].format};
    }
    return true;
}

static void prefer_text(char **read, const char *given)
{
    if (given)
        mem_replace(read, given);
}

static void prefer_given(struct machine *read, const struct machine *given)
{
    if (!guid_is_none(&given->id))
        read->id = given->id;
    if (given->settings.cpus)
        read->settings.cpus = given->settings.cpus;
    if (given->settings.memory)
        read->settings.memory = given->settings.memory;
    prefer_text(&read->name, given->name);
    prefer_text(&read->settings.firmware, given->settings.firmware);
    prefer_text(&read->settings.architecture, given->settings.architecture);
    prefer_text(&read->settings.machine_type, given->settings.machine_type);
    for (size_t i = 0; i < given->adapter_count; i++) {
        *ARRAY_APPEND(read->adapters, read->adapter_count) =
            (struct network_adapter){.mac = mem_strdup(given->adapters[i].mac),
                                     .network = mem_strdup(given->adapters[i].network),
                                     .model = mem_strdup(given->adapters[i].model)};
    }
}

bool local_read_definition(struct machine *machine, struct error *err)
{
    struct machine read;
    if (!machine->domain_xml)
        return true;
    if (!domain_xml_read(&read, machine->domain_xml, err))
        return false;
    bool ok = true;
    for (size_t i = 0; i < machine->disk_count && ok; i++)
        ok = add_backing(&read, &machine->disks[i], err);
    if (!ok) {
        machine_clear(&read);
        return false;
    }
    prefer_given(&read, machine);
    machine_clear(machine);
    *machine = read;
    return true;
}
