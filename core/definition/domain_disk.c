#include "core/definition/domain_disk.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/return_code.h"
#include "core/base/strbuf.h"
#include "core/definition/refuse.h"
#include "core/definition/surroundings/note.h"
#include "core/definition/surroundings/source.h"
#include "core/syntax/xml.h"

#define DISK_LIMIT 1024U
#define CHAIN_LIMIT 200U

/* type='file', which is also what a missing type means. */
static bool check_is_file(const struct disk_element *source, const char *what, struct error *err)
{
    CLEANUP_FREE char *type = xml_attribute(source->element, "type");
    return !type || strcmp(type, "file") == 0 || disk_other_type(source, what, type, err);
}

static bool read_format(const struct disk_element *source, const xmlNode *element, enum disk_format *format,
                        struct error *err)
{
    CLEANUP_FREE char *word = element ? xml_attribute(element, "type") : NULL;
    if (!word) {
        disk_contradiction(source, "its format is not given", err);
        return error_next(err, "Write the format into the definition (<driver name='qemu' type='raw'/> or "
                               "'qcow2', and <format type=.../> in every <backingStore>); it is never "
                               "guessed.");
    }
    if (disk_format_parse(format, word))
        return true;
    return disk_other_format(source, word, err);
}

static bool read_file(const struct disk_element *source, char **path, struct error *err)
{
    static const char *const special[] = {"encryption", "slices", "datastore", "dataStore"};
    const xmlNode *element;
    if (!xml_only_child(source->element, "source", &element, err))
        return false;
    *path = element ? xml_attribute(element, "file") : NULL;
    if (!*path)
        return disk_contradiction(source, "it has no <source file=...>", err);
    if (**path != '/')
        return disk_contradiction(source, "the path of its image is not absolute", err);
    for (size_t i = 0; i < ARRAY_LENGTH(special); i++) {
        if (xml_child(element, special[i]) || xml_child(source->element, special[i])) {
            CLEANUP_FREE char *why = mem_format("uses <%s>", special[i]);
            return disk_not_supported(source, why, NULL, err);
        }
    }
    return true;
}

/* From the image's own <backingStore> down; an empty one ends the chain. */
static bool read_chain(const struct disk_element *top, struct disk *disk, struct error *err)
{
    struct disk_element link = *top;
    for (;;) {
        const xmlNode *format;
        const xmlNode *next;
        if (!xml_only_child(link.element, "backingStore", &next, err))
            return false;
        if (!next || (!xml_first(next) && !xmlHasProp(next, (const xmlChar *)"type")))
            return true;
        if (disk->backing_count >= CHAIN_LIMIT)
            return disk_contradiction(&link, "its chain of backing files is too long", err);
        link.element = next;
        struct backing_file *file = ARRAY_APPEND(disk->backing, disk->backing_count);
        if (!check_is_file(&link, "has a backing store", err) ||
            !xml_only_child(next, "format", &format, err) ||
            !read_format(&link, format, &file->format, err) || !read_file(&link, &file->path, err))
            return false;
    }
}

static bool check_id(const struct disk_element *source, const struct machine *machine, const char *id,
                     struct error *err)
{
    for (size_t i = 0; i < machine->disk_count; i++) {
        if (machine->disks[i].id && strcmp(machine->disks[i].id, id) == 0)
            return disk_contradiction(source, "another disk has the same target", err);
    }
    if (machine->disk_count < DISK_LIMIT)
        return true;
    error_set(err, RETURN_NOT_SUPPORTED, "domain-xml.disks", "the machine has more than %u disks",
              DISK_LIMIT);
    return error_next(err, "Add the machine by hand, with the disks that matter.");
}

/* What is a file, and cannot be a member all the same. */
static bool check_use(const struct disk_element *source, struct error *err)
{
    const xmlNode *file = xml_child(source->element, "source");
    if (xml_child(source->element, "mirror")) {
        error_set(err, RETURN_INVALID_STATE, "domain-xml.block-job", "disk %s: a block job runs on it",
                  source->id);
        return error_next(err, "Let it end or abort it, then read the definition again.");
    }
    if (xml_child(source->element, "shareable"))
        return disk_not_supported(
            source, "is shared between machines (<shareable/>): qcow2 cannot be shared between machines",
            "remove <shareable/> from the definition where no other machine uses it", err);
    return !file || !xmlHasProp(file, (const xmlChar *)"fdgroup") ||
           disk_not_supported(source, "is opened through file descriptors (fdgroup)",
                              "let the definition name the file alone", err);
}

