/* Member disks as files without a chain of their own, and drives without their media. Since libvirt 5.10 a
 * <backingStore> in a definition counts and the image's header does not; `index` and `fdgroup` belong to it.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/definition/rewrite/disk_table.h"
#include "core/definition/rewrite/parts.h"
#include "core/syntax/xml.h"

/* What is left of a <source> that named a device, a volume or a place in the network. */
static void clear_source(struct edit *edit, xmlNode *source)
{
    for (const xmlAttr *attribute = source->properties, *next; attribute; attribute = next) {
        next = attribute->next;
        if (!attribute->ns && strcmp((const char *)attribute->name, "file") != 0)
            edit_set(edit, source, (const char *)attribute->name, NULL);
    }
    for (xmlNode *child = edit_first(source), *next; child; child = next) {
        next = edit_next(child);
        if (!edit_is(child, "seclabel") && !edit_is(child, "encryption"))
            edit_remove(edit, child);
    }
}

static xmlNode *child_after(struct edit *edit, xmlNode *parent, const char *name, xmlNode *sibling)
{
    xmlNode *child = edit_child(parent, name);
    if (child)
        return child;
    return sibling ? edit_insert_after(edit, sibling, name) : edit_insert_first(edit, parent, name);
}

/* libvirt refuses on other formats what only qcow2 has. */
static void put_driver(struct edit *edit, xmlNode *driver, const struct definition_disk *disk)
{
    edit_set(edit, driver, "name", "qemu");
    edit_set(edit, driver, "type", disk_format_word(disk->format));
    if (disk->format == DISK_FORMAT_QCOW2)
        return;
    bool had_cache = edit_remove_children(edit, driver, "metadata_cache");
    CLEANUP_FREE char *discard = xml_attribute(driver, "discard_no_unref");
    edit_set(edit, driver, "discard_no_unref", NULL);
    if (had_cache || discard)
        edit_note(edit,
                  "Disk %s: what was said of a qcow2 image's tables does not hold for a raw one and was "
                  "taken out.",
                  disk->id);
}

static void put_kind(struct edit *edit, xmlNode *element, const struct definition_disk *disk)
{
    CLEANUP_FREE char *type = xml_attribute(element, "type");
    xmlNode *source = edit_child(element, "source");
    if (type && strcmp(type, "file") != 0) {
        edit_set(edit, element, "type", "file");
        edit_remove_children(edit, element, "auth");
        if (source)
            clear_source(edit, source);
        edit_note(edit, "Disk %s was of the type \"%s\" and is a file now.", disk->id, type);
    }
    if (!xml_attribute_is(element, "device", "lun"))
        return;
    edit_set(edit, element, "device", "disk");
    edit_set(edit, element, "sgio", NULL);
    edit_set(edit, element, "rawio", NULL);
    edit_note(edit, "Disk %s was a SCSI LUN of the host, which a file cannot be; it is a disk now.",
              disk->id);
}

static void put_disk(struct edit *edit, xmlNode *element, const struct definition_disk *disk)
{
    static const char *const of_chain[] = {"index", "startupPolicy", "fdgroup"};
    put_kind(edit, element, disk);
    edit_remove_children(edit, element, "backingStore");
    edit_remove_children(edit, element, "mirror");
    xmlNode *driver = child_after(edit, element, "driver", NULL);
    put_driver(edit, driver, disk);
    xmlNode *source = child_after(edit, element, "source", driver);
    for (size_t i = 0; i < ARRAY_LENGTH(of_chain); i++)
        edit_set(edit, source, of_chain[i], NULL);
    edit_set(edit, source, "file", disk->path);
}

static bool twice(const struct definition_disk *disk, const struct disk_entry *entry, struct error *err)
{
    error_set(err, RETURN_INVALID_PARAMETER, "domain-xml.disk",
              "disk %s: another disk is the same one (line %ld)", disk->id, xmlGetLineNo(entry->element));
    return error_next(err, "Take the definition as \"virsh dumpxml --inactive\" prints it.");
}

/* By its target; false: two have it, or it has been found for another disk. */
static bool find_by_target(struct disk_table *table, const struct definition_disk *disk,
                           struct disk_entry **found, struct error *err)
{
    for (size_t i = 0; i < table->count; i++) {
        struct disk_entry *entry = &table->items[i];
        if (entry->drive || !entry->target || strcmp(entry->target, disk->id) != 0)
            continue;
        if (*found || entry->asked)
            return twice(disk, entry, err);
        *found = entry;
    }
    return true;
}

/* A disk that a person named, or that had to be added under another name. */
static struct disk_entry *find_by_path(struct disk_table *table, const struct definition_disk *disk)
{
    for (size_t i = 0; i < table->count; i++) {
        struct disk_entry *entry = &table->items[i];
        if (entry->member && !entry->asked && entry->path && strcmp(entry->path, disk->path) == 0)
            return entry;
    }
    return NULL;
}

struct disks {
    struct edit *edit;
    const struct definition_change *change;
    struct disk_table table;
    bool *there;                       /* for each disk of the change */
    uint32_t next_name[UCHAR_MAX + 1]; /* by the first letter of the names */
};

static bool has_own_target(const struct disks *disks, const struct definition_disk *disk)
{
    return disk_target_is_name(disk->id) && !disk_target_is_impossible(disks->edit, disk->id) &&
           !disk_table_has_target(&disks->table, disk->id);
}

