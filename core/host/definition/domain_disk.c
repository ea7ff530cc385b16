#include "core/host/definition/domain_disk.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/syntax/xml.h"

#define DISK_LIMIT 1024U
#define CHAIN_LIMIT 200U

/* What is read of one <disk>, before it becomes a disk. */
struct source {
    const char *disk; /* its target, for messages */
    const xmlNode *element;
};

static bool contradiction(const struct source *source, const char *why, struct error *err)
{
    error_set(err, RETURN_INVALID_PARAMETER, "domain-xml.disk", "disk %s: %s (line %ld)", source->disk, why,
              xmlGetLineNo(source->element));
    return error_next(
        err, "Take the definition as \"virsh dumpxml --inactive\" prints it, or add the machine by hand.");
}

static bool not_supported(const struct source *source, const char *why, struct error *err)
{
    error_set(err, RETURN_NOT_SUPPORTED, "domain-xml.disk", "disk %s %s (line %ld)", source->disk, why,
              xmlGetLineNo(source->element));
    return error_next(err, "Only disks kept in raw or qcow2 image files can be members; add the machine by "
                           "hand without this disk, or move the disk into an image file.");
}

/* type='file', which is also what a missing type means. */
static bool check_is_file(const struct source *source, const char *what, struct error *err)
{
    CLEANUP_FREE char *type = xml_attribute(source->element, "type");
    if (!type || strcmp(type, "file") == 0)
        return true;
    CLEANUP_FREE char *why = mem_format("%s of the type \"%s\", not a file", what, type);
    return not_supported(source, why, err);
}

static bool read_format(const struct source *source, const xmlNode *element, enum disk_format *format,
                        struct error *err)
{
    CLEANUP_FREE char *word = element ? xml_attribute(element, "type") : NULL;
    if (!word) {
        contradiction(source, "its format is not given", err);
        return error_next(err, "Write the format into the definition (<driver name='qemu' type='raw'/> or "
                               "'qcow2', and <format type=.../> in every <backingStore>); it is never "
                               "guessed.");
    }
    if (disk_format_parse(format, word))
        return true;
    CLEANUP_FREE char *why = mem_format("has the format \"%s\"", word);
    return not_supported(source, why, err);
}

static bool read_file(const struct source *source, char **path, struct error *err)
{
    static const char *const special[] = {"encryption", "slices", "datastore", "dataStore"};
    const xmlNode *element;
    if (!xml_only_child(source->element, "source", &element, err))
        return false;
    *path = element ? xml_attribute(element, "file") : NULL;
    if (!*path)
        return contradiction(source, "it has no <source file=...>", err);
    if (**path != '/')
        return contradiction(source, "the path of its image is not absolute", err);
    for (size_t i = 0; i < ARRAY_LENGTH(special); i++) {
        if (xml_child(element, special[i]) || xml_child(source->element, special[i])) {
            CLEANUP_FREE char *why = mem_format("uses <%s>", special[i]);
            return not_supported(source, why, err);
        }
    }
    return true;
}

/* From the image's own <backingStore> down; an empty one ends the chain. */
static bool read_chain(const struct source *top, struct disk *disk, struct error *err)
{
    struct source link = *top;
    for (;;) {
        const xmlNode *format;
        const xmlNode *next;
        if (!xml_only_child(link.element, "backingStore", &next, err))
            return false;
        if (!next || (!xml_first(next) && !xmlHasProp(next, (const xmlChar *)"type")))
            return true;
        if (disk->backing_count >= CHAIN_LIMIT)
            return contradiction(&link, "its chain of backing files is too long", err);
        link.element = next;
        struct backing_file *file = ARRAY_APPEND(disk->backing, disk->backing_count);
        if (!check_is_file(&link, "has a backing store", err) ||
            !xml_only_child(next, "format", &format, err) ||
            !read_format(&link, format, &file->format, err) || !read_file(&link, &file->path, err))
            return false;
    }
}

static bool check_id(const struct source *source, const struct machine *machine, const char *id,
                     struct error *err)
{
    for (size_t i = 0; i < machine->disk_count; i++) {
        if (machine->disks[i].id && strcmp(machine->disks[i].id, id) == 0)
            return contradiction(source, "another disk has the same target", err);
    }
    if (machine->disk_count < DISK_LIMIT)
        return true;
    error_set(err, RETURN_NOT_SUPPORTED, "domain-xml.disks", "the machine has more than %u disks",
              DISK_LIMIT);
    return error_next(err, "Add the machine by hand, with the disks that matter.");
}

static bool read_disk(struct disk *disk, const struct source *source, struct error *err)
{
    const xmlNode *driver;
    if (!check_is_file(source, "is", err) || !xml_only_child(source->element, "driver", &driver, err) ||
        !read_format(source, driver, &disk->format, err) || !read_file(source, &disk->path, err))
        return false;
    if (xml_child(source->element, "mirror")) {
        error_set(err, RETURN_INVALID_STATE, "domain-xml.block-job", "disk %s: a block job runs on it",
                  source->disk);
        return error_next(err, "Let it end or abort it, then read the definition again.");
    }
    return read_chain(source, disk, err);
}

/* device='disk', which is also what a missing device means. */
static bool is_removable(const xmlNode *element)
{
    return xml_attribute_is(element, "device", "cdrom") || xml_attribute_is(element, "device", "floppy");
}

bool domain_disk_add(struct machine *machine, const xmlNode *element, struct error *err)
{
    const xmlNode *target;
    struct source source = {.disk = "without a target", .element = element};
    if (is_removable(element))
        return true;
    if (!xml_only_child(element, "target", &target, err))
        return false;
    CLEANUP_FREE char *id = target ? xml_attribute(target, "dev") : NULL;
    if (!id || *id == '\0')
        return contradiction(&source, "it needs <target dev=...>", err);
    source.disk = id;
    CLEANUP_FREE char *device = xml_attribute(element, "device");
    if (device && strcmp(device, "disk") != 0)
        return not_supported(&source, "is passed through to the machine", err);
    if (!check_id(&source, machine, id, err))
        return false;
    struct disk *disk = ARRAY_APPEND(machine->disks, machine->disk_count);
    disk->id = mem_strdup(id);
    return read_disk(disk, &source, err);
}
