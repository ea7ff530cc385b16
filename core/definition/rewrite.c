#include "core/definition/rewrite.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/definition/rewrite/edit.h"
#include "core/definition/rewrite/parts.h"
#include "core/definition/rewrite/print.h"
#include "core/syntax/xml.h"

static bool check_text(const char *what, const char *text, struct error *err)
{
    if (!text || xml_can_carry(text))
        return true;
    error_set(err, RETURN_INVALID_PARAMETER, "domain-xml.unwritable", "a definition cannot hold the %s %s",
              what, text);
    return error_next(err, "Give it another name: text in a definition is UTF-8 without control characters.");
}

/* libvirt's own rule for machines under QEMU; it would trim white space around the name. */
bool definition_check_name(const char *name, struct error *err)
{
    size_t length = strlen(name);
    bool spaced = length > 0 && (strchr(" \t\r\n", name[0]) || strchr(" \t\r\n", name[length - 1]));
    if (length > 0 && !spaced && !strpbrk(name, "/\n"))
        return check_text("name", name, err);
    error_set(err, RETURN_INVALID_PARAMETER, "domain-xml.name", "libvirt takes no machine of the name \"%s\"",
              name);
    return error_next(err, "Give a name without \"/\", line breaks, and spaces around it.");
}

static bool check_path(const char *path, struct error *err)
{
    if (*path == '/')
        return check_text("path", path, err);
    error_set(err, RETURN_INVALID_PARAMETER, "domain-xml.path", "the path %s is not absolute", path);
    return error_next(err, "Give the full path: libvirt would take it from a directory of its own.");
}

static bool check_change(const struct definition_change *change, struct error *err)
{
    const char *firmware = change->firmware;
    if (change->name && !definition_check_name(change->name, err))
        return false;
    for (size_t i = 0; i < change->disk_count; i++) {
        if (!check_text("disk", change->disks[i].id, err) || !check_path(change->disks[i].path, err))
            return false;
    }
    for (size_t i = 0; i < change->file_count; i++) {
        if (change->files[i].to && !check_path(change->files[i].to, err))
            return false;
    }
    if (!firmware || strcmp(firmware, "bios") == 0 || strcmp(firmware, "efi") == 0)
        return true;
    error_set(err, RETURN_INVALID_PARAMETER, "domain-xml.firmware", "there is no firmware %s", firmware);
    return error_next(err, "Give \"bios\" or \"efi\".");
}

static bool check_once(const xmlNode *parent, const char *const *names, size_t count, struct error *err)
{
    for (size_t i = 0; parent && i < count; i++) {
        const xmlNode *child;
        if (!xml_only_child(parent, names[i], &child, err))
            return false;
    }
    return true;
}

/* Of what is there twice, libvirt takes the first and others the last: which one to change is a guess. */
static bool check_definition(const struct edit *edit, struct error *err)
{
    static const char *const of_domain[] = {"name", "uuid",  "genid", "memory", "currentMemory", "maxMemory",
                                            "vcpu", "vcpus", "os",    "cpu",    "cputune",       "devices"};
    static const char *const of_os[] = {"type", "loader", "nvram", "kernel", "initrd", "cmdline", "dtb"};
    static const char *const of_cpu[] = {"topology", "numa"};
    static const char *const of_disk[] = {"driver", "source", "target"};
    const xmlNode *devices = edit_child(edit->domain, "devices");
    if (!check_once(edit->domain, of_domain, ARRAY_LENGTH(of_domain), err) ||
        !check_once(edit_child(edit->domain, "os"), of_os, ARRAY_LENGTH(of_os), err) ||
        !check_once(edit_child(edit->domain, "cpu"), of_cpu, ARRAY_LENGTH(of_cpu), err))
        return false;
    for (const xmlNode *disk = devices ? edit_first(devices) : NULL; disk; disk = edit_next(disk)) {
        if (edit_is(disk, "disk") && !check_once(disk, of_disk, ARRAY_LENGTH(of_disk), err))
            return false;
    }
    return true;
}

static bool rewrite(struct edit *edit, const struct definition_change *change, struct error *err)
{
    rewrite_running(edit);
    if (!rewrite_disks(edit, change, err))
        return false;
    rewrite_files(edit, change);
    rewrite_identity(edit, change);
    if (!rewrite_cpus(edit, change, err) || !rewrite_memory(edit, change, err))
        return false;
    rewrite_firmware(edit, change->firmware);
    return true;
}

/* A text in which nothing became different stays the text, unless it says that it is in another encoding than
 * the one it is kept in. */
static bool print(const struct edit *edit, const char *text, char **made, struct error *err)
{
    bool as_it_is = !edit->touched && print_is_utf8(text);
    *made = as_it_is ? mem_strdup(text) : print_xml(edit->document, text);
    if (strlen(*made) <= XML_LIMIT)
        return true;
    mem_replace(made, NULL);
    error_set(err, RETURN_INVALID_PARAMETER, "domain-xml.too-large",
              "the definition becomes larger than %zu bytes", XML_LIMIT);
    return error_next(err, "Take disks out of the machine, or what its definition holds beside them.");
}

bool definition_rewrite(const char *text, const struct definition_change *change, char **made, char ***notes,
                        size_t *note_count, struct error *err)
{
    struct edit edit;
    *made = NULL;
    *notes = NULL;
    *note_count = 0;
    if (!check_change(change, err) || !edit_open(&edit, text, err))
        return false;
    bool ok = check_definition(&edit, err) && rewrite(&edit, change, err) && print(&edit, text, made, err);
    if (ok) {
        *notes = edit.notes;
        *note_count = edit.note_count;
        edit.notes = NULL;
        edit.note_count = 0;
    }
    edit_close(&edit);
    return ok;
}