static void put(struct disks *disks, size_t index, struct disk_entry *entry)
{
    entry->asked = true;
    disks->there[index] = true;
    put_disk(disks->edit, entry->element, &disks->change->disks[index]);
}

/* All targets before any path: a path may be that of a disk whose name is still to come. */
static bool put_known(struct disks *disks, struct error *err)
{
    const struct definition_change *change = disks->change;
    for (size_t i = 0; i < change->disk_count; i++) {
        struct disk_entry *entry = NULL;
        if (!find_by_target(&disks->table, &change->disks[i], &entry, err))
            return false;
        if (entry)
            put(disks, i, entry);
    }
    for (size_t i = 0; i < change->disk_count; i++) {
        struct disk_entry *entry = NULL;
        if (!disks->there[i] && !has_own_target(disks, &change->disks[i]))
            entry = find_by_path(&disks->table, &change->disks[i]);
        if (entry)
            put(disks, i, entry);
    }
    return true;
}

static void remove_others(struct disks *disks)
{
    for (size_t i = 0; i < disks->table.count; i++) {
        struct disk_entry *entry = &disks->table.items[i];
        if (!entry->member || entry->asked)
            continue;
        edit_note(disks->edit, "Disk %s was taken out of the definition: it is none of the machine's disks.",
                  entry->target ? entry->target : "without a target");
        edit_remove(disks->edit, entry->element);
        free(entry->target);
        free(entry->path);
        *entry = (struct disk_entry){0};
    }
}

static bool is_wanted(const struct definition_change *change, const char *target)
{
    for (size_t i = 0; i < change->disk_count; i++) {
        if (strcmp(change->disks[i].id, target) == 0)
            return true;
    }
    return false;
}

static char *free_target(struct disks *disks, const char *like)
{
    uint32_t *next = &disks->next_name[(unsigned char)*like];
    for (;;) {
        char *target = disk_target_numbered(like, (*next)++);
        if (!disk_table_has_target(&disks->table, target) && !is_wanted(disks->change, target))
            return target;
        free(target);
    }
}

static char *choose_target(struct disks *disks, const struct definition_disk *disk)
{
    const char *like = "vd";
    const char *why = "no target can have its name";
    if (has_own_target(disks, disk))
        return mem_strdup(disk->id);
    if (disk_target_is_name(disk->id)) {
        bool impossible = disk_target_is_impossible(disks->edit, disk->id);
        like = impossible ? "sd" : disk->id;
        why = impossible ? "a machine of its type has no IDE" : "a drive there has its name";
    }
    char *target = free_target(disks, like);
    edit_note(disks->edit, "Disk %s is %s in the definition: %s.", disk->id, target, why);
    return target;
}

static xmlNode *new_disk_element(struct disks *disks)
{
    struct edit *edit = disks->edit;
    xmlNode *devices = edit_child(edit->domain, "devices");
    for (size_t i = disks->table.count; i > 0; i--) {
        if (disks->table.items[i - 1].element)
            return edit_insert_after(edit, disks->table.items[i - 1].element, "disk");
    }
    if (!devices)
        devices = edit_append(edit, edit->domain, "devices");
    xmlNode *emulator = edit_child(devices, "emulator");
    return emulator ? edit_insert_after(edit, emulator, "disk") : edit_insert_first(edit, devices, "disk");
}

static void add_disk(struct disks *disks, const struct definition_disk *disk)
{
    struct edit *edit = disks->edit;
    char *target = choose_target(disks, disk);
    const char *bus = disk_table_bus(&disks->table, edit, target);
    xmlNode *element = new_disk_element(disks);
    edit_set(edit, element, "type", "file");
    edit_set(edit, element, "device", "disk");
    put_disk(edit, element, disk);
    xmlNode *target_element = edit_append(edit, element, "target");
    edit_set(edit, target_element, "dev", target);
    edit_set(edit, target_element, "bus", bus);
    struct disk_entry *entry = ARRAY_APPEND(disks->table.items, disks->table.count);
    *entry = (struct disk_entry){.element = element, .target = target, .member = true, .asked = true};
}

static void empty_drive(struct edit *edit, xmlNode *element)
{
    static const char *const of_medium[] = {"source", "backingStore", "mirror", "auth", "encryption"};
    CLEANUP_FREE char *type = xml_attribute(element, "type");
    for (size_t i = 0; i < ARRAY_LENGTH(of_medium); i++)
        edit_remove_children(edit, element, of_medium[i]);
    if (type)
        edit_set(edit, element, "type", "file");
}

static bool rewrite_all(struct disks *disks, struct error *err)
{
    const struct definition_change *change = disks->change;
    if (!put_known(disks, err))
        return false;
    if (change->only_these_disks)
        remove_others(disks);
    for (size_t i = 0; i < change->disk_count; i++) {
        if (!disks->there[i])
            add_disk(disks, &change->disks[i]);
    }
    for (size_t i = 0; change->empty_drives && i < disks->table.count; i++) {
        if (disks->table.items[i].drive)
            empty_drive(disks->edit, disks->table.items[i].element);
    }
    return true;
}

bool rewrite_disks(struct edit *edit, const struct definition_change *change, struct error *err)
{
    struct disks disks = {.edit = edit, .change = change};
    disks.there = mem_alloc(change->disk_count);
    disk_table_read(&disks.table, edit);
    bool ok = rewrite_all(&disks, err);
    disk_table_clear(&disks.table);
    free(disks.there);
    return ok;
}