static bool read_disk(struct disk *disk, struct disk_element *source, struct error *err)
{
    const xmlNode *driver;
    const xmlNode *file = xml_child(source->element, "source");
    CLEANUP_FREE char *path = file ? xml_attribute(file, "file") : NULL;
    source->path = path;
    bool ok = check_is_file(source, "is", err) && xml_only_child(source->element, "driver", &driver, err) &&
              read_format(source, driver, &disk->format, err) && read_file(source, &disk->path, err) &&
              check_use(source, err) && read_chain(source, disk, err);
    source->path = NULL;
    return ok;
}

/* device='disk', which is also what a missing device means. */
static const char *removable_kind(const xmlNode *element)
{
    if (xml_attribute_is(element, "device", "cdrom"))
        return "cdrom";
    return xml_attribute_is(element, "device", "floppy") ? "floppy" : NULL;
}

static bool is_without(const struct definition_without *without, const char *id)
{
    for (size_t i = 0; i < without->count; i++) {
        if (strcmp(without->names[i], id) == 0)
            return true;
    }
    return false;
}

static void leave_out(struct machine *machine, const struct disk_element *source, const char *removable,
                      bool by_operator)
{
    CLEANUP_FREE char *path = definition_source_text(xml_child(source->element, "source"));
    if (!path && !by_operator)
        return; /* an empty drive */
    definition_leave_out(machine, removable ? removable : "disk", source->id, path,
                         by_operator ? "is left out by the operator (--without)"
                                     : "is not a disk of the machine")
        ->by_operator = by_operator;
}

bool domain_disk_add(struct machine *machine, const xmlNode *element,
                     const struct definition_without *without, struct error *err)
{
    const xmlNode *target;
    struct disk_element source = {.element = element};
    const char *removable = removable_kind(element);
    if (!xml_only_child(element, "target", &target, err))
        return false;
    CLEANUP_FREE char *id = target ? xml_attribute(target, "dev") : NULL;
    source.id = id && *id ? id : NULL;
    bool by_operator = source.id && is_without(without, id);
    if (by_operator || removable) {
        leave_out(machine, &source, removable, by_operator);
        return true;
    }
    if (!source.id)
        return disk_contradiction(&source, "it needs <target dev=...>", err);
    CLEANUP_FREE char *device = xml_attribute(element, "device");
    if (device && strcmp(device, "disk") != 0)
        return disk_not_supported(&source, "is passed through to the machine", NULL, err);
    if (!check_id(&source, machine, id, err))
        return false;
    struct disk *disk = ARRAY_APPEND(machine->disks, machine->disk_count);
    disk->id = mem_strdup(id);
    return read_disk(disk, &source, err);
}

static void add_name(struct strbuf *names, const char *name)
{
    strbuf_addf(names, "%s%s", names->length > 0 ? ", " : "", name);
}

bool domain_disk_check_without(const struct machine *machine, const struct definition_without *without,
                               struct error *err)
{
    CLEANUP_STRBUF struct strbuf names = {0};
    const char *unknown = NULL;
    for (size_t i = 0; i < without->count && !unknown; i++) {
        unknown = without->names[i];
        for (size_t j = 0; j < machine->left_out_count && unknown; j++) {
            if (machine->left_out[j].by_operator && strcmp(machine->left_out[j].device, unknown) == 0)
                unknown = NULL;
        }
    }
    if (!unknown)
        return true;
    for (size_t i = 0; i < machine->disk_count; i++)
        add_name(&names, machine->disks[i].id);
    for (size_t i = 0; i < machine->left_out_count; i++) {
        if (machine->left_out[i].by_operator)
            add_name(&names, machine->left_out[i].device);
    }
    error_set(err, RETURN_INVALID_PARAMETER, "domain-xml.without", "the definition has no disk %s", unknown);
    error_cause(err, "it was to be left out; the disks that there are: %s",
                names.length > 0 ? names.data : "none");
    return error_next(err, "Name a disk by its target in the definition, such as vda.");
}
