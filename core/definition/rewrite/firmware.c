/* BIOS or UEFI. A PC without anything said has a BIOS; libvirt looks for a description of one where
 * firmware='bios' is said, and distributions have none. */
#include <string.h>

#include "core/base/mem.h"
#include "core/definition/rewrite/parts.h"
#include "core/syntax/xml.h"

static bool is_pc(const xmlNode *os)
{
    const xmlNode *type = edit_child(os, "type");
    return type && (xml_attribute_is(type, "arch", "x86_64") || xml_attribute_is(type, "arch", "i686"));
}

/* As domain_xml_read sees it; NULL: neither. */
static const char *current(const xmlNode *os)
{
    const xmlNode *loader = edit_child(os, "loader");
    if (xml_attribute_is(os, "firmware", "efi") || (loader && xml_attribute_is(loader, "type", "pflash")))
        return "efi";
    if (xml_attribute_is(os, "firmware", "bios") || (is_pc(os) && !loader))
        return "bios";
    return NULL;
}

/* libvirt refuses UEFI without it on PCs and on ARM; other machines have no UEFI firmware. */
static void add_acpi(struct edit *edit)
{
    xmlNode *features = edit_child(edit->domain, "features");
    if (!features)
        features = edit_insert_after(edit, edit_child(edit->domain, "os"), "features");
    if (edit_child(features, "acpi"))
        return;
    edit_append(edit, features, "acpi");
    edit_note(edit, "UEFI firmware wants ACPI, which the machine did not have: it was added.");
}

static void to_efi(struct edit *edit, xmlNode *os)
{
    if (edit_remove_children(edit, os, "loader"))
        edit_note(edit, "The loader that the definition named was no UEFI firmware: libvirt chooses one.");
    edit_set(edit, os, "firmware", "efi");
    add_acpi(edit);
}

static void to_bios(struct edit *edit, xmlNode *os)
{
    bool had_loader = edit_remove_children(edit, os, "loader");
    bool had_store = edit_remove_children(edit, os, "nvram");
    edit_remove_children(edit, os, "firmware"); /* the features that a firmware was to have */
    edit_set(edit, os, "firmware", is_pc(os) ? NULL : "bios");
    if (had_loader || had_store)
        edit_note(edit, "The loader and the variable store of the UEFI firmware were taken out with it.");
}

void rewrite_firmware(struct edit *edit, const char *firmware)
{
    if (!firmware)
        return;
    xmlNode *os = edit_child(edit->domain, "os");
    if (!os)
        os = edit_append(edit, edit->domain, "os");
    const char *is = current(os);
    if (is && strcmp(is, firmware) == 0)
        return;
    if (strcmp(firmware, "efi") == 0)
        to_efi(edit, os);
    else
        to_bios(edit, os);
}
