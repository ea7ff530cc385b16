#include "core/definition/refuse.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/mem.h"
#include "core/base/return_code.h"
#include "core/base/text.h"
#include "core/syntax/xml.h"

/* "--without vda", for a shell; the caller's. */
static char *without_option(const struct disk_element *disk)
{
    CLEANUP_FREE char *id = text_shell_quote(disk->id);
    return mem_format("--without %s", id);
}

bool disk_contradiction(const struct disk_element *disk, const char *why, struct error *err)
{
    error_set(err, RETURN_INVALID_PARAMETER, "domain-xml.disk", "disk %s: %s (line %ld)",
              disk->id ? disk->id : "without a target", why, xmlGetLineNo(disk->element));
    if (!disk->id)
        return error_next(
            err,
            "Take the definition as \"virsh dumpxml --inactive\" prints it, or add the machine by hand.");
    CLEANUP_FREE char *option = without_option(disk);
    return error_next(
        err, "Take the definition as \"virsh dumpxml --inactive\" prints it, or leave the disk out with %s.",
        option);
}

bool disk_not_supported(const struct disk_element *disk, const char *why, const char *otherwise,
                        struct error *err)
{
    CLEANUP_FREE char *option = without_option(disk);
    error_set(err, RETURN_NOT_SUPPORTED, "domain-xml.disk", "disk %s %s (line %ld)", disk->id, why,
              xmlGetLineNo(disk->element));
    if (!otherwise)
        error_cause(err, "only disks kept in raw or qcow2 image files can be members");
    return error_next(err, "Leave the disk out with %s (it is in no point then), or %s.", option,
                      otherwise ? otherwise : "move it into a raw or qcow2 image file");
}

static bool advise_volume(const struct disk_element *disk, struct error *err)
{
    const xmlNode *source = xml_child(disk->element, "source");
    CLEANUP_FREE char *pool = source ? xml_attribute(source, "pool") : NULL;
    CLEANUP_FREE char *volume = source ? xml_attribute(source, "volume") : NULL;
    CLEANUP_FREE char *quoted_pool = text_shell_quote(pool ? pool : "POOL");
    CLEANUP_FREE char *quoted_volume = text_shell_quote(volume ? volume : "VOLUME");
    CLEANUP_FREE char *option = without_option(disk);
    return error_next(
        err,
        "\"virsh vol-path --pool %s %s\" gives its file: let the definition name that "
        "(type='file', <source file=...>), or leave the disk out with %s (it is in no point then).",
        quoted_pool, quoted_volume, option);
}

bool disk_other_type(const struct disk_element *disk, const char *what, const char *type, struct error *err)
{
    CLEANUP_FREE char *why = mem_format("%s of the type \"%s\", not a file", what, type);
    disk_not_supported(disk, why, NULL, err);
    return strcmp(type, "volume") == 0 ? advise_volume(disk, err) : false;
}

bool disk_other_format(const struct disk_element *disk, const char *format, struct error *err)
{
    static const char *const readable[] = {"vmdk", "vdi",   "vhdx",  "vpc", "qed",   "qcow",
                                           "cow",  "bochs", "cloop", "dmg", "ploop", "parallels"};
    CLEANUP_FREE char *why = mem_format("has the format \"%s\"", format);
    bool converts = false;
    disk_not_supported(disk, why, NULL, err);
    for (size_t i = 0; i < ARRAY_LENGTH(readable) && !converts; i++)
        converts = strcasecmp(format, readable[i]) == 0;
    if (!converts)
        return false;
    CLEANUP_FREE char *path = text_shell_quote(disk->path ? disk->path : "IMAGE");
    CLEANUP_FREE char *option = without_option(disk);
    return error_next(err,
                      "Convert it (qemu-img convert -O qcow2 %s NEW.qcow2) and let the definition name the "
                      "new image as qcow2, or leave the disk out with %s (it is in no point then).",
                      path, option);
}
