#include "core/definition/rewrite/disk_table.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/syntax/xml.h"

static void read_entry(struct disk_table *table, xmlNode *element)
{
    const xmlNode *target = edit_child(element, "target");
    const xmlNode *source = edit_child(element, "source");
    CLEANUP_FREE char *device = xml_attribute(element, "device");
    struct disk_entry *entry = ARRAY_APPEND(table->items, table->count);
    *entry = (struct disk_entry){
        .element = element,
        .target = target ? xml_attribute(target, "dev") : NULL,
        .path = source ? xml_attribute(source, "file") : NULL,
        .drive = device && (strcmp(device, "cdrom") == 0 || strcmp(device, "floppy") == 0),
        .member = !device || strcmp(device, "disk") == 0,
    };
}

void disk_table_read(struct disk_table *table, const struct edit *edit)
{
    const xmlNode *devices = edit_child(edit->domain, "devices");
    for (xmlNode *device = devices ? edit_first(devices) : NULL; device; device = edit_next(device)) {
        if (edit_is(device, "disk"))
            read_entry(table, device);
    }
}

void disk_table_clear(struct disk_table *table)
{
    for (size_t i = 0; i < table->count; i++) {
        free(table->items[i].target);
        free(table->items[i].path);
    }
    free(table->items);
    *table = (struct disk_table){0};
}

bool disk_table_has_target(const struct disk_table *table, const char *target)
{
    for (size_t i = 0; i < table->count; i++) {
        if (table->items[i].target && strcmp(table->items[i].target, target) == 0)
            return true;
    }
    return false;
}

/* Where the letters begin: behind "vd", "xvd" ...; 0 where it is no such name. */
static size_t prefix_length(const char *id)
{
    static const char *const prefixes[] = {"vd", "sd", "hd", "xvd"};
    for (size_t i = 0; i < ARRAY_LENGTH(prefixes); i++) {
        size_t length = strlen(prefixes[i]);
        if (strncmp(id, prefixes[i], length) == 0)
            return length;
    }
    return 0;
}

bool disk_target_is_name(const char *id)
{
    size_t prefix = prefix_length(id);
    size_t letters = prefix > 0 ? strspn(id + prefix, "abcdefghijklmnopqrstuvwxyz") : 0;
    return letters > 0 && letters <= 3 && id[prefix + letters] == '\0';
}

/* 0 is vda, 25 vdz, 26 vdaa. */
char *disk_target_numbered(const char *like, uint32_t number)
{
    char letters[8];
    size_t at = sizeof letters - 1;
    letters[at] = '\0';
    for (uint32_t rest = number + 1; rest > 0; rest = (rest - 1) / 26)
        letters[--at] = (char)('a' + (rest - 1) % 26);
    return mem_format("%.*s%s", (int)prefix_length(like), like, letters + at);
}

/* Only PCs have SATA and IDE, those of the q35 type no IDE. */
static const char *default_bus(const struct edit *edit, bool ide)
{
    const xmlNode *type = edit_child(edit_child(edit->domain, "os"), "type");
    CLEANUP_FREE char *architecture = type ? xml_attribute(type, "arch") : NULL;
    CLEANUP_FREE char *machine = type ? xml_attribute(type, "machine") : NULL;
    if (architecture && strcmp(architecture, "x86_64") != 0 && strcmp(architecture, "i686") != 0)
        return "scsi";
    return ide && !(machine && strstr(machine, "q35")) ? "ide" : "sata";
}

bool disk_target_is_impossible(const struct edit *edit, const char *target)
{
    return *target == 'h' && strcmp(default_bus(edit, true), "ide") != 0;
}

static const char *bus_of(const struct disk_entry *entry)
{
    static const char *const known[] = {"sata", "scsi", "ide"};
    const xmlNode *target = edit_child(entry->element, "target");
    for (size_t i = 0; i < ARRAY_LENGTH(known); i++) {
        if (xml_attribute_is(target, "bus", known[i]))
            return known[i];
    }
    return NULL;
}

const char *disk_table_bus(const struct disk_table *table, const struct edit *edit, const char *target)
{
    const char *of_drive = NULL;
    if (*target == 'v')
        return "virtio";
    if (*target == 'x')
        return "xen";
    for (size_t i = 0; i < table->count; i++) {
        const struct disk_entry *entry = &table->items[i];
        const char *bus = entry->target && strncmp(entry->target, target, 2) == 0 ? bus_of(entry) : NULL;
        if (bus && !entry->drive)
            return bus;
        of_drive = of_drive ? of_drive : bus;
    }
    return of_drive ? of_drive : default_bus(edit, *target == 'h');
}
