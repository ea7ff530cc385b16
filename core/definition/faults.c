#include "core/definition/faults.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/definition/open.h"
#include "core/definition/surroundings/source.h"
#include "core/syntax/xml.h"

struct fault_list {
    struct definition_fault *items;
    size_t count;
};

static struct definition_fault *add(struct fault_list *list, const struct disk *disk, int kind)
{
    struct definition_fault *fault = ARRAY_APPEND(list->items, list->count);
    fault->disk = mem_strdup(disk->id);
    fault->kind = kind;
    return fault;
}

static const xmlNode *find_disk(const xmlNode *devices, const char *id)
{
    for (const xmlNode *device = devices ? xml_first(devices) : NULL; device; device = xml_next(device)) {
        const xmlNode *target = xml_child(device, "target");
        if (xml_is(device, "disk") && !xml_namespace(device) && target && xml_attribute_is(target, "dev", id))
            return device;
    }
    return NULL;
}

static void compare_chain(const xmlNode *element, const struct disk *disk, struct fault_list *list)
{
    if (xml_child(element, "backingStore"))
        add(list, disk, DEFINITION_FIXES_CHAIN)->what =
            mem_format("names the chain of disk %s itself (<backingStore>), and would not see the layers of "
                       "a point",
                       disk->id);
}

static void compare_format(const xmlNode *element, const struct disk *disk, struct fault_list *list)
{
    const xmlNode *driver = xml_child(element, "driver");
    CLEANUP_FREE char *type = driver ? xml_attribute(driver, "type") : NULL;
    const char *word = disk_format_word(disk->format);
    if (!type)
        add(list, disk, DEFINITION_FORMAT)->what =
            mem_format("does not give the format of disk %s, which is %s", disk->id, word);
    else if (strcmp(type, word) != 0)
        add(list, disk, DEFINITION_FORMAT)->what =
            mem_format("says that disk %s is %s, and its image is %s", disk->id, type, word);
}

static void compare_path(const xmlNode *element, const struct disk *disk, struct fault_list *list)
{
    const xmlNode *source = xml_child(element, "source");
    CLEANUP_FREE char *type = xml_attribute(element, "type");
    CLEANUP_FREE char *file = source ? xml_attribute(source, "file") : NULL;
    bool is_file = !type || strcmp(type, "file") == 0;
    if (is_file && file && strcmp(file, disk->path) == 0)
        return;
    CLEANUP_FREE char *other = definition_source_text(source);
    struct definition_fault *fault = add(list, disk, DEFINITION_PATH);
    if (is_file)
        fault->what = mem_format("has %s as disk %s, whose image is %s", other ? other : "nothing", disk->id,
                                 disk->path);
    else
        fault->what = mem_format("has disk %s of the type \"%s\", and its image is the file %s", disk->id,
                                 type, disk->path);
}

static void compare(const xmlNode *devices, const struct disk *disk, struct fault_list *list)
{
    const xmlNode *element = find_disk(devices, disk->id);
    if (!element) {
        add(list, disk, DEFINITION_NO_DISK)->what = mem_format("has no disk %s", disk->id);
        return;
    }
    compare_chain(element, disk, list);
    compare_format(element, disk, list);
    compare_path(element, disk, list);
}

bool definition_faults(const char *text, const struct machine *machine, struct definition_fault **faults,
                       size_t *count, struct error *err)
{
    CLEANUP_DEFINITION struct definition definition = {0};
    struct fault_list list = {0};
    if (!definition_open(&definition, text, err))
        return false;
    const xmlNode *devices = xml_child(definition.domain, "devices");
    for (size_t i = 0; i < machine->disk_count; i++)
        compare(devices, &machine->disks[i], &list);
    *faults = list.items;
    *count = list.count;
    return true;
}

void definition_faults_free(struct definition_fault *faults, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(faults[i].disk);
        free(faults[i].what);
    }
    free(faults);
}
